// Areas of the earth as shapes of a picture: north up, the smaller distance of a degree of longitude kept.
import type { Area } from './queries'

export interface Frame {
  west: number
  north: number
  scale: number
  squeeze: number
  width: number
  height: number
}

const corners = (area: Area): number[][] => area.area.coordinates.flat(2)

export function frameOf(areas: readonly Area[], width: number): Frame {
  const all = areas.flatMap(corners)
  const lons = all.map((one) => one[0] ?? 0)
  const lats = all.map((one) => one[1] ?? 0)
  const [west, east] = [Math.min(...lons), Math.max(...lons)]
  const [south, north] = [Math.min(...lats), Math.max(...lats)]
  const squeeze = Math.cos((((south + north) / 2) * Math.PI) / 180)
  const scale = width / Math.max((east - west) * squeeze, 1e-9)
  return { west, north, scale, squeeze, width, height: Math.max((north - south) * scale, 1) }
}

const point = (frame: Frame, [lon = 0, lat = 0]: number[]): string =>
  `${((lon - frame.west) * frame.squeeze * frame.scale).toFixed(1)},${((frame.north - lat) * frame.scale).toFixed(1)}`

export function pathOf(area: Area, frame: Frame): string {
  return area.area.coordinates
    .flat(1)
    .map((ring) => `M${ring.map((corner) => point(frame, corner)).join('L')}Z`)
    .join('')
}

/** Where its name is written: the middle of its bounds. */
export function middleOf(area: Area, frame: Frame): { x: number; y: number } {
  const all = corners(area).map((corner) => point(frame, corner).split(',').map(Number))
  const middle = (index: number) => {
    const values = all.map((one) => one[index] ?? 0)
    return (Math.min(...values) + Math.max(...values)) / 2
  }
  return { x: middle(0), y: middle(1) }
}
