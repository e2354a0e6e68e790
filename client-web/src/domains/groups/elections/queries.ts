// Elections: what everybody may see, and what the desk and the voters do in them.
import { useQuery } from '@tanstack/vue-query'
import { toValue, type MaybeRefOrGetter } from 'vue'
import { api, type Schema } from '@/api/client'
import { usePages } from '@/api/pages'
import { answer } from '@/api/problem'
import { walk } from '@/api/walk'
import { useWrite } from '@/api/write'

export type Election = Schema<'Election'>
export type ElectionSummary = Schema<'ElectionSummary'>
export type ElectionState = Schema<'ElectionState'>
export type Rule = Schema<'ElectionRule'>
export type Contest = Election['contests'][number]
export type Nomination = Contest['nominations'][number]
export type Round = Election['rounds'][number]
export type Voter = Schema<'ElectionVoter'>
export type Objection = Schema<'RollObjection'>
export type Share = Schema<'Share'>
type Id = MaybeRefOrGetter<string>

export const electionStates: readonly ElectionState[] = [
  'prepared',
  'roll_published',
  'candidates_published',
  'voting',
  'counting',
  'decided',
  'published',
  'cancelled',
  'annulled',
]

/** The smallest whole number that reaches the share: more than it when strict, otherwise at least it. */
export function neededFor(whole: number, share: Share): number {
  const exact = (whole * share.num) / share.den
  return share.strict ? Math.floor(exact) + 1 : Math.ceil(exact)
}

export function useElections(filter: MaybeRefOrGetter<{ unit?: string; state?: ElectionState }>) {
  return usePages({
    key: ['elections', 'list', filter],
    page: (cursor) =>
      answer(api.GET('/elections', { params: { query: { ...toValue(filter), limit: 50, cursor } } })),
  })
}

export function useElection(id: Id) {
  return useQuery({
    queryKey: ['elections', 'one', id],
    queryFn: () =>
      answer(api.GET('/elections/{election_id}', { params: { path: { election_id: toValue(id) } } })),
  })
}

export function useElectionRules() {
  return usePages({
    key: ['election-rules'],
    page: (cursor) => answer(api.GET('/election-rules', { params: { query: { limit: 100, cursor } } })),
  })
}

export function useVoters(id: Id, enabled?: MaybeRefOrGetter<boolean>) {
  return usePages({
    key: ['elections', 'voters', id],
    enabled,
    page: (cursor) =>
      answer(
        api.GET('/elections/{election_id}/voters', {
          params: { path: { election_id: toValue(id) }, query: { limit: 200, cursor } },
        }),
      ),
  })
}

export function useObjections(id: Id) {
  return usePages({
    key: ['elections', 'objections', id],
    page: (cursor) =>
      answer(
        api.GET('/elections/{election_id}/objections', {
          params: { path: { election_id: toValue(id) }, query: { limit: 100, cursor } },
        }),
      ),
  })
}

/** The receipts of all ballots in the box, once it is closed. */
export function useReceiptBox(id: Id, enabled: MaybeRefOrGetter<boolean>) {
  return useQuery({
    queryKey: ['elections', 'receipts', id],
    enabled: () => toValue(enabled),
    queryFn: () =>
      walk(
        (cursor) =>
          answer(
            api.GET('/elections/{election_id}/receipts', {
              params: { path: { election_id: toValue(id) }, query: { limit: 200, cursor } },
            }),
          ),
        50,
      ),
  })
}

const changed = [['elections']] as const

export function usePrepareElection() {
  return useWrite({
    draft: 'election',
    send: (body: Schema<'ElectionRequest'>, key) =>
      answer(api.POST('/elections', { params: { header: { 'Idempotency-Key': key } }, body })),
    changes: changed,
  })
}

interface Params {
  path: { election_id: string }
  header: { 'Idempotency-Key': string }
}
function useDeed<Body, Reply>(deed: string, id: Id, send: (params: Params, body: Body) => Promise<Reply>) {
  return useWrite({
    draft: () => `election-${deed}.${toValue(id)}`,
    send: (body: Body, key) =>
      send({ path: { election_id: toValue(id) }, header: { 'Idempotency-Key': key } }, body),
    changes: changed,
  })
}
const withPath = <Extra extends object>(params: Params, extra: Extra) => ({
  ...params,
  path: { ...params.path, ...extra },
})

export const useElectionStep = (id: Id) =>
  useDeed('step', id, (params, body: Schema<'ElectionStep'>) =>
    answer(api.POST('/elections/{election_id}/steps', { params, body })),
  )
