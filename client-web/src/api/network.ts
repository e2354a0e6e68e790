// Is there a network? The browser's word is taken for "no"; for "yes" only a request can tell.
import { readonly, ref } from 'vue'

const state = ref(navigator.onLine)
addEventListener('online', () => (state.value = true))
addEventListener('offline', () => (state.value = false))

export const online = readonly(state)
