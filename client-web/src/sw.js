// The shell works without a network: the page and the resident's files are kept at install, hashed files when first used.
// Nothing of /api, /docs or /openapi.json is ever kept, and nothing that is not a plain GET of our own origin.
const release = 'RELEASE'
const files = ['FILES']
const never = /^\/(api|docs|openapi\.json|healthz|readyz|metrics)(\/|$)/

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(release)
      .then((cache) => cache.addAll(files.map((file) => new Request(file, { cache: 'reload' }))))
      .then(() => self.skipWaiting()),
  )
})

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(names.filter((name) => name !== release).map((name) => caches.delete(name))),
      )
      .then(() => self.clients.claim()),
  )
})

async function hashed(request) {
  const cache = await caches.open(release)
  const kept = await cache.match(request)
  if (kept) return kept
  const fresh = await fetch(request)
  if (fresh.ok) await cache.put(request, fresh.clone())
  return fresh
}

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url)
  if (event.request.method !== 'GET' || url.origin !== location.origin || never.test(url.pathname)) return
  if (url.pathname.startsWith('/assets/')) event.respondWith(hashed(event.request))
  else if (event.request.mode === 'navigate')
    event.respondWith(fetch(event.request).catch(() => caches.match('/')))
})
