// The roll whole, for choosing somebody from it by name.
import { useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'
import { api } from '@/api/client'
import { answer } from '@/api/problem'
import { walk } from '@/api/walk'

/** A community's roll; more than this is searched in the table of the roll. */
const pages = 30

export function useWholeRoll(election: MaybeRefOrGetter<string>, enabled?: MaybeRefOrGetter<boolean>) {
  return useQuery({
    queryKey: ['elections', 'roll', election],
    enabled: () => toValue(enabled) ?? true,
    queryFn: async () =>
      (
        await walk(
          (cursor) =>
            answer(
              api.GET('/elections/{election_id}/voters', {
                params: { path: { election_id: toValue(election) }, query: { limit: 200, cursor } },
              }),
            ),
          pages,
        )
      ).items,
  })
}
