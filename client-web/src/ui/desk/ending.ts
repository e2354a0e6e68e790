// One row of a list that is being ended: which one, its dialog, and the deed itself.
import { computed, shallowRef, type Ref } from 'vue'

interface Mutation<Body> {
  reset: () => void
  mutateAsync: (body: Body) => Promise<unknown>
  isPending: Readonly<Ref<boolean>>
  error: Readonly<Ref<Error | null>>
}

export function useEnding<Row extends { id: string }, Body>(mutation: (id: () => string) => Mutation<Body>) {
  const row = shallowRef<Row>()
  const end = mutation(() => row.value?.id ?? '')
  const open = computed({
    get: () => row.value !== undefined,
    set: (now) => {
      if (!now) row.value = undefined
    },
  })

  function ask(one: Row): void {
    end.reset()
    row.value = one
  }
  async function finish(body: Body): Promise<void> {
    try {
      await end.mutateAsync(body)
      row.value = undefined
    } catch {
      // Shown in the dialog.
    }
  }
  return { row, open, busy: end.isPending, error: end.error, ask, finish }
}