export const useAnnul = (id: Id) =>
  useDeed('annulment', id, (params, body: Schema<'ElectionAnnulment'>) =>
    answer(api.POST('/elections/{election_id}/annulment', { params, body })),
  )
export const useCompileRoll = (id: Id) =>
  useDeed<void, Election>('roll', id, (params) =>
    answer(api.POST('/elections/{election_id}/roll', { params })),
  )
export const useAddVoters = (id: Id) =>
  useDeed('voters', id, (params, body: Schema<'ElectionVotersRequest'>) =>
    answer(api.POST('/elections/{election_id}/voters', { params, body })),
  )
export const useStrike = (id: Id) =>
  useDeed('strike', id, (params, { voter, ...body }: Schema<'StrikeRequest'> & { voter: string }) =>
    answer(
      api.POST('/elections/{election_id}/voters/{voter_id}/strike', {
        params: withPath(params, { voter_id: voter }),
        body,
      }),
    ),
  )
export const useObject = (id: Id) =>
  useDeed('objection', id, (params, body: Schema<'RollObjectionRequest'>) =>
    answer(api.POST('/elections/{election_id}/objections', { params, body })),
  )
export const useAddOfficial = (id: Id) =>
  useDeed('official', id, (params, body: Schema<'ElectionOfficialRequest'>) =>
    answer(api.POST('/elections/{election_id}/officials', { params, body })),
  )
export const useEndOfficial = (id: Id) =>
  useDeed('official-end', id, (params, { official, ...body }: Schema<'OfficialEnd'> & { official: string }) =>
    answer(
      api.POST('/elections/{election_id}/officials/{official_id}/end', {
        params: withPath(params, { official_id: official }),
        body,
      }),
    ),
  )
export const useNominate = (id: Id) =>
  useDeed('nomination', id, (params, body: Schema<'NominationRequest'>) =>
    answer(api.POST('/elections/{election_id}/nominations', { params, body })),
  )
export const useSupport = (id: Id) =>
  useDeed('support', id, (params, nomination: string) =>
    answer(
      api.POST('/elections/{election_id}/nominations/{nomination_id}/support', {
        params: withPath(params, { nomination_id: nomination }),
      }),
    ),
  )
export const useAnswerNomination = (id: Id) =>
  useDeed(
    'answer',
    id,
    (params, { nomination, ...body }: Schema<'NominationAnswer'> & { nomination: string }) =>
      answer(
        api.POST('/elections/{election_id}/nominations/{nomination_id}/answer', {
          params: withPath(params, { nomination_id: nomination }),
          body,
        }),
      ),
  )
export const useProxy = (id: Id) =>
  useDeed('proxy', id, (params, body: Schema<'ProxyRequest'>) =>
    answer(api.POST('/elections/{election_id}/proxies', { params, body })),
  )
export const useRevokeProxy = (id: Id) =>
  useDeed('proxy-revocation', id, (params, proxy: string) =>
    answer(
      api.POST('/elections/{election_id}/proxies/{proxy_id}/revocation', {
        params: withPath(params, { proxy_id: proxy }),
      }),
    ),
  )
export const useDefence = (id: Id) =>
  useDeed('defence', id, (params, body: Schema<'DefenceRequest'>) =>
    answer(api.POST('/elections/{election_id}/defence', { params, body })),
  )
export const useTurnout = (id: Id) =>
  useDeed('turnout', id, (params, body: Schema<'TurnoutRequest'>) =>
    answer(api.POST('/elections/{election_id}/turnout', { params, body })),
  )
export const useCount = (id: Id) =>
  useDeed('count', id, (params, body: Schema<'ElectionCountRequest'>) =>
    answer(api.POST('/elections/{election_id}/counts', { params, body })),
  )

export function useDecideObjection(objection: Id) {
  return useWrite({
    draft: () => `roll-objection.${toValue(objection)}`,
    send: (body: Schema<'RollObjectionDecision'>, key) =>
      answer(
        api.POST('/roll-objections/{objection_id}/decision', {
          params: { path: { objection_id: toValue(objection) }, header: { 'Idempotency-Key': key } },
          body,
        }),
      ),
    changes: changed,
  })
}

/** Makes the key of the round's online ballot. Another one is refused, so sending again is safe without a key of its own. */
export function useMakeKey(id: Id) {
  return useWrite<void, Schema<'ElectionKey'>>({
    draft: () => `election-key.${toValue(id)}`,
    send: () =>
      answer(api.POST('/elections/{election_id}/key', { params: { path: { election_id: toValue(id) } } })),
    changes: changed,
  })
}
