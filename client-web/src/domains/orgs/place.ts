// How a place is called on a door plate: 和顺花园 3 栋, not the whole way up to the city.
import type { Unit } from './queries'

export function placeOf(unit: Pick<Unit, 'name' | 'short_name' | 'kind' | 'territory'>): string {
  if (unit.kind !== 'building') return unit.short_name || unit.name
  const compound = [...unit.territory]
    .reverse()
    .find((one) => one.kind === 'compound' || one.kind === 'street')
  if (!compound || unit.name.startsWith(compound.name)) return unit.name
  return `${compound.name} ${unit.name}`
}
