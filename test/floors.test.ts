import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { expect, test } from 'vitest'

/** Lowest first. A file imports from its own folder or from a lower row, never sideways or up (docs/architecture.md). */
const floors = [
  ['util'],
  ['graph'],
  ['space', 'device', 'quant'],
  ['search'],
  ['data'],
  ['train'],
  ['store', 'export'],
  ['verify', 'report'],
  ['run'],
  ['cli'],
]
const root = new URL('../src', import.meta.url).pathname
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((f) => f.includes('/') && f.endsWith('.ts'))
const floorOf = (path: string) => floors.findIndex((row) => row.includes(path.split('/')[0]!))

test.each(files)('%s imports only from its own floor or below', (file) => {
  const source = readFileSync(join(root, file), 'utf8')
  const imports = [...source.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map((m) =>
    posix.normalize(posix.join(posix.dirname(file), m[1]!)),
  )
  const wrong = imports.filter(
    (to) =>
      floorOf(to) < 0 ||
      floorOf(to) > floorOf(file) ||
      (floorOf(to) === floorOf(file) && to.split('/')[0] !== file.split('/')[0]),
  )
  expect(wrong).toEqual([])
})

test('every folder of src stands on a floor', () => {
  expect(files.map((f) => f.split('/')[0]!).filter((d) => floorOf(`${d}/`) < 0)).toEqual([])
})

test('pure floors touch neither disk nor clock nor threads', () => {
  const pure = ['graph', 'space', 'device', 'quant', 'search']
  const allowed = new Set(['space/load.ts', 'device/load.ts'])
  const impure = files
    .filter((f) => pure.includes(f.split('/')[0]!) && !allowed.has(f))
    .filter((f) => /from 'node:(?!crypto)|Date\.now|performance\.now|setTimeout/.test(readFileSync(join(root, f), 'utf8')))
  expect(impure).toEqual([])
})
