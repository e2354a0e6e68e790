/** What may change its unit with a reorganization; the words are `reorg.subject_…`. */
export const subjects = [
  'residence',
  'household',
  'appointment',
  'grant',
  'head',
  'central_household',
  'group',
  'mediation_case',
  'service_record',
  'reward',
  'redemption',
] as const
