// Which head an area has: a building or compound its head, a lane and a street their chiefs; other units none.
import type { Head } from '../queries'

const kinds: Partial<Record<string, Head['kind']>> = {
  building: 'building_head',
  compound: 'building_head',
  lane: 'lane_chief',
  street: 'street_chief',
}

export function headKindOf(unitKind: string | undefined): Head['kind'] | undefined {
  return kinds[unitKind ?? '']
}
