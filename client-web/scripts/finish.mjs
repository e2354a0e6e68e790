// After vite: the service worker with the list of the resident's files, Swagger UI, and compressed siblings of every file.
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const here = fileURLToPath(new URL('..', import.meta.url))
const dist = join(here, 'dist')

/** Files a resident needs offline: the entry and the phone's pages, with what they import; nothing of the desk. */
function residentFiles(manifest) {
  const wanted = new Set()
  const seen = new Set()
  const take = (name) => {
    const chunk = manifest[name]
    if (!chunk || seen.has(name)) return
    seen.add(name)
    wanted.add(`/${chunk.file}`)
    for (const css of chunk.css ?? []) wanted.add(`/${css}`)
    for (const next of chunk.imports ?? []) take(next)
    for (const next of chunk.dynamicImports ?? []) if (!/desk/i.test(next)) take(next)
  }
  take('index.html')
  return [...wanted].sort()
}

function serviceWorker() {
  const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'))
  const files = ['/', '/icon.svg', '/manifest.webmanifest', ...residentFiles(manifest)]
  const release = createHash('sha256')
    .update(readFileSync(join(dist, 'index.html')))
    .update(files.join())
    .digest('hex')
    .slice(0, 12)
  const source = readFileSync(join(here, 'src/sw.js'), 'utf8')
  writeFileSync(
    join(dist, 'sw.js'),
    source.replace("'RELEASE'", `'${release}'`).replace("['FILES']", JSON.stringify(files)),
  )
  rmSync(join(dist, '.vite'), { recursive: true })
  return manifest
}

/** The documentation page: Swagger UI's own files and our initializer, no inline script. */
function documentation() {
  const from = fileURLToPath(new URL('.', import.meta.resolve('swagger-ui-dist/package.json')))
  mkdirSync(join(dist, 'docs'), { recursive: true })
  for (const name of ['swagger-ui.css', 'swagger-ui-bundle.js'])
    copyFileSync(join(from, name), join(dist, 'docs', name))
  for (const name of readdirSync(join(here, 'docs')))
    copyFileSync(join(here, 'docs', name), join(dist, 'docs', name))
}

const compressible = new Set(['.html', '.js', '.css', '.svg', '.json', '.webmanifest', '.txt'])

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) yield* files(join(folder, entry.name))
    else yield join(folder, entry.name)
  }
}

function compress() {
  for (const file of [...files(dist)]) {
    if (!compressible.has(extname(file))) continue
    const plain = readFileSync(file)
    const packed = {
      '.br': brotliCompressSync(plain, {
        params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length },
      }),
      '.gz': gzipSync(plain, { level: 9 }),
    }
    // A sibling that is no smaller would only cost memory.
    for (const [end, bytes] of Object.entries(packed))
      if (bytes.length < plain.length) writeFileSync(file + end, bytes)
  }
}

/** What a phone loads before the first page can be used, compressed; more than the limit fails the build. */
function firstLoad(manifest, limit) {
  const chunks = new Set()
  const counted = new Set()
  let total = 0
  const add = (path) => {
    if (counted.has(path)) return
    counted.add(path)
    total +=
      statSync(join(dist, `${path}.br`), { throwIfNoEntry: false })?.size ?? statSync(join(dist, path)).size
  }
  const take = (name) => {
    const chunk = manifest[name]
    if (!chunk || chunks.has(name)) return
    chunks.add(name)
    add(chunk.file)
    for (const css of chunk.css ?? []) add(css)
    for (const next of chunk.imports ?? []) take(next)
  }
  add('index.html')
  for (const name of ['index.html', 'src/shells/phone/PhoneShell.vue', 'src/domains/access/phone/Home.vue'])
    take(name)
  console.log(`first load of the phone shell: ${(total / 1000).toFixed(1)} kB br in ${counted.size} files`)
  if (total > limit) {
    console.error(`more than ${limit / 1000} kB`)
    process.exit(1)
  }
}

const manifest = serviceWorker()
documentation()
compress()
firstLoad(manifest, 200_000)
