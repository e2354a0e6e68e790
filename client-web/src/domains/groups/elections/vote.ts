// Casting an online ballot: the token is drawn here, signed blind, and cast in a request that carries nobody's name. What is
// needed to ask again after a lost answer stays on this device until the ballot is in the box; then only the receipt stays.
import { ref } from 'vue'
import { api } from '@/api/client'
import { dropDraft, loadDraft, saveDraft } from '@/api/drafts'
import { answer, Problem } from '@/api/problem'
import { drawToken, receiptOf, unblind, type DrawnToken } from '../ballot'
import type { Election } from './queries'

interface Kept {
  round: number
  drawn: DrawnToken
  signature?: string
}
const draftOf = (election: string): string => `ballot.${election}`
const receiptName = (election: string, round: number): string => `linli.receipt.${election}.${round}`

/** The receipts that this device keeps: one tells that a ballot is in the box, not whose it is and not what is on it. */
export function keptReceipts(election: string, round: number): string[] {
  return (localStorage.getItem(receiptName(election, round)) ?? '').split(' ').filter(Boolean)
}

function keepReceipt(election: string, round: number, receipt: string): void {
  const all = new Set([...keptReceipts(election, round), receipt])
  localStorage.setItem(receiptName(election, round), [...all].join(' '))
}

/** A ballot was taken here and not cast yet: the phone was put away, or the network was gone. */
export function hasOpenBallot(election: Pick<Election, 'id' | 'round'>): boolean {
  return loadDraft<Kept>(draftOf(election.id))?.round === election.round
}

async function signed(election: Election, key: string): Promise<Kept & { signature: string }> {
  const name = draftOf(election.id)
  const before = loadDraft<Kept>(name)
  const kept: Kept =
    before?.round === election.round ? before : { round: election.round, drawn: await drawToken(key) }
  if (kept.signature) return { ...kept, signature: kept.signature }
  // Kept before it is sent: the same blinded token again gets the same signature.
  saveDraft(name, kept)
  const { blind_signature: blind } = await answer(
    api.POST('/elections/{election_id}/ballot-token', {
      params: { path: { election_id: election.id } },
      body: { blinded: kept.drawn.blinded },
    }),
  )
  const whole = { ...kept, signature: await unblind(key, kept.drawn, blind) }
  saveDraft(name, whole)
  return whole
}

export function useOnlineBallot() {
  const busy = ref(false)
  const error = ref<Error>()

  /** The receipt, or undefined when it failed: then `error` says why and the same can be tried again. */
  async function cast(election: Election, choices: readonly string[]): Promise<string | undefined> {
    busy.value = true
    error.value = undefined
    try {
      if (!election.public_key) throw new Error('the election has no key')
      const { drawn, signature } = await signed(election, election.public_key)
      const receipt = await receiptOf(drawn.token)
      try {
        await answer(
          api.POST('/elections/{election_id}/ballots', {
            params: { path: { election_id: election.id } },
            // Without the session's cookie too.
            credentials: 'omit',
            body: { token: drawn.token, signature, choices: [...choices] },
          }),
        )
      } catch (problem) {
        // It had arrived, and only the answer was lost.
        if (!(problem instanceof Problem && problem.code === 'ballot_cast_already')) throw problem
      }
      keepReceipt(election.id, election.round, receipt)
      dropDraft(draftOf(election.id))
      return receipt
    } catch (problem) {
      error.value = problem as Error
      return undefined
    } finally {
      busy.value = false
    }
  }
  return { cast, busy, error }
}
