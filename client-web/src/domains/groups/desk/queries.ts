// Groups and heads as the desk keeps them.
import { toValue, type MaybeRefOrGetter } from 'vue'
import { api, type Schema } from '@/api/client'
import { answer } from '@/api/problem'
import { walk } from '@/api/walk'
import { useWrite } from '@/api/write'

export {
  useEndMembership,
  useGroup,
  useGroups,
  type Group,
  type GroupMember,
  type GroupSummary,
} from '../queries'

export function useFoundGroup() {
  return useWrite({
    draft: 'group',
    send: (body: Schema<'GroupRequest'>, key) =>
      answer(api.POST('/groups', { params: { header: { 'Idempotency-Key': key } }, body })),
    changes: [['groups']],
  })
}

export function useAddMember(group: MaybeRefOrGetter<string>) {
  return useWrite({
    draft: () => `group-member.${toValue(group)}`,
    send: (body: Schema<'GroupMemberRequest'>, key) =>
      answer(
        api.POST('/groups/{group_id}/members', {
          params: { path: { group_id: toValue(group) }, header: { 'Idempotency-Key': key } },
          body,
        }),
      ),
    changes: [['groups'], ['people']],
  })
}

export function useCreateHead() {
  return useWrite({
    draft: 'head',
    send: (body: Schema<'HeadRequest'>, key) =>
      answer(api.POST('/heads', { params: { header: { 'Idempotency-Key': key } }, body })),
    changes: [['heads'], ['units']],
  })
}

export const headsChanged = [['heads'], ['units']] as const

export const endHead = (id: string, body: Schema<'HeadEndRequest'>, key: string) =>
  answer(
    api.POST('/heads/{head_id}/end', {
      params: { path: { head_id: id }, header: { 'Idempotency-Key': key } },
      body,
    }),
  )

export function useEndHead(head: MaybeRefOrGetter<string>) {
  return useWrite({
    draft: () => `head-end.${toValue(head)}`,
    send: (body: Schema<'HeadEndRequest'>, key) => endHead(toValue(head), body, key),
    changes: headsChanged,
  })
}

/** Heads of a place whose term is over before that day. */
export const headsEndingQuery = (unit: string, endingBefore: string) => ({
  queryKey: ['heads', 'ending', unit, endingBefore] as const,
  staleTime: 300_000,
  queryFn: async () =>
    (
      await walk((cursor) =>
        answer(
          api.GET('/heads', {
            params: { query: { unit, ending_before: endingBefore, limit: 200, cursor } },
          }),
        ),
      )
    ).items,
})
