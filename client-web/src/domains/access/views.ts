// Views of the desk's lists that a person has given a name: the query of the list's address, kept by the server.
import { useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'
import { api, type Schema } from '@/api/client'
import { answer } from '@/api/problem'
import { walk } from '@/api/walk'
import { useWrite } from '@/api/write'

export type SavedView = Schema<'View'>

export function useViews(list: MaybeRefOrGetter<string>, enabled: MaybeRefOrGetter<boolean>) {
  return useQuery({
    queryKey: ['views', list],
    enabled: () => toValue(enabled),
    queryFn: async () =>
      (
        await walk((cursor) =>
          answer(api.GET('/me/views', { params: { query: { list: toValue(list), limit: 50, cursor } } })),
        )
      ).items,
  })
}

export function usePutView() {
  return useWrite({
    draft: 'view',
    // The id is the client's: putting twice keeps one.
    send: ({ id, ...body }: Schema<'ViewRequest'> & { id: string }) =>
      answer(api.PUT('/me/views/{view_id}', { params: { path: { view_id: id } }, body })),
    changes: [['views']],
  })
}

export function useDeleteView() {
  return useWrite({
    draft: 'view-deleted',
    send: (id: string) => answer(api.DELETE('/me/views/{view_id}', { params: { path: { view_id: id } } })),
    changes: [['views']],
  })
}
