// People, dwellings, households and requests as the desk keeps them.
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'
import { api, type Schema } from '@/api/client'
import { usePages } from '@/api/pages'
import { answer } from '@/api/problem'
import { useWrite } from '@/api/write'

export type Candidate = Schema<'DuplicateCandidate'>
export type Dwelling = Schema<'Dwelling'>
export type Owner = Schema<'Owner'>
export type OneTimeCode = Schema<'OneTimeCode'>
export type DataRequest = Schema<'DataRequest'>
export type CareMark = Schema<'CareMark'>
export type PasswordReset = Schema<'PasswordReset'>
export type Guardianship = Schema<'Guardianship'>
export type NearRelative = Schema<'NearRelative'>
export type RecordEntry = Schema<'PersonRecordEntry'>

type Id = MaybeRefOrGetter<string>
const person = (id: Id) => ({ person_id: toValue(id) })
const keyed = (key: string) => ({ 'Idempotency-Key': key })
const everything = [['people'], ['households'], ['dwellings']]

/** Compares exactly and remembers nothing: what is typed are identity numbers. */
export function useDuplicates() {
  return useMutation<Schema<'DuplicateCandidates'>, Error, Schema<'DuplicateQuestion'>>({
    mutationFn: (body) => answer(api.POST('/people/duplicate-search', { body })),
  })
}

export function useRegister() {
  return useWrite({
    draft: 'person',
    send: (body: Schema<'PersonRequest'>, key) =>
      answer(api.POST('/people', { params: { header: keyed(key) }, body })),
    changes: everything,
  })
}

export function useCorrect(id: Id, version: MaybeRefOrGetter<number>) {
  return useWrite({
    draft: () => `person-correction.${toValue(id)}`,
    send: (body: Schema<'PersonChange'>, key) =>
      answer(
        api.PATCH('/people/{person_id}', {
          params: { path: person(id), header: { ...keyed(key), 'If-Match': `"${toValue(version)}"` } },
          body,
        }),
      ),
    changes: everything,
  })
}

export function useMove(id: Id) {
  return useWrite({
    draft: () => `move.${toValue(id)}`,
    send: (body: Schema<'MoveRequest'>, key) =>
      answer(
        api.POST('/people/{person_id}/moves', { params: { path: person(id), header: keyed(key) }, body }),
      ),
    changes: everything,
  })
}

export function useRecordDeath(id: Id) {
  return useWrite({
    draft: () => `death.${toValue(id)}`,
    send: (body: Schema<'DeathRequest'>, key) =>
      answer(
        api.POST('/people/{person_id}/death', { params: { path: person(id), header: keyed(key) }, body }),
      ),
    changes: everything,
  })
}

export function useMerge(id: Id) {
  return useWrite({
    draft: () => `merge.${toValue(id)}`,
    send: (body: Schema<'MergeRequest'>, key) =>
      answer(
        api.POST('/people/{person_id}/merges', { params: { path: person(id), header: keyed(key) }, body }),
      ),
    changes: everything,
  })
}

export function useMerges(id: Id, enabled: MaybeRefOrGetter<boolean>) {
  return usePages({
    key: ['people', 'merges', id],
    enabled,
    page: (cursor) =>
      answer(api.GET('/people/{person_id}/merges', { params: { path: person(id), query: { cursor } } })),
  })
}

export function useUndoMerge() {
  return useWrite({
    draft: 'merge-undo',
    send: (id: string, key) =>
      answer(api.POST('/merges/{merge_id}/undo', { params: { path: { merge_id: id }, header: keyed(key) } })),
    changes: everything,
  })
}

