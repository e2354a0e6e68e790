// What a list shows lives in the address: a link, a reload and the way back show the same.
import { computed } from 'vue'
import { useRoute, useRouter, type LocationQueryRaw } from 'vue-router'

// Two changes in one moment must not undo each other: they are gathered and written together.
let pending: LocationQueryRaw | undefined

export function useAddress() {
  const route = useRoute()
  const router = useRouter()

  function set(changes: Record<string, string | undefined>): void {
    const first = !pending
    pending = { ...(pending ?? route.query), ...changes }
    if (!first) return
    queueMicrotask(() => {
      const query = pending
      pending = undefined
      void router.replace({ query: clean(query ?? {}) })
    })
  }

  function text(name: string) {
    return computed<string | undefined>({
      get: () => {
        const value = route.query[name]
        return typeof value === 'string' && value ? value : undefined
      },
      set: (value) => set({ [name]: value || undefined }),
    })
  }

  /** A parameter that is one of a few words; anything else in the address counts as none. */
  function choice<Value extends string>(name: string, values: readonly Value[]) {
    const raw = text(name)
    return computed<Value | undefined>({
      get: () => values.find((value) => value === raw.value),
      set: (value) => (raw.value = value),
    })
  }

  return { text, choice, set }
}

function clean(query: LocationQueryRaw): LocationQueryRaw {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined && value !== ''))
}
