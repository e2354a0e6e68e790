// Which kinds stand on which ladder, and which kind may be founded under which: the server decides, this only sorts the choices.
import type { UnitKind } from '../queries'

export const leadershipKinds: readonly UnitKind[] = [
  'city_committee',
  'working_committee',
  'community_party_organization',
  'branch',
]

const below: Partial<Record<UnitKind, readonly UnitKind[]>> = {
  city: ['town', 'city_committee', 'working_committee', 'mediation_committee', 'social_organization'],
  town: ['community', 'mediation_committee', 'social_organization'],
  community: [
    'compound',
    'street',
    'lane',
    'building',
    'branch',
    'community_party_organization',
    'resident_agency',
    'social_organization',
    'mediation_committee',
  ],
  compound: ['building', 'branch', 'owners_committee'],
  street: ['lane', 'building'],
  lane: ['building'],
}

export function kindsBelow(parent: UnitKind): readonly UnitKind[] {
  return below[parent] ?? []
}

/** The kind of leader that a Party organization needs above it. */
export const leaderOf: Partial<Record<UnitKind, UnitKind>> = {
  community: 'community_party_organization',
  compound: 'branch',
  working_committee: 'city_committee',
  community_party_organization: 'working_committee',
  branch: 'community_party_organization',
}
