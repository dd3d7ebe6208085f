import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { zipSync } from 'fflate'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { openDataset } from '../../src/data/open.ts'
import { pngBytes, tarBytes } from './make.ts'

// Names in lists, containers and archives come from whoever made the data: none of them reaches a file outside the folder.

const touched = vi.hoisted((): string[] => [])
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  const noted = (name: 'readFileSync' | 'openSync' | 'statSync' | 'readdirSync' | 'existsSync' | 'realpathSync') =>
    ((path: string, ...rest: unknown[]) => {
      touched.push(String(path))
      return (fs[name] as (...args: unknown[]) => unknown)(path, ...rest)
    }) as never
  const names = ['readFileSync', 'openSync', 'statSync', 'readdirSync', 'existsSync', 'realpathSync'] as const
  return { ...fs, default: fs, ...Object.fromEntries(names.map((name) => [name, noted(name)])) }
})

let root: string
const set = () => join(root, 'outer', 'set')
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tinyfront-outside-'))
})
afterAll(() => rmSync(root, { recursive: true }))
beforeEach(() => {
  rmSync(join(root, 'outer'), { recursive: true, force: true })
  put({ '../secret.png': picture(99), '../secret/x.png': picture(98), '../../secret.png': picture(97) })
})

const picture = (i: number) => pngBytes(4, 4, (y, x) => [i, y * 60, x * 60])
function put(files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(set(), path)), { recursive: true })
    writeFileSync(join(set(), path), content)
  }
}

const evil = [
  '../secret.png',
  '../../secret.png',
  'a/../../secret.png',
  './../secret/x.png',
  '..\\secret.png',
  'a/..\\..\\secret.png',
  '%2e%2e/secret.png',
  '/etc/passwd',
  'file:///etc/passwd',
  'C:\\secret.png',
  '\u0000../secret.png',
  '~/secret.png',
  '',
] as const

/** Forty good pictures of two classes, and every name above among them. */
const good = Array.from({ length: 80 }, (_, i) => [`${i % 2 ? 'odd' : 'even'}/${i}.png`, i % 2 ? 'odd' : 'even'] as const)
const names = [...good, ...evil.map((name) => [name, 'odd'] as const)]
const pictures = Object.fromEntries(good.map(([path], i) => [path, picture(i)]))
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`

const makers: Readonly<Record<string, () => string>> = {
  'metadata.csv': () => {
    const lines = names.map(([path, kind]) => `${quoted(path)},${kind}`)
    put({ ...pictures, 'metadata.csv': `file_name,label\n${lines.join('\n')}` })
    return set()
  },
  'metadata.jsonl': () => {
    const lines = names.map(([path, label]) => JSON.stringify({ file_name: path, label }))
    put({ ...pictures, 'metadata.jsonl': lines.join('\n') })
    return set()
  },
  'info.labels': () => {
    const files = names.map(([path, label]) => ({ path, category: 'training', label: { type: 'label', label } }))
    put({ ...pictures, 'info.labels': JSON.stringify({ version: 1, files }) })
    return set()
  },
  'a list of splits': () => {
    const lines = names.map(([path, kind], i) => `${quoted(path)},${kind},${i % 5 === 0 ? 'test' : 'train'}`)
    const manifest = { kind: 'image', splits: { file: 'splits.csv', label: 'class', split: 'split' } }
    put({ ...pictures, 'splits.csv': `path,class,split\n${lines.join('\n')}`, 'dataset.json': JSON.stringify(manifest) })
    return set()
  },
  'a tar': () => {
    put({ 'set.tar': tarBytes({ ...pictures, ...Object.fromEntries(evil.map((name) => [name, picture(96)])) }) })
    return join(set(), 'set.tar')
  },
  'a zip': () => {
    put({ 'set.zip': zipSync({ ...pictures, ...Object.fromEntries(evil.map((name) => [name, picture(96)])) }) })
    return join(set(), 'set.zip')
  },
}

test.each(Object.entries(makers))('names in %s', async (_, make) => {
  const spec = make()
  touched.length = 0
  const data = await openDataset(spec, { seed: 's', cacheDir: join(root, 'cache') })
  const inside = [set(), join(root, 'cache')]
  const outside = touched.map((path) => resolve(path)).filter((path) => !inside.some((folder) => path.startsWith(folder)))
  expect(outside.filter((path) => !path.startsWith(resolve('node_modules')))).toEqual([])
  expect(touched.length).toBeGreaterThan(0)
  // the good pictures are all there, and no picture of the evil names but those that an archive holds under a harmless reading of its name
  expect(data.report.count).toBeGreaterThanOrEqual(80)
  const firstPixels = Array.from({ length: data.report.count }, (__, i) => data.samples[i * 48]!)
  for (const secret of [97, 98, 99]) expect(firstPixels).not.toContain(secret)
})
