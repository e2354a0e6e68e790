// What every dialog of a file does alike: send, close when the server has agreed, stay open when it has not.
import type { Ref } from 'vue'

interface Sending<Body> {
  mutateAsync: (body: Body) => Promise<unknown>
}

export function sender<Body>(write: Sending<Body>, open: Ref<boolean>) {
  return async (body: Body | undefined): Promise<void> => {
    if (body === undefined) return
    try {
      await write.mutateAsync(body)
      open.value = false
    } catch {
      // The dialog shows the problem.
    }
  }
}
