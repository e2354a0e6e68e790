// Mediation: my cases, one file, and every step that is taken in it.
import { useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'
import { api, type Schema } from '@/api/client'
import { usePages } from '@/api/pages'
import { answer } from '@/api/problem'
import { walk } from '@/api/walk'
import { useWrite } from '@/api/write'

export type MediationCase = Schema<'MediationCase'>
export type CaseFile = Schema<'MediationCaseFile'>
export type Party = CaseFile['parties'][number]
export type Attempt = CaseFile['attempts'][number]
export type Agreement = CaseFile['agreements'][number]
export type CaseAction = CaseFile['actions'][number]
export type Level = CaseFile['level']

const changed = [['mediation-cases']] as const

export interface CaseFilter {
  mine?: 'true'
  state?: MediationCase['state']
  level?: Level
  number?: string
  /** Rows a page. */
  limit?: number
}

export function useCases(filter: MaybeRefOrGetter<CaseFilter>, enabled?: MaybeRefOrGetter<boolean>) {
  return usePages({
    key: ['mediation-cases', 'list', filter],
    enabled,
    exported: true,
    page: (cursor, as) =>
      answer(
        api.GET('/mediation-cases', { params: { query: { limit: 30, ...toValue(filter), cursor } }, ...as }),
      ),
  })
}

/** Reading a file is recorded in it, so it is not asked for again merely because a window came to the front. */
export function useCase(id: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: ['mediation-cases', 'one', id],
    staleTime: 60_000,
    refetchOnWindowFocus: false,
    queryFn: () =>
      answer(api.GET('/mediation-cases/{case_id}', { params: { path: { case_id: toValue(id) } } })),
  })
}

export function useMediationKinds() {
  return usePages({
    key: ['mediation-kinds'],
    page: (cursor) => answer(api.GET('/mediation-kinds', { params: { query: { cursor, limit: 200 } } })),
  })
}

export function useMediators(unit: MaybeRefOrGetter<string | undefined>) {
  return usePages({
    key: ['mediators', unit],
    enabled: () => Boolean(toValue(unit)),
    page: (cursor) => answer(api.GET('/mediators', { params: { query: { unit: toValue(unit)!, cursor } } })),
  })
}

export function useOpenCase() {
  return useWrite({
    draft: 'mediation-case',
    send: (body: Schema<'MediationCaseRequest'>, key) =>
      answer(api.POST('/mediation-cases', { params: { header: { 'Idempotency-Key': key } }, body })),
    changes: changed,
  })
}

// The steps in a file. Parties take theirs, the files' side records its own; the server says who may.

function useStep<Body, Reply>(
  step: string,
  id: MaybeRefOrGetter<string>,
  send: (path: { case_id: string }, header: { 'Idempotency-Key': string }, body: Body) => Promise<Reply>,
) {
  return useWrite({
    draft: () => `${step}.${toValue(id)}`,
    send: (body: Body, key) => send({ case_id: toValue(id) }, { 'Idempotency-Key': key }, body),
    changes: changed,
  })
}

export const useConsent = (id: MaybeRefOrGetter<string>) =>
  useStep('consent', id, (path, header, body: Schema<'ConsentRequest'>) =>
    answer(api.POST('/mediation-cases/{case_id}/consents', { params: { path, header }, body })),
  )

export const useRefusal = (id: MaybeRefOrGetter<string>) =>
  useStep('refusal', id, (path, header, body: Schema<'RefusalRequest'>) =>
    answer(api.POST('/mediation-cases/{case_id}/refusals', { params: { path, header }, body })),
  )

export const useTermination = (id: MaybeRefOrGetter<string>) =>
  useStep('termination', id, (path, header, body: Schema<'TerminationRequest'>) =>
    answer(api.POST('/mediation-cases/{case_id}/termination', { params: { path, header }, body })),
  )

export const useSignature = (id: MaybeRefOrGetter<string>) =>
  useStep('signature', id, (path, header, body: Schema<'SignatureRequest'>) =>
    answer(api.POST('/mediation-cases/{case_id}/signatures', { params: { path, header }, body })),
  )

export const useAssignment = (id: MaybeRefOrGetter<string>) =>
  useStep('assignment', id, (path, header, body: Schema<'AssignmentRequest'>) =>
    answer(api.POST('/mediation-cases/{case_id}/mediators', { params: { path, header }, body })),
  )

export const useIdentification = (id: MaybeRefOrGetter<string>) =>
  useStep(
    'identification',
    id,
    (path, header, { party, ...body }: Schema<'IdentificationRequest'> & { party: string }) =>
      answer(
        api.POST('/mediation-cases/{case_id}/parties/{party_id}/identification', {
          params: { path: { ...path, party_id: party }, header },
          body,
        }),
      ),
  )

export const useAttempt = (id: MaybeRefOrGetter<string>) =>
  useStep('attempt', id, (path, header, body: Schema<'AttemptRequest'>) =>
    answer(api.POST('/mediation-cases/{case_id}/attempts', { params: { path, header }, body })),
  )

export const useOutcome = (id: MaybeRefOrGetter<string>) =>
  useStep(
    'outcome',
    id,
    (path, header, { attempt, ...body }: Schema<'OutcomeRequest'> & { attempt: string }) =>
      answer(
        api.POST('/mediation-cases/{case_id}/attempts/{attempt_id}/outcome', {
          params: { path: { ...path, attempt_id: attempt }, header },
          body,
        }),
      ),
  )

export const useEscalation = (id: MaybeRefOrGetter<string>) =>
  useStep('escalation', id, (path, header, body: Schema<'EscalationRequest'>) =>
    answer(api.POST('/mediation-cases/{case_id}/escalation', { params: { path, header }, body })),
  )

export const useAgreement = (id: MaybeRefOrGetter<string>) =>
  useStep('agreement', id, (path, header, body: Schema<'AgreementRequest'>) =>
    answer(api.POST('/mediation-cases/{case_id}/agreement', { params: { path, header }, body })),
  )

export const usePerformanceItem = (id: MaybeRefOrGetter<string>) =>
  useStep('performance-item', id, (path, header, body: Schema<'PerformanceItemRequest'>) =>
    answer(api.POST('/mediation-cases/{case_id}/performance-items', { params: { path, header }, body })),
  )

export const usePerformance = (id: MaybeRefOrGetter<string>) =>
  useStep(
    'performance',
    id,
    (path, header, { item, ...body }: Schema<'PerformanceRequest'> & { item: string }) =>
      answer(
        api.POST('/mediation-cases/{case_id}/performance-items/{item_id}/performance', {
          params: { path: { ...path, item_id: item }, header },
          body,
        }),
      ),
  )

export const useFollowUp = (id: MaybeRefOrGetter<string>) =>
  useStep('follow-up', id, (path, header, body: Schema<'FollowUpRequest'>) =>
    answer(api.POST('/mediation-cases/{case_id}/follow-ups', { params: { path, header }, body })),
  )

const open = ['awaiting_consent', 'in_mediation', 'level_exhausted', 'agreed', 'in_force'] as const

/** The files of one's own committee that still want something, a question a state. */
export const openCaseQueries = open.map((state) => ({
  queryKey: ['mediation-cases', 'open', state] as const,
  queryFn: async () =>
    (
      await walk((cursor) =>
        answer(api.GET('/mediation-cases', { params: { query: { state, limit: 200, cursor } } })),
      )
    ).items,
}))
