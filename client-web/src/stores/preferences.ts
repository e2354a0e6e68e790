// What a person has set on this device: large print, how large, language, and which of two shells they work in.
import { defineStore } from 'pinia'
import { ref, watchEffect } from 'vue'
import { setLanguage } from '@/i18n'
import type { Language } from '@/i18n/language'

const place = 'linli.preferences'

interface Kept {
  elder: boolean
  /** Steps above the elder mode's 24 px: 0, 1, 2 = 24, 27, 30 px and more (30 pt is the largest). */
  larger: number
}

function load(): Kept {
  try {
    const kept = JSON.parse(localStorage.getItem(place) ?? '{}') as Partial<Kept>
    return { elder: kept.elder === true, larger: Math.min(2, Math.max(0, Number(kept.larger) || 0)) }
  } catch {
    return { elder: false, larger: 0 }
  }
}

export const usePreferences = defineStore('preferences', () => {
  const kept = load()
  const elder = ref(kept.elder)
  const larger = ref(kept.larger)
  /** The shell on screen: elder mode is a matter of the resident's shell only. */
  const shell = ref<'resident' | 'desk'>('resident')

  watchEffect(() => {
    localStorage.setItem(place, JSON.stringify({ elder: elder.value, larger: larger.value }))
    const root = document.documentElement
    root.dataset.shell = shell.value
    root.dataset.mode = elder.value && shell.value === 'resident' ? 'elder' : 'standard'
    root.dataset.larger = String(larger.value)
  })

  async function speak(next: Language): Promise<void> {
    await setLanguage(next)
  }

  return { elder, larger, shell, speak }
})
