// Fails when a message is used and not there, or when the two languages differ in shape. Says which messages nobody uses.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../src/', import.meta.url))
const load = async (name) => (await import(new URL(`../src/i18n/${name}.ts`, import.meta.url))).default
const [zh, en] = [
  { ...(await load('zh/index')), ...(await load('zh/desk')) },
  { ...(await load('en/index')), ...(await load('en/desk')) },
]

function flat(messages, prefix = '', into = new Map()) {
  for (const [key, value] of Object.entries(messages)) {
    if (typeof value === 'string') into.set(prefix + key, value)
    else flat(value, `${prefix}${key}.`, into)
  }
  return into
}

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) yield* files(join(folder, entry.name))
    else if (/\.(vue|ts)$/.test(entry.name) && !entry.name.endsWith('.d.ts')) yield join(folder, entry.name)
  }
}

const chinese = flat(zh)
const english = flat(en)
const mistakes = []
for (const key of chinese.keys()) if (!english.has(key)) mistakes.push(`en: ${key} is missing`)
for (const key of english.keys()) if (!chinese.has(key)) mistakes.push(`zh: ${key} is missing`)
for (const [key, text] of chinese) {
  const names = (value) => [...new Set(value.match(/\{\w+\}/g) ?? [])].sort().join()
  if (english.has(key) && names(text) !== names(english.get(key)))
    mistakes.push(`${key}: the languages name other values`)
}

const used = new Set()
const beginnings = new Set()
for (const file of files(source)) {
  if (file.includes(`${join('src', 'i18n')}/zh`) || file.includes(`${join('src', 'i18n')}/en`)) continue
  const text = readFileSync(file, 'utf8')
  // Calls of t('…'), and keys handed on as plain strings, known by their first word: title: 'points.title'.
  for (const [, key] of text.matchAll(/\bt\(\s*'([\w.]+)'/g)) used.add(`${key}\n${file}`)
  for (const [, key] of text.matchAll(/'(\w+\.\w[\w.]*)'/g))
    if (key.split('.')[0] in zh) used.add(`${key}\n${file}`)
  for (const [, key] of text.matchAll(/\bt\(\s*`([\w.]+)\$\{/g)) beginnings.add(`${key}\n${file}`)
}
const keys = new Set()
for (const use of used) {
  const [key, file] = use.split('\n')
  keys.add(key)
  if (!chinese.has(key)) mistakes.push(`${file.slice(source.length)}: '${key}' is used and not there`)
}
const starts = []
for (const use of beginnings) {
  const [key, file] = use.split('\n')
  starts.push(key)
  if (![...chinese.keys()].some((one) => one.startsWith(key)))
    mistakes.push(`${file.slice(source.length)}: no message begins with '${key}'`)
}
const idle = [...chinese.keys()].filter(
  (key) => !keys.has(key) && !starts.some((start) => key.startsWith(start)),
)

if (idle.length) console.log(`messages nobody uses: ${idle.join(' ')}`)
if (mistakes.length) {
  console.error(mistakes.join('\n'))
  process.exit(1)
}
console.log(`${chinese.size} messages in two languages`)
