// Which of the two languages the person reads. Kept apart from the messages, because the client asks the server in it.
import { ref } from 'vue'

export type Language = 'zh' | 'en'

const place = 'linli.language'

function first(): Language {
  const kept = localStorage.getItem(place)
  return kept === 'en' || kept === 'zh' ? kept : 'zh'
}

export const language = ref<Language>(first())

export function keepLanguage(next: Language): void {
  localStorage.setItem(place, next)
  language.value = next
  document.documentElement.lang = next === 'zh' ? 'zh-CN' : 'en'
}
