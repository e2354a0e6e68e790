// The contract's types for the client: openapi.yaml → src/api/schema.d.ts (not committed).
import { mkdirSync, readFileSync, existsSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import openapiTS, { astToString } from 'openapi-typescript'

const root = new URL('../../openapi.yaml', import.meta.url)
const target = fileURLToPath(new URL('../src/api/schema.d.ts', import.meta.url))

const text = `// Generated from openapi.yaml by scripts/generate.mjs.\n${astToString(await openapiTS(root))}`
mkdirSync(dirname(target), { recursive: true })
// An unchanged file keeps its time, so that nothing is built twice.
if (!existsSync(target) || readFileSync(target, 'utf8') !== text) writeFileSync(target, text)
