// Residents' groups, and the heads of buildings, lanes and streets.
import { useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'
import { api, type Schema } from '@/api/client'
import { usePages } from '@/api/pages'
import { answer } from '@/api/problem'
import { useWrite } from '@/api/write'

export type Head = Schema<'Head'>
export type HeadCard = Schema<'HeadCard'>
export type GroupSummary = Schema<'GroupSummary'>
export type Group = Schema<'Group'>
export type GroupMember = Schema<'GroupMember'>
export type JoinRequest = Schema<'JoinRequest'>
export type HelpRequest = Schema<'HelpRequest'>

const keyed = (key: string) => ({ 'Idempotency-Key': key })

export interface HeadFilter {
  unit?: string
  kind?: Head['kind']
  as_of?: string
  /** Rows a page. */
  limit?: number
}

export function useHeads(filter: MaybeRefOrGetter<HeadFilter>, enabled?: MaybeRefOrGetter<boolean>) {
  return usePages({
    key: ['heads', filter],
    enabled,
    exported: true,
    page: (cursor, as) =>
      answer(api.GET('/heads', { params: { query: { ...toValue(filter), cursor } }, ...as })),
  })
}

/** The heads of where I live, nearest first, with what they let the area see. */
export function useMyHeads(enabled?: MaybeRefOrGetter<boolean>) {
  return usePages({
    key: ['heads', 'mine'],
    enabled,
    exported: true,
    page: (cursor, as) => answer(api.GET('/me/heads', { params: { query: { limit: 50, cursor } }, ...as })),
  })
}

/** The whole card is written: what is absent is taken back. */
export function useWriteCard(head: MaybeRefOrGetter<string>) {
  return useWrite({
    draft: () => `head-card.${toValue(head)}`,
    send: (body: Schema<'HeadCardRequest'>, key) =>
      answer(
        api.PATCH('/heads/{head_id}/card', {
          params: { path: { head_id: toValue(head) }, header: keyed(key) },
          body,
        }),
      ),
    changes: [['heads']],
  })
}

export interface GroupFilter {
  unit?: string
  kind?: GroupSummary['kind']
  as_of?: string
}

export function useGroups(filter: MaybeRefOrGetter<GroupFilter>, enabled?: MaybeRefOrGetter<boolean>) {
  return usePages({
    key: ['groups', 'list', filter],
    enabled,
    exported: true,
    page: (cursor, as) =>
      answer(api.GET('/groups', { params: { query: { ...toValue(filter), limit: 100, cursor } }, ...as })),
  })
}

export function useGroup(id: MaybeRefOrGetter<string>, asOf?: MaybeRefOrGetter<string | undefined>) {
  return useQuery({
    queryKey: ['groups', 'one', id, asOf],
    queryFn: () =>
      answer(
        api.GET('/groups/{group_id}', {
          params: { path: { group_id: toValue(id) }, query: { as_of: toValue(asOf) } },
        }),
      ),
  })
}

export function useEndMembership(group: MaybeRefOrGetter<string>) {
  return useWrite({
    draft: () => `group-member-end.${toValue(group)}`,
    send: ({ person, ...body }: Schema<'GroupMemberEndRequest'> & { person: string }, key) =>
      answer(
        api.POST('/groups/{group_id}/members/{person_id}/end', {
          params: {
            path: { group_id: toValue(group), person_id: person },
            header: { 'Idempotency-Key': key },
          },
          body,
        }),
      ),
    changes: [['groups'], ['people']],
  })
}

export const useJoinRequests = (
  group: MaybeRefOrGetter<string>,
  state?: MaybeRefOrGetter<JoinRequest['state'] | undefined>,
) =>
  usePages({
    key: ['groups', 'requests', group, state],
    exported: true,
    page: (cursor, as) =>
      answer(
        api.GET('/groups/{group_id}/join-requests', {
          params: { path: { group_id: toValue(group) }, query: { state: toValue(state), limit: 50, cursor } },
          ...as,
        }),
      ),
  })

export const useAskToJoin = (group: MaybeRefOrGetter<string>) =>
  useWrite({
    draft: () => `join-request.${toValue(group)}`,
    send: (body: Schema<'JoinRequestRequest'>, key) =>
      answer(
        api.POST('/groups/{group_id}/join-requests', {
          params: { path: { group_id: toValue(group) }, header: keyed(key) },
          body,
        }),
      ),
    changes: [['groups']],
  })

export const decideJoin = (request: string, body: Schema<'JoinDecision'>, key: string) =>
  answer(
    api.POST('/join-requests/{join_request_id}/decision', {
      params: { path: { join_request_id: request }, header: keyed(key) },
      body,
    }),
  )

export const useDecideJoin = (request: MaybeRefOrGetter<string>) =>
  useWrite({
    draft: () => `join-decision.${toValue(request)}`,
    send: (body: Schema<'JoinDecision'>, key) => decideJoin(toValue(request), body, key),
    changes: [['groups']],
  })

// Neighbour help: a request, offers, done, thanks.

export const useHelpRequests = (mine: MaybeRefOrGetter<boolean>) =>
  usePages({
    key: ['help', 'list', mine],
    exported: true,
    page: (cursor, as) =>
      answer(
        api.GET('/help-requests', {
          params: { query: { ...(toValue(mine) ? { mine: 'true' as const } : {}), limit: 30, cursor } },
          ...as,
        }),
      ),
  })

export const useHelpRequest = (id: MaybeRefOrGetter<string>) =>
  useQuery({
    queryKey: ['help', 'one', id],
    queryFn: () =>
      answer(
        api.GET('/help-requests/{help_request_id}', { params: { path: { help_request_id: toValue(id) } } }),
      ),
  })

export const useAskForHelp = () =>
  useWrite({
    draft: 'help-request',
    send: (body: Schema<'HelpRequestRequest'>, key) =>
      answer(api.POST('/help-requests', { params: { header: keyed(key) }, body })),
    changes: [['help']],
  })

function useHelpDeed<Body>(
  deed: string,
  id: MaybeRefOrGetter<string>,
  send: (
    params: { path: { help_request_id: string }; header: { 'Idempotency-Key': string } },
    body: Body,
  ) => Promise<HelpRequest>,
) {
  return useWrite({
    draft: () => `help-${deed}.${toValue(id)}`,
    send: (body: Body, key) => send({ path: { help_request_id: toValue(id) }, header: keyed(key) }, body),
    changes: [['help']],
  })
}
export const useOfferHelp = (id: MaybeRefOrGetter<string>) =>
  useHelpDeed('offer', id, (params, body: Schema<'HelpOfferRequest'>) =>
    answer(api.POST('/help-requests/{help_request_id}/offers', { params, body })),
  )
export const useCompleteHelp = (id: MaybeRefOrGetter<string>) =>
  useHelpDeed<void>('completion', id, (params) =>
    answer(api.POST('/help-requests/{help_request_id}/completion', { params })),
  )
export const useWithdrawHelp = (id: MaybeRefOrGetter<string>) =>
  useHelpDeed<void>('withdrawal', id, (params) =>
    answer(api.POST('/help-requests/{help_request_id}/withdrawal', { params })),
  )
export const useThank = (id: MaybeRefOrGetter<string>) =>
  useHelpDeed('thanks', id, (params, body: Schema<'HelpThanks'>) =>
    answer(api.POST('/help-requests/{help_request_id}/thanks', { params, body })),
  )
export const useAcceptOffer = () =>
  useWrite({
    draft: 'help-acceptance',
    send: (offer: string, key) =>
      answer(
        api.POST('/help-offers/{offer_id}/acceptance', {
          params: { path: { offer_id: offer }, header: keyed(key) },
        }),
      ),
    changes: [['help']],
  })
