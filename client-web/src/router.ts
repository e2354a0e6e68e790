// Pages and who may open them. A page names the operations it needs; GET /me says which of them the person has.
import { createRouter, createWebHistory, type RouteLocationNormalized } from 'vue-router'
import { useLogin } from './stores/login'
import { phoneRoutes } from './shells/phone/routes'
import { deskRoutes } from './shells/desk/routes'

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    {
      path: '/login',
      name: 'login',
      component: () => import('./domains/access/phone/LogIn.vue'),
      meta: { open: true, title: 'access.log_in' },
    },
    {
      path: '/claim',
      name: 'claim',
      component: () => import('./domains/access/phone/Claim.vue'),
      meta: { open: true, title: 'access.claim_title' },
    },
    phoneRoutes,
    deskRoutes,
    {
      path: '/:rest(.*)*',
      name: 'nowhere',
      component: () => import('./shells/Nowhere.vue'),
      meta: { open: true, title: 'app.nowhere' },
    },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

function mayOpen(to: RouteLocationNormalized): boolean {
  const login = useLogin()
  return to.matched.every(
    (record) =>
      (!record.meta.needs || login.may(...record.meta.needs)) && (!record.meta.desk || login.work.length > 0),
  )
}

router.beforeEach(async (to) => {
  if (to.meta.open) return true
  const login = useLogin()
  let signedIn: boolean
  try {
    signedIn = await login.resume()
  } catch {
    // Nobody answers: the shell and what is in it are shown, each part saying that it is offline.
    return to.name === 'unreachable' ? true : { name: 'unreachable', query: { next: to.fullPath } }
  }
  if (!signedIn) return { name: 'login', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
  if (!mayOpen(to)) return { name: 'forbidden' }
  return true
})

// After a new release the files of the old one are gone: load the page whole, once.
router.onError((error, to) => {
  if (
    /dynamically imported module|Importing a module script failed/.test(String(error)) &&
    navigator.onLine
  ) {
    const place = 'linli.reloaded'
    if (sessionStorage.getItem(place) === to.fullPath) return
    sessionStorage.setItem(place, to.fullPath)
    location.assign(to.fullPath)
  }
})
