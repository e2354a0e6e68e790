// How the cache of server data behaves, said once.
import { QueryClient, type VueQueryPluginOptions } from '@tanstack/vue-query'
import { isPassing } from './problem'

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      gcTime: 30 * 60_000,
      retry: (count, error) => count < 2 && isPassing(error),
      retryDelay: (count) => 500 * 2 ** count,
    },
  },
})

export const queryOptions: VueQueryPluginOptions = { queryClient }
