// How a state of an election looks; its words are vote.state_… at the desk and ballot.state_… on the phone.
import type { ElectionState } from './queries'

export const stateLooks: Record<ElectionState, string> = {
  prepared: '',
  roll_published: 'pine',
  candidates_published: 'pine',
  voting: 'soon',
  counting: 'soon',
  decided: 'granite',
  published: 'ok',
  cancelled: '',
  annulled: 'late',
}

/** The way of an election, in order. */
export const way: readonly ElectionState[] = [
  'prepared',
  'roll_published',
  'candidates_published',
  'voting',
  'counting',
  'decided',
  'published',
]
