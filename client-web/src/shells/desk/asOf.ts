// The day that a desk page looks at. It lives in the address, so that a link shows what its sender saw.
import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { today } from '@/api/clock'

export function useAsOf() {
  const route = useRoute()
  const router = useRouter()
  const asOf = computed<string | undefined>({
    get: () => {
      const day = route.query.as_of
      return typeof day === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(day) ? day : undefined
    },
    set: (day) => {
      const query = { ...route.query }
      if (day && day !== today()) query.as_of = day
      else delete query.as_of
      void router.replace({ query })
    },
  })
  /** Another day than today is for reading only. */
  const readOnly = computed(() => asOf.value !== undefined && asOf.value !== today())
  return { asOf, readOnly }
}
