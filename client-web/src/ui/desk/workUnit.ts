// Which area a desk list is about: the address says, else the place where the person works.
import { computed } from 'vue'
import { useLogin } from '@/stores/login'
import { useAddress } from './query'

const territorial = ['city', 'town', 'community', 'compound', 'building', 'lane', 'street']

export function useWorkUnit(operation: string) {
  const login = useLogin()
  const chosen = useAddress().text('unit')
  const own = computed(
    () =>
      [...login.workplacesFor(operation), ...login.work.map((one) => one.unit)].find((unit) =>
        territorial.includes(unit.kind),
      )?.id,
  )
  return computed<string | undefined>({
    get: () => chosen.value ?? own.value,
    set: (id) => (chosen.value = id === own.value ? undefined : id),
  })
}
