import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { exampleSize } from '../../src/data/decoded.ts'
import { openDataset } from '../../src/data/open.ts'
import { openTree } from '../../src/data/read/tree.ts'
import { exampleReader } from '../../src/data/seen-as.ts'
import { rng } from '../../src/util/rng.ts'
import { npyBytes, pngBytes, wavBytes } from './make.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tinyfront-seen-'))
})
afterEach(() => rmSync(root, { recursive: true }))

type Files = Readonly<Record<string, string | Uint8Array>>
function put(files: Files): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, 'set', path)), { recursive: true })
    writeFileSync(join(root, 'set', path), content)
  }
  return join(root, 'set')
}
const random = rng('seen-as')
const of = (classes: readonly string[], n: number, ext: string, make: (k: number) => string | Uint8Array): Files =>
  Object.fromEntries(classes.flatMap((c, k) => Array.from({ length: n }, (_, i) => [`${c}/${i}.${ext}`, make(k)] as const)))

const noise = () => random.next() * 2 - 1
const table = (header: string, rows: number, row: (r: number) => string) =>
  `${header}\n${Array.from({ length: rows }, (_, r) => row(r)).join('\n')}\n`

const sets: Readonly<Record<string, () => Files>> = {
  'colour pictures, brought to a size': () =>
    of(['a', 'b'], 20, 'png', () =>
      pngBytes(
        9,
        14,
        () => [random.next() * 255, random.next() * 255, random.next() * 255].map(Math.floor) as [number, number, number],
      ),
    ),
  'pictures cropped and made gray, as the manifest says': () => ({
    ...of(['a', 'b'], 20, 'png', (k) => pngBytes(20, 30, (y, x) => [(y * 9 + k) % 256, x * 3, 90])),
    'dataset.json': JSON.stringify({ kind: 'image', image: { size: [12, 16], channels: 'gray', fit: 'crop' } }),
  }),
  'sounds of two rates and lengths': () => ({
    ...of(['a', 'b'], 20, 'wav', () => wavBytes({ rate: 8000, bits: 16, code: 1, values: Array.from({ length: 6000 }, noise) })),
    'a/other.wav': wavBytes({ rate: 16000, bits: 16, code: 1, values: Array.from({ length: 20000 }, noise) }),
  }),
  'recordings with a triad, its length and no mean': () => ({
    ...of(['a', 'b'], 12, 'csv', () =>
      table('time,ax,ay,az,light', 70, (r) => [r, noise(), noise(), noise(), noise()].join(',')),
    ),
    'dataset.json': JSON.stringify({ kind: 'series', window: { length: 32, hop: 16, subtractMean: true, magnitudes: true } }),
  }),
  'recordings without names': () =>
    of(['a', 'b'], 12, 'npy', () => npyBytes('<f4', [150, 2], Array.from({ length: 300 }, noise))),
}

test.each(Object.entries(sets))('%s: a file is seen as the data set saw it, to the bit', async (_what, make) => {
  const folder = put(make())
  const data = await openDataset(folder, { seed: 's', cacheDir: join(root, 'cache') })
  const reader = exampleReader(data)
  const size = exampleSize(data.shape)
  const files = openTree(folder).files.filter((file) => reader.files.test(file.path))
  const seen = (await Promise.all(files.map((file) => reader.read(file)))).flat()
  expect(seen).toHaveLength(data.report.count)
  seen.forEach(({ values }, i) => {
    expect(values).toEqual(data.samples.slice(i * size, (i + 1) * size))
  })
})

test('rows of a table, by the names of its columns and wherever they stand', async () => {
  const header = 'id,weight,kind,height'
  const row = (r: number) => `r${r},${r / 7},${r % 2 ? 'odd' : 'even'},${r * 3}`
  const folder = put({ 'animals.csv': table(header, 60, row) })
  const data = await openDataset(join(folder, 'animals.csv'), { seed: 's', cacheDir: join(root, 'cache'), label: 'kind' })
  const file = (text: string) => ({ path: 'new.csv', read: () => Buffer.from(text) })
  const reader = exampleReader(data)
  const [first, second] = await reader.read(file('height,weight\n30,1.5\n60,2.5\n'))
  expect([first?.values, second?.values]).toEqual([Float32Array.of(1.5, 30), Float32Array.of(2.5, 60)])
  await expect(reader.read(file('height,wieght\n1,2\n'))).rejects.toThrow(/no column "weight"/)
  await expect(reader.read(file('height,weight\n1,heavy\n'))).rejects.toThrow(/row 1: "heavy" is not a number/)
})

describe('what holds no example', () => {
  const seen = { shape: [32, 1, 2] as const, frontEnd: { kind: 'window', window: 32, channels: ['x', 'y'] } }
  const csv = (text: string) => ({ path: 'new.csv', read: () => Buffer.from(text) })
  test.each([
    ['too short', table('x,y', 31, (r) => `${r},1`), /31 rows, where the network sees 32/],
    ['another column', table('x,z', 40, (r) => `${r},1`), /no column "y"/],
    ['nothing', '', /empty table/],
  ])('%s', async (_what, text, says) => {
    await expect(exampleReader(seen).read(csv(text))).rejects.toThrow(says)
  })
  test('a front end that no file has', () => {
    expect(() => exampleReader({ ...seen, frontEnd: { kind: 'radar' } })).toThrow(
      /cannot be seen as this study saw its data \(radar\)/,
    )
  })
})
