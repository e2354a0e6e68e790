// Messages: Chinese is built in, English and the desk's words are loaded when they are needed. Both languages have the
// same shape by type; scripts/messages.mjs refuses a key that is used and not there.
import { createI18n } from 'vue-i18n'
import { keepLanguage, language, type Language } from './language'
import { zh } from './zh'

type Messages = object
const parts = { base: true, desk: false }
type Part = keyof typeof parts

const loaders: Record<Language, Record<Part, () => Promise<Messages>>> = {
  zh: { base: async () => zh, desk: async () => (await import('./zh/desk')).desk },
  en: { base: async () => (await import('./en')).en, desk: async () => (await import('./en/desk')).desk },
}
const loaded = new Set<string>(['zh.base'])

export const i18n = createI18n({ legacy: false, locale: 'zh', fallbackLocale: 'zh', messages: { zh } })
export const t = i18n.global.t

async function load(which: Language): Promise<void> {
  for (const part of Object.keys(parts) as Part[]) {
    const name = `${which}.${part}`
    if (!parts[part] || loaded.has(name)) continue
    i18n.global.mergeLocaleMessage(which as 'zh', await loaders[which][part]())
    loaded.add(name)
  }
}

export async function setLanguage(next: Language): Promise<void> {
  await load(next)
  // The library's type knows only the language that is built in.
  i18n.global.locale.value = next as 'zh'
  keepLanguage(next)
}

/** Loads the words of a shell that a resident never sees. */
export async function needMessages(part: Part): Promise<void> {
  parts[part] = true
  await load(language.value)
}
