// What can be done in a file and which of it comes first. Whether it may be done says the server, in the case's `actions`.
import type { CaseAction, CaseFile } from '../queries'

/** One dialog that is open: what is done, and to whom or what in the file. */
export interface Step {
  action: CaseAction
  /** Id of the party, attempt or item that it is about. */
  target?: string
}

const first: Partial<Record<CaseFile['state'], readonly CaseAction[]>> = {
  awaiting_consent: ['identify_party', 'consent', 'assign_mediator'],
  in_mediation: ['record_outcome', 'schedule_attempt'],
  level_exhausted: ['escalate', 'consent'],
  agreed: ['write_agreement', 'sign'],
  in_force: ['record_performance', 'follow_up'],
  failed: ['follow_up'],
  terminated: ['follow_up'],
}

/** The one primary action of the page's head. */
export function nextStep(file: Pick<CaseFile, 'state' | 'actions'>): CaseAction | undefined {
  return first[file.state]?.find((action) => file.actions.includes(action))
}

/** What a step is about when only one thing can be meant. */
export function targetOf(file: CaseFile, action: CaseAction): string | undefined {
  if (action === 'record_outcome') return file.attempts.find((one) => one.outcome === null)?.id
  if (action === 'record_performance')
    return file.performance_items.find((one) => one.state !== 'performed')?.id
  if (action === 'identify_party') return file.parties.find((one) => isUnknown(one))?.id
  if (action === 'consent') return file.parties.find((one) => lacksConsent(file, one))?.id
  return undefined
}

export function isUnknown(party: CaseFile['parties'][number]): boolean {
  return party.person_id === null && party.organization_name === null
}

export function lacksConsent(file: Pick<CaseFile, 'state'>, party: CaseFile['parties'][number]): boolean {
  return !(file.state === 'level_exhausted' ? party.consent_next : party.consent)
}

export const stateColours: Record<CaseFile['state'], string> = {
  awaiting_consent: '',
  in_mediation: 'pine',
  level_exhausted: 'soon',
  agreed: 'granite',
  in_force: 'granite',
  closed: 'ok',
  refused: '',
  failed: '',
  terminated: '',
}
