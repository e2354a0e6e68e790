// A file goes up part by part. A lost connection is waited for; after a reload the same file, chosen again, goes on where it
// stopped: what has been begun is kept as a draft.
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { dropDraft, loadDraft, saveDraft } from '@/api/drafts'
import { newId } from '@/api/ids'
import { isPassing, Problem } from '@/api/problem'
import { putPart, receivedOf, type ImportKind } from '../queries'

/** The server keeps whole pieces of 64 KiB. */
const part = 8 * 65_536
const draft = 'import-upload'

export interface Begun {
  id: string
  kind: ImportKind
  name: string
  size: number
  modified: number
  sent: number
}

export function useUpload() {
  const begun = ref(loadDraft<Begun>(draft))
  const file = shallowRef<File>()
  const waiting = ref(false)
  const error = shallowRef<Error | null>(null)
  const busy = computed(() => file.value !== undefined && error.value === null)
  let left = false
  onScopeDispose(() => (left = true))

  function isSame(one: File, kind: ImportKind): boolean {
    const known = begun.value
    return (
      known !== undefined &&
      known.kind === kind &&
      known.name === one.name &&
      known.size === one.size &&
      known.modified === one.lastModified
    )
  }

  function keep(one: Begun): void {
    begun.value = one
    saveDraft(draft, one)
  }

  function forget(): void {
    begun.value = undefined
    file.value = undefined
    error.value = null
    dropDraft(draft)
  }

  /** Sends the file; answers its id, or undefined when the page was left or the server refused (see `error`). */
  async function send(one: File, kind: ImportKind): Promise<string | undefined> {
    const again = isSame(one, kind)
    if (!again) {
      keep({ id: newId(), kind, name: one.name, size: one.size, modified: one.lastModified, sent: 0 })
    }
    file.value = one
    error.value = null
    try {
      return await sendRest(one, again)
    } catch (problem) {
      error.value = problem as Error
      return undefined
    } finally {
      waiting.value = false
      if (error.value === null) file.value = undefined
    }
  }

  async function sendRest(one: File, again: boolean): Promise<string | undefined> {
    let ask = again
    for (let losses = 0; !left && begun.value;) {
      const now = begun.value
      try {
        const at = ask ? ((await receivedOf(now.id)) ?? 0) : now.sent
        ask = false
        const end = Math.min(at + part, one.size)
        const sent = at < one.size ? await putPart(now.id, one, at, end) : at
        losses = 0
        waiting.value = false
        keep({ ...now, sent })
        if (sent >= one.size) return now.id
      } catch (problem) {
        if (!isPassing(problem) && !(problem instanceof Problem && problem.code === 'upload_elsewhere'))
          throw problem
        ask = true
        waiting.value = isPassing(problem)
        if (waiting.value) await pause(Math.min(500 * 2 ** losses++, 8_000))
      }
    }
    return undefined
  }

  return { begun, busy, waiting, error, send, forget }
}

/** So long, or until the network is back. */
function pause(most: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      removeEventListener('online', done)
      resolve()
    }
    const timer = setTimeout(done, most)
    addEventListener('online', done)
  })
}
