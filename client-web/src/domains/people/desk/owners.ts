// Owners as one line: 莫小兰 1/2、林玉珍 1/2; joint owners without shares.
import type { Owner } from './queries'

type Words = (key: string, values?: Record<string, unknown>) => string

export function ownerName(one: Owner): string {
  return one.person?.name ?? one.unit?.name ?? ''
}

export function ownersInWords(owners: readonly Owner[], t: Words): string {
  const joint = owners.length > 1 && owners.every((one) => one.share_numerator === null)
  const names = owners.map((one) =>
    one.share_numerator === null || one.share_numerator === one.share_denominator
      ? ownerName(one)
      : `${ownerName(one)} ${one.share_numerator}/${one.share_denominator}`,
  )
  return names.join(t('app.comma')) + (joint ? t('dwelling.jointly') : '')
}
