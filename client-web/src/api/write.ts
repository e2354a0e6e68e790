// Every write of the client goes through here: a key that makes sending again safe, two quiet retries when nobody
// answered, and the lists that have changed asked for anew.
import { useMutation, useQueryClient, type QueryKey } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'
import { keyOf, settleKey } from './drafts'
import { isPassing } from './problem'

interface Write<Content, Reply> {
  /** Names what is being done, with the id of what it is done to: 'evaluation.<id>'. */
  draft: MaybeRefOrGetter<string>
  send: (content: Content, key: string) => Promise<Reply>
  /** Beginnings of the query keys that are out of date afterwards. */
  changes?: readonly QueryKey[]
  done?: (reply: Reply, content: Content) => void
}

export function useWrite<Content, Reply>(write: Write<Content, Reply>) {
  const queries = useQueryClient()
  return useMutation<Reply, Error, Content>({
    networkMode: 'always',
    retry: (count, error) => count < 2 && isPassing(error) && navigator.onLine,
    retryDelay: (count) => 600 * 2 ** count,
    mutationFn: async (content) => {
      const draft = toValue(write.draft)
      const reply = await write.send(content, keyOf(draft, content))
      settleKey(draft)
      return reply
    },
    onSuccess: async (reply, content) => {
      write.done?.(reply, content)
      await Promise.all((write.changes ?? []).map((queryKey) => queries.invalidateQueries({ queryKey })))
    },
  })
}
