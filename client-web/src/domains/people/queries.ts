// People: one's own record and rights; for staff those of their area.
import { useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'
import { api, type Schema } from '@/api/client'
import { usePages } from '@/api/pages'
import { answer } from '@/api/problem'
import { useWrite } from '@/api/write'

export type PersonSummary = Schema<'PersonSummary'>
export type Person = Schema<'Person'>
export type PersonData = Schema<'PersonData'>
export type Household = Schema<'Household'>
export type Consent = Schema<'Consent'>
export type DataRequestSummary = Schema<'DataRequestSummary'>

export interface PersonFilter {
  q?: string
  unit?: string
}

export function usePerson(id: MaybeRefOrGetter<string | undefined>) {
  return useQuery({
    queryKey: ['people', 'one', id],
    enabled: () => Boolean(toValue(id)),
    queryFn: () => answer(api.GET('/people/{person_id}', { params: { path: { person_id: toValue(id)! } } })),
  })
}

export function usePeople(filter: MaybeRefOrGetter<PersonFilter>, enabled?: MaybeRefOrGetter<boolean>) {
  return usePages({
    key: ['people', 'list', filter],
    enabled,
    exported: true,
    page: (cursor, as) =>
      answer(api.GET('/people', { params: { query: { ...toValue(filter), cursor } }, ...as })),
  })
}

const ofPerson = (id: MaybeRefOrGetter<string>) => ({ person_id: toValue(id) })

/** Everything we hold about oneself or a ward, in plain. Never kept longer than the page is open. */
export function usePersonData(id: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: ['people', 'data', id],
    gcTime: 0,
    queryFn: () => answer(api.GET('/people/{person_id}/data', { params: { path: ofPerson(id) } })),
  })
}

export function useReveals(id: MaybeRefOrGetter<string>) {
  return usePages({
    key: ['people', 'reveals', id],
    page: (cursor) =>
      answer(api.GET('/people/{person_id}/reveals', { params: { path: ofPerson(id), query: { cursor } } })),
  })
}

export function useDisclosures(id: MaybeRefOrGetter<string>) {
  return usePages({
    key: ['people', 'disclosures', id],
    page: (cursor) =>
      answer(
        api.GET('/people/{person_id}/disclosures', { params: { path: ofPerson(id), query: { cursor } } }),
      ),
  })
}

export function useActs(id: MaybeRefOrGetter<string>) {
  return usePages({
    key: ['people', 'acts', id],
    page: (cursor) =>
      answer(api.GET('/people/{person_id}/acts', { params: { path: ofPerson(id), query: { cursor } } })),
  })
}

export function useConsents(id: MaybeRefOrGetter<string>) {
  return usePages({
    key: ['people', 'consents', id],
    page: (cursor) =>
      answer(api.GET('/people/{person_id}/consents', { params: { path: ofPerson(id), query: { cursor } } })),
  })
}

/** Giving, refusing and withdrawing are the same one step. */
export function useDecide(id: MaybeRefOrGetter<string>) {
  return useWrite({
    draft: () => `consent.${toValue(id)}`,
    send: (body: Schema<'ConsentDecision'>, key) =>
      answer(
        api.POST('/people/{person_id}/consents', {
          params: { path: ofPerson(id), header: { 'Idempotency-Key': key } },
          body,
        }),
      ),
    changes: [['people', 'consents']],
  })
}

export interface HouseholdFilter {
  unit?: string
  person?: string
  as_of?: string
}

export function useHouseholds(filter: MaybeRefOrGetter<HouseholdFilter>) {
  return usePages({
    key: ['households', 'list', filter],
    page: (cursor) => answer(api.GET('/households', { params: { query: { ...toValue(filter), cursor } } })),
  })
}

export function useDataRequests(
  filter: MaybeRefOrGetter<{ mine?: boolean; state?: DataRequestSummary['state'] }>,
) {
  return usePages({
    key: ['data-requests', 'list', filter],
    page: (cursor) =>
      answer(api.GET('/data-requests', { params: { query: { ...toValue(filter), cursor } } })),
  })
}

export function useDataRequest(id: MaybeRefOrGetter<string | undefined>) {
  return useQuery({
    queryKey: ['data-requests', 'one', id],
    enabled: () => Boolean(toValue(id)),
    queryFn: () =>
      answer(
        api.GET('/data-requests/{data_request_id}', { params: { path: { data_request_id: toValue(id)! } } }),
      ),
  })
}

export function useFileRequest() {
  return useWrite({
    draft: 'data-request',
    send: (body: Schema<'DataRequestRequest'>, key) =>
      answer(api.POST('/data-requests', { params: { header: { 'Idempotency-Key': key } }, body })),
    changes: [['data-requests']],
  })
}

export function useWithdrawRequest() {
  return useWrite({
    draft: 'data-request-withdrawal',
    send: (id: string, key) =>
      answer(
        api.POST('/data-requests/{data_request_id}/withdrawal', {
          params: { path: { data_request_id: id }, header: { 'Idempotency-Key': key } },
        }),
      ),
    changes: [['data-requests']],
  })
}
