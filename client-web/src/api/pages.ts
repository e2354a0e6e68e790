// A list of the contract (items and next_cursor) as one growing list, and whole as a file.
import { useInfiniteQuery, type QueryKey } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'

interface Page<Item> {
  items: Item[]
  next_cursor: string | null
}

/** Part of a request: as what the list is wanted, when not as a page. */
export interface As {
  headers?: Record<string, string>
  parseAs?: 'json'
}

export type FileStream = ReadableStream<Uint8Array<ArrayBuffer>>

export function usePages<Item>(list: {
  /** May hold refs and getters; a change asks anew. */
  key: QueryKey
  enabled?: MaybeRefOrGetter<boolean>
  /** `page` hands `as` on to the request: the list can be taken whole, as a file. */
  exported?: boolean
  page: (cursor: string | undefined, as?: As) => Promise<Page<Item>>
}) {
  const query = useInfiniteQuery({
    queryKey: list.key,
    enabled: () => toValue(list.enabled) ?? true,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => list.page(pageParam),
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  })
  const data = computed(() => query.data.value?.pages.flatMap((one) => one.items))
  // The contract's types know pages of JSON only; what comes back here is the body itself.
  const take = (type: string) =>
    list.page(undefined, {
      headers: { Accept: type },
      parseAs: 'stream' as 'json',
    }) as unknown as Promise<FileStream>
  return {
    data,
    error: query.error,
    isPending: query.isPending,
    isFetching: query.isFetching,
    fetchStatus: query.fetchStatus,
    refetch: query.refetch,
    hasMore: query.hasNextPage,
    more: () => query.fetchNextPage(),
    take: list.exported ? take : undefined,
  }
}
