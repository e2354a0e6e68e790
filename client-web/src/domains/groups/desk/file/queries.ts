// A group's file: charters, meetings, requests to join, representatives.
import { toValue, type MaybeRefOrGetter } from 'vue'
import { api, type Schema } from '@/api/client'
import { usePages } from '@/api/pages'
import { answer } from '@/api/problem'
import { useWrite } from '@/api/write'

export type Charter = Schema<'Charter'>
export type Meeting = Schema<'GroupMeeting'>
export type Representative = Schema<'Representative'>
export type RepresentativeCoverage = Schema<'RepresentativeCoverage'>

type Id = MaybeRefOrGetter<string>
const header = (key: string) => ({ 'Idempotency-Key': key })

export const useCharters = (group: Id) =>
  usePages({
    key: ['groups', 'charters', group],
    exported: true,
    page: (cursor, as) =>
      answer(
        api.GET('/groups/{group_id}/charters', {
          params: { path: { group_id: toValue(group) }, query: { limit: 50, cursor } },
          ...as,
        }),
      ),
  })

export const useAdoptCharter = (group: Id) =>
  useWrite({
    draft: () => `charter.${toValue(group)}`,
    send: (body: Schema<'CharterRequest'>, key) =>
      answer(
        api.POST('/groups/{group_id}/charters', {
          params: { path: { group_id: toValue(group) }, header: header(key) },
          body,
        }),
      ),
    changes: [['groups', 'charters']],
  })

export const useSubmitCharter = () =>
  useWrite({
    draft: 'charter-submission',
    send: (charter: string, key) =>
      answer(
        api.POST('/charters/{charter_id}/submission', {
          params: { path: { charter_id: charter }, header: header(key) },
        }),
      ),
    changes: [['groups', 'charters']],
  })

export const useDecideCharter = (charter: Id) =>
  useWrite({
    draft: () => `charter-decision.${toValue(charter)}`,
    send: (body: Schema<'CharterDecision'>, key) =>
      answer(
        api.POST('/charters/{charter_id}/decision', {
          params: { path: { charter_id: toValue(charter) }, header: header(key) },
          body,
        }),
      ),
    changes: [['groups', 'charters']],
  })

export const useMeetings = (group: Id) =>
  usePages({
    key: ['groups', 'meetings', group],
    exported: true,
    page: (cursor, as) =>
      answer(
        api.GET('/groups/{group_id}/meetings', {
          params: { path: { group_id: toValue(group) }, query: { limit: 50, cursor } },
          ...as,
        }),
      ),
  })

export const useCallMeeting = (group: Id) =>
  useWrite({
    draft: () => `group-meeting.${toValue(group)}`,
    send: (body: Schema<'GroupMeetingRequest'>, key) =>
      answer(
        api.POST('/groups/{group_id}/meetings', {
          params: { path: { group_id: toValue(group) }, header: header(key) },
          body,
        }),
      ),
    changes: [['groups', 'meetings']],
  })

export const useMinutes = (meeting: Id) =>
  useWrite({
    draft: () => `group-minutes.${toValue(meeting)}`,
    send: (body: Schema<'GroupMinutesRequest'>, key) =>
      answer(
        api.POST('/group-meetings/{meeting_id}/minutes', {
          params: { path: { meeting_id: toValue(meeting) }, header: header(key) },
          body,
        }),
      ),
    changes: [['groups', 'meetings']],
  })

export const useRepresentatives = (
  filter: MaybeRefOrGetter<{ group?: string; unit?: string; as_of?: string }>,
) =>
  usePages({
    key: ['representatives', 'list', filter],
    exported: true,
    page: (cursor, as) =>
      answer(
        api.GET('/representatives', { params: { query: { ...toValue(filter), limit: 100, cursor } }, ...as }),
      ),
  })

export const useCreateRepresentative = (group: Id) =>
  useWrite({
    draft: () => `representative.${toValue(group)}`,
    send: (body: Schema<'RepresentativeRequest'>, key) =>
      answer(
        api.POST('/groups/{group_id}/representatives', {
          params: { path: { group_id: toValue(group) }, header: header(key) },
          body,
        }),
      ),
    changes: [['representatives']],
  })

export const useEndRepresentative = (id: Id) =>
  useWrite({
    draft: () => `representative-end.${toValue(id)}`,
    send: (body: Schema<'RepresentativeEnd'>, key) =>
      answer(
        api.POST('/representatives/{representative_id}/end', {
          params: { path: { representative_id: toValue(id) }, header: header(key) },
          body,
        }),
      ),
    changes: [['representatives']],
  })

export const useRepresentativeCoverage = (
  filter: MaybeRefOrGetter<{ unit?: string; state?: RepresentativeCoverage['state']; as_of?: string }>,
) =>
  usePages({
    key: ['representatives', 'coverage', filter],
    exported: true,
    page: (cursor, as) =>
      answer(
        api.GET('/representative-coverage', {
          params: { query: { ...toValue(filter), limit: 100, cursor } },
          ...as,
        }),
      ),
  })