/** Not remembered anywhere: what it shows is gone with the dialog. */
export function useReveal(id: Id) {
  const queries = useQueryClient()
  return useMutation<Schema<'Reveal'>, Error, Schema<'RevealRequest'>>({
    gcTime: 0,
    mutationFn: (body) =>
      answer(api.POST('/people/{person_id}/reveals', { params: { path: person(id) }, body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['people', 'reveals'] }),
  })
}

export function useClaimCode(id: Id) {
  return useMutation<OneTimeCode, Error, void>({
    gcTime: 0,
    mutationFn: () => answer(api.POST('/people/{person_id}/claim-codes', { params: { path: person(id) } })),
  })
}

export function useRequestReset(id: Id) {
  return useWrite({
    draft: () => `reset.${toValue(id)}`,
    send: (body: Schema<'PasswordResetRequest'>, key) =>
      answer(
        api.POST('/people/{person_id}/password-resets', {
          params: { path: person(id), header: keyed(key) },
          body,
        }),
      ),
    changes: [['resets']],
  })
}

export function usePasswordResets() {
  return usePages({
    key: ['resets'],
    page: (cursor) => answer(api.GET('/password-resets', { params: { query: { cursor } } })),
  })
}

export function useApproveReset() {
  const queries = useQueryClient()
  return useMutation<OneTimeCode, Error, string>({
    gcTime: 0,
    mutationFn: (id) =>
      answer(
        api.POST('/password-resets/{password_reset_id}/approval', {
          params: { path: { password_reset_id: id } },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['resets'] }),
  })
}

// ── relations and care ──
export function useGuardianships(id: Id) {
  return usePages({
    key: ['people', 'guardianships', id],
    page: (cursor) =>
      answer(
        api.GET('/people/{person_id}/guardianships', { params: { path: person(id), query: { cursor } } }),
      ),
  })
}

export function useAddGuardian(id: Id) {
  return useWrite({
    draft: () => `guardian.${toValue(id)}`,
    send: (body: Schema<'GuardianshipRequest'>, key) =>
      answer(
        api.POST('/people/{person_id}/guardianships', {
          params: { path: person(id), header: keyed(key) },
          body,
        }),
      ),
    changes: [['people', 'guardianships']],
  })
}

export function useEndGuardianship(id: () => string) {
  return useWrite({
    draft: () => `guardian-end.${id()}`,
    send: (body: Schema<'RelationEnd'>, key) =>
      answer(
        api.POST('/guardianships/{guardianship_id}/end', {
          params: { path: { guardianship_id: id() }, header: keyed(key) },
          body,
        }),
      ),
    changes: [['people', 'guardianships']],
  })
}

export function useAddRelative(id: Id) {
  return useWrite({
    draft: () => `relative.${toValue(id)}`,
    send: (body: Schema<'NearRelativeRequest'>, key) =>
      answer(
        api.POST('/people/{person_id}/near-relatives', {
          params: { path: person(id), header: keyed(key) },
          body,
        }),
      ),
    changes: [['people', 'relatives']],
  })
}

export function useEndNearRelative(id: () => string) {
  return useWrite({
    draft: () => `relative-end.${id()}`,
    send: (body: Schema<'RelationEnd'>, key) =>
      answer(
        api.POST('/near-relatives/{near_relative_id}/end', {
          params: { path: { near_relative_id: id() }, header: keyed(key) },
          body,
        }),
      ),
    changes: [['people', 'relatives']],
  })
}

/** All that the person has held, latest first. */
export function usePersonRecord(id: Id) {
  return usePages({
    key: ['people', 'record', id],
    page: (cursor) =>
      answer(api.GET('/people/{person_id}/record', { params: { path: person(id), query: { cursor } } })),
  })
}

export function useNearRelatives(id: Id) {
  return usePages({
    key: ['people', 'relatives', id],
    page: (cursor) =>
      answer(
        api.GET('/people/{person_id}/near-relatives', { params: { path: person(id), query: { cursor } } }),
      ),
  })
}

export function useCareMarks(id: Id) {
  return usePages({
    key: ['people', 'care', id],
    page: (cursor) =>
      answer(api.GET('/people/{person_id}/care-marks', { params: { path: person(id), query: { cursor } } })),
  })
}

export function useAddCareMark(id: Id) {
  return useWrite({
    draft: () => `care.${toValue(id)}`,
    send: (body: Schema<'CareMarkRequest'>, key) =>
      answer(
        api.POST('/people/{person_id}/care-marks', {
          params: { path: person(id), header: keyed(key) },
          body,
        }),
      ),
    changes: [['people', 'care']],
  })
}

export function useNameHelper(mark: Id) {
  return useWrite({
    draft: () => `helper.${toValue(mark)}`,
    send: (body: Schema<'CareHelperRequest'>, key) =>
      answer(
        api.POST('/care-marks/{care_mark_id}/helpers', {
          params: { path: { care_mark_id: toValue(mark) }, header: keyed(key) },
          body,
        }),
      ),
    changes: [['people', 'care']],
  })
}

// ── dwellings and households ──
export interface DwellingFilter {
  unit?: string
  door?: string
}

export function useDwellings(filter: MaybeRefOrGetter<DwellingFilter>) {
  return usePages({
    key: ['dwellings', 'list', filter],
    page: (cursor) =>
      answer(api.GET('/dwellings', { params: { query: { ...toValue(filter), limit: 100, cursor } } })),
  })
}

export function useDwelling(id: Id) {
  return useQuery({
    queryKey: ['dwellings', 'one', id],
    queryFn: () =>
      answer(api.GET('/dwellings/{dwelling_id}', { params: { path: { dwelling_id: toValue(id) } } })),
  })
}

export function useRecordDwelling() {
  return useWrite({
    draft: 'dwelling',
    send: (body: Schema<'DwellingRequest'>, key) =>
      answer(api.POST('/dwellings', { params: { header: keyed(key) }, body })),
    changes: [['dwellings']],
  })
}

export function useSetOwners(id: Id) {
  return useWrite({
    draft: () => `owners.${toValue(id)}`,
    send: (body: Schema<'OwnersRequest'>, key) =>
      answer(
        api.POST('/dwellings/{dwelling_id}/owners', {
          params: { path: { dwelling_id: toValue(id) }, header: keyed(key) },
          body,
        }),
      ),
    changes: [['dwellings']],
  })
}

export function useHousehold(id: Id, asOf: MaybeRefOrGetter<string | undefined>) {
  return useQuery({
    queryKey: ['households', 'one', id, asOf],
    queryFn: () =>
      answer(
        api.GET('/households/{household_id}', {
          params: { path: { household_id: toValue(id) }, query: { as_of: toValue(asOf) } },
        }),
      ),
  })
}

export function useCreateHousehold() {
  return useWrite({
    draft: 'household',
    send: (body: Schema<'HouseholdRequest'>, key) =>
      answer(api.POST('/households', { params: { header: keyed(key) }, body })),
    changes: everything,
  })
}

export function useSetHead(id: Id) {
  return useWrite({
    draft: () => `household-head.${toValue(id)}`,
    send: (body: Schema<'HouseholdHeadRequest'>, key) =>
      answer(
        api.POST('/households/{household_id}/head', {
          params: { path: { household_id: toValue(id) }, header: keyed(key) },
          body,
        }),
      ),
    changes: everything,
  })
}

export function useAddHouseholdMember(id: Id) {
  return useWrite({
    draft: () => `household-member.${toValue(id)}`,
    send: (body: Schema<'HouseholdMemberRequest'>, key) =>
      answer(
        api.POST('/households/{household_id}/members', {
          params: { path: { household_id: toValue(id) }, header: keyed(key) },
          body,
        }),
      ),
    changes: everything,
  })
}

export function useEndHouseholdMember(household: Id) {
  return (member: () => string) =>
    useWrite({
      draft: () => `household-member-end.${member()}`,
      send: (body: { last_day: string }, key) =>
        answer(
          api.POST('/households/{household_id}/members/{person_id}/end', {
            params: { path: { household_id: toValue(household), person_id: member() }, header: keyed(key) },
            body,
          }),
        ),
      changes: everything,
    })
}

// ── requests ──
export function useAnswerRequest(id: MaybeRefOrGetter<string>, version: MaybeRefOrGetter<number>) {
  return useWrite({
    draft: () => `data-request-answer.${toValue(id)}`,
    send: (body: Schema<'DataRequestAnswer'>, key) =>
      answer(
        api.POST('/data-requests/{data_request_id}/answer', {
          params: {
            path: { data_request_id: toValue(id) },
            header: { ...keyed(key), 'If-Match': `"${toValue(version)}"` },
          },
          body,
        }),
      ),
    changes: [['data-requests']],
  })
}
