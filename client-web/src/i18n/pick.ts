// Names that the contract carries in both languages: name_zh and name_en.
import { language } from './language'

type Named<Field extends string> = Record<`${Field}_zh` | `${Field}_en`, string>

export function inLanguage<Field extends string>(row: Named<Field>, field: Field): string {
  return row[language.value === 'zh' ? (`${field}_zh` as const) : (`${field}_en` as const)]
}
