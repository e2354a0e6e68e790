import { VueQueryPlugin } from '@tanstack/vue-query'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { queryOptions } from './api/queries'
import { i18n, setLanguage } from './i18n'
import { language } from './i18n/language'
import { router } from './router'
import './styles/base.css'
import './styles/tokens.css'
import './styles/kit.css'

async function start(): Promise<void> {
  await setLanguage(language.value).catch(() => setLanguage('zh'))
  const app = createApp(App)
  app.use(createPinia()).use(i18n).use(VueQueryPlugin, queryOptions)
  app.use(router).mount('#app')
}

void start()

if ('serviceWorker' in navigator && import.meta.env.PROD) {
  addEventListener('load', () => void navigator.serviceWorker.register('/sw.js').catch(() => undefined))
}
