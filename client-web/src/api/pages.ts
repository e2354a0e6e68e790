// A list of the contract (items and next_cursor) as one growing list.
import { useInfiniteQuery, type QueryKey } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'

interface Page<Item> {
  items: Item[]
  next_cursor: string | null
}

export function usePages<Item>(list: {
  /** May hold refs and getters; a change asks anew. */
  key: QueryKey
  enabled?: MaybeRefOrGetter<boolean>
  page: (cursor: string | undefined) => Promise<Page<Item>>
}) {
  const query = useInfiniteQuery({
    queryKey: list.key,
    enabled: () => toValue(list.enabled) ?? true,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => list.page(pageParam),
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  })
  const data = computed(() => query.data.value?.pages.flatMap((one) => one.items))
  return {
    data,
    error: query.error,
    isPending: query.isPending,
    isFetching: query.isFetching,
    fetchStatus: query.fetchStatus,
    refetch: query.refetch,
    hasMore: query.hasNextPage,
    more: () => query.fetchNextPage(),
  }
}
