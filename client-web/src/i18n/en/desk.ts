import type { desk as zh } from '../zh/desk.ts'
import { staff } from './staff/index.ts'
import type { Shape } from '../shape.ts'

/** Words of the desk, loaded with it. */
export const desk: Shape<typeof zh> = {
  desk: {
    name: 'Staff',
    menu: 'Main menu',
    open_menu: 'Open the menu',
    close_menu: 'Close the menu',
    workbench: 'Workbench',
    organization: 'Organization',
    units: 'Units',
    appointments: 'Posts and appointments',
    governance: 'Governance',
    groups: 'Residents’ groups',
    heads: 'Heads and central households',
    mediation: 'Mediation',
    service: 'Service',
    service_records: 'Voluntary service',
    counter: 'Redemption counter',
    ledger: 'Points ledger',
    as_of: 'As of',
    past: 'Showing {day}, read only',
    back_to_today: 'Back to today',
    person: 'Account of {name}',
    resident: 'Resident view',
    sign_out: 'Sign out',
    find_unit: 'Find a unit',
    find_person: 'Find a person',
    no_match: 'Nothing found',
    search: 'Find a unit, community, compound',
  },
  unit_kind: {
    city: 'City',
    town: 'Town',
    community: 'Community',
    compound: 'Compound',
    building: 'Building',
    lane: 'Lane',
    street: 'Street',
    city_committee: 'City committee',
    working_committee: 'Working committee',
    community_party_organization: 'Community Party organization',
    branch: 'Compound branch',
    owners_committee: 'Owners’ committee',
    resident_agency: 'Resident agency',
    social_organization: 'Social organization',
    mediation_committee: 'Mediation committee',
  },
  ...staff,
}
export default desk
