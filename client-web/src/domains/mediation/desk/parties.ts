// A party as it is being written down: a person of the register, an organization, or somebody described in words.
import type { Schema } from '@/api/client'

export interface PartyDraft {
  side: 'first' | 'second'
  how: 'person' | 'organization' | 'words'
  person: string | undefined
  name: string
  position: string
}

export function emptyParty(side: PartyDraft['side']): PartyDraft {
  return { side, how: 'person', person: undefined, name: '', position: '' }
}

export function isNamed(party: PartyDraft): boolean {
  return party.how === 'person' ? Boolean(party.person) : Boolean(party.name.trim())
}

export function partiesOf(
  drafts: readonly PartyDraft[],
): Pick<Schema<'MediationCaseRequest'>, 'parties' | 'respondent_name'> {
  const words = drafts.find((one) => one.how === 'words')
  return {
    parties: drafts
      .filter((one) => one.how !== 'words')
      .map((one) => ({
        side: one.side,
        ...(one.how === 'person' ? { person_id: one.person } : { organization_name: one.name.trim() }),
        ...(one.position.trim() ? { position: one.position.trim() } : {}),
      })),
    ...(words ? { respondent_name: words.name.trim() } : {}),
  }
}
