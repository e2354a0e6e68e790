// Points: what I hold, what I can have for them, what I have reserved.
import { useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { api, type Schema } from '@/api/client'
import { usePages } from '@/api/pages'
import { answer } from '@/api/problem'
import { walk } from '@/api/walk'
import { useWrite } from '@/api/write'
import { useLogin } from '@/stores/login'

export type Account = Schema<'Account'>
export type Entry = Schema<'Entry'>
export type Reward = Schema<'Reward'>
export type Redemption = Schema<'Redemption'>

const changed = [['accounts'], ['rewards'], ['redemptions']] as const

export function useAccount(
  id: MaybeRefOrGetter<string | null | undefined>,
  asOf?: MaybeRefOrGetter<string | undefined>,
) {
  return useQuery({
    queryKey: ['accounts', 'one', id, asOf],
    enabled: () => Boolean(toValue(id)),
    queryFn: () =>
      answer(
        api.GET('/accounts/{account_id}', {
          params: { path: { account_id: toValue(id)! }, query: { as_of: toValue(asOf) } },
        }),
      ),
  })
}

/** My own account of points. */
export function useMyAccount() {
  const login = useLogin()
  return useAccount(() => login.me?.account_id)
}

export function useAccounts(person: MaybeRefOrGetter<string | undefined>) {
  return usePages({
    key: ['accounts', 'list', person],
    enabled: () => Boolean(toValue(person)),
    page: (cursor) =>
      answer(api.GET('/accounts', { params: { query: { person: toValue(person), cursor } } })),
  })
}

export function useEntries(
  account: MaybeRefOrGetter<string | null | undefined>,
  kind?: MaybeRefOrGetter<Entry['kind'] | undefined>,
) {
  return usePages({
    key: ['accounts', 'entries', account, kind],
    enabled: () => Boolean(toValue(account)),
    exported: true,
    page: (cursor, as) =>
      answer(
        api.GET('/accounts/{account_id}/entries', {
          params: {
            path: { account_id: toValue(account)! },
            query: { kind: toValue(kind), cursor, limit: 30 },
          },
          ...as,
        }),
      ),
  })
}

export function useRewards(unit?: MaybeRefOrGetter<string | undefined>) {
  return usePages({
    key: ['rewards', unit],
    page: (cursor) => answer(api.GET('/rewards', { params: { query: { unit: toValue(unit), cursor } } })),
  })
}

/** One reward, out of the list that is on offer today. */
export function useReward(id: MaybeRefOrGetter<string>) {
  const rewards = useRewards()
  const reward = computed(() => rewards.data.value?.find((one) => one.id === toValue(id)))
  return { ...rewards, data: computed(() => (rewards.data.value ? { reward: reward.value } : undefined)) }
}

export interface RedemptionFilter {
  person?: string
  unit?: string
  state?: Redemption['state']
  collection_code?: string
  /** Rows a page. */
  limit?: number
}

export function useRedemptions(
  filter: MaybeRefOrGetter<RedemptionFilter> = {},
  enabled?: MaybeRefOrGetter<boolean>,
) {
  return usePages({
    key: ['redemptions', 'list', filter],
    enabled,
    exported: true,
    page: (cursor, as) =>
      answer(api.GET('/redemptions', { params: { query: { ...toValue(filter), cursor } }, ...as })),
  })
}

export function useRedemption(id: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: ['redemptions', 'one', id],
    queryFn: () =>
      answer(api.GET('/redemptions/{redemption_id}', { params: { path: { redemption_id: toValue(id) } } })),
    // The counter may hand the thing out while the code is on screen.
    refetchInterval: (query) => (query.state.data?.state === 'reserved' ? 5_000 : false),
  })
}

export function useRedeem(reward: MaybeRefOrGetter<string>) {
  return useWrite({
    draft: () => `redemption.${toValue(reward)}`,
    send: (body: Schema<'RedemptionRequest'>, key) =>
      answer(api.POST('/redemptions', { params: { header: { 'Idempotency-Key': key } }, body })),
    changes: changed,
  })
}

export function useCollect(redemption: MaybeRefOrGetter<string>) {
  return useWrite({
    draft: () => `collection.${toValue(redemption)}`,
    send: (body: Schema<'CollectionRequest'>, key) =>
      answer(
        api.POST('/redemptions/{redemption_id}/collection', {
          params: { path: { redemption_id: toValue(redemption) }, header: { 'Idempotency-Key': key } },
          body,
        }),
      ),
    changes: changed,
  })
}

export function useCancelRedemption(redemption: MaybeRefOrGetter<string>) {
  return useWrite({
    draft: () => `cancellation.${toValue(redemption)}`,
    send: (_nothing: void, key) =>
      answer(
        api.POST('/redemptions/{redemption_id}/cancellation', {
          params: { path: { redemption_id: toValue(redemption) }, header: { 'Idempotency-Key': key } },
        }),
      ),
    changes: changed,
  })
}

/** What waits at the counter of a place for the people who live there. */
export const reservedQuery = (unit: string) => ({
  queryKey: ['redemptions', 'reserved', unit] as const,
  queryFn: async () =>
    (
      await walk((cursor) =>
        answer(
          api.GET('/redemptions', { params: { query: { unit, state: 'reserved', limit: 200, cursor } } }),
        ),
      )
    ).items,
})
