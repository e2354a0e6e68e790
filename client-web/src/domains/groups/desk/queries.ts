// Groups and heads as the desk keeps them.
import { useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'
import { api, type Schema } from '@/api/client'
import { usePages } from '@/api/pages'
import { answer } from '@/api/problem'
import { walk } from '@/api/walk'
import { useWrite } from '@/api/write'

export type GroupSummary = Schema<'GroupSummary'>
export type Group = Schema<'Group'>
export type GroupMember = Schema<'GroupMember'>

export interface GroupFilter {
  unit?: string
  kind?: GroupSummary['kind']
  as_of?: string
}

export function useGroups(filter: MaybeRefOrGetter<GroupFilter>, enabled?: MaybeRefOrGetter<boolean>) {
  return usePages({
    key: ['groups', 'list', filter],
    enabled,
    page: (cursor) =>
      answer(api.GET('/groups', { params: { query: { ...toValue(filter), limit: 100, cursor } } })),
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

export function useCreateHead() {
  return useWrite({
    draft: 'head',
    send: (body: Schema<'HeadRequest'>, key) =>
      answer(api.POST('/heads', { params: { header: { 'Idempotency-Key': key } }, body })),
    changes: [['heads'], ['units']],
  })
}

export function useEndHead(head: MaybeRefOrGetter<string>) {
  return useWrite({
    draft: () => `head-end.${toValue(head)}`,
    send: (body: Schema<'HeadEndRequest'>, key) =>
      answer(
        api.POST('/heads/{head_id}/end', {
          params: { path: { head_id: toValue(head) }, header: { 'Idempotency-Key': key } },
          body,
        }),
      ),
    changes: [['heads'], ['units']],
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
