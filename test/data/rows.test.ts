import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDataset } from '../../src/data/open.ts'
import { TinyfrontError } from '../../src/util/errors.ts'
import { rng } from '../../src/util/rng.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tinyfront-rows-'))
})
afterEach(() => rmSync(root, { recursive: true }))

function put(name: string, content: string | Uint8Array): string {
  mkdirSync(dirname(join(root, name)), { recursive: true })
  writeFileSync(join(root, name), content)
  return join(root, name)
}
const open = (spec: string, label?: string) =>
  openDataset(spec, { seed: 's', cacheDir: join(root, '.cache'), ...(label === undefined ? {} : { label }) })
const refusal = (message: RegExp, remedy: RegExp) => ({
  kind: 'usage',
  message: expect.stringMatching(message),
  remedy: expect.stringMatching(remedy),
})

const r = rng('rows')
/** 60 flowers of three kinds, shuffled. */
const flowers = Array.from({ length: 60 }, () => {
  const kind = r.int(3)
  return { width: (kind + r.normal() / 5).toFixed(3), height: r.normal().toFixed(3), kind: ['rose', 'lily', 'iris'][kind]! }
})

describe('a single table', () => {
  test('of numbers and one column of words: a row is an example, the words are its class', async () => {
    const rows = flowers.map(({ width, height, kind }, i) => `${i},${width},${height},${kind}`)
    const data = await open(put('flowers.csv', ['id,width,height,kind of flower', ...rows].join('\n')))
    expect([data.name, data.kind, data.task, data.shape, data.classes]).toEqual([
      'flowers',
      'series',
      'classification',
      [1, 1, 2],
      ['iris', 'lily', 'rose'],
    ])
    expect(data.samples[0]).toBe(Math.fround(Number(flowers[0]!.width)))
    expect(data.report.notes.join('\n')).toMatch(/label "kind of flower" as a class[\s\S]*left out: id \(counts rows\)/)
  })
  test('with semicolons and decimal commas has the same values', async () => {
    const comma = (text: string) => text.replace('.', ',')
    const rows = flowers.map(({ width, height, kind }) => `${comma(width)};${comma(height)};${kind}`)
    const plain = flowers.map(({ width, height, kind }) => `${width},${height},${kind}`)
    const german = await open(put('a.csv', ['Breite;Höhe;Art', ...rows].join('\r\n')))
    const english = await open(put('b.csv', ['Breite,Höhe,Art', ...plain].join('\n')))
    expect([...german.samples]).toEqual([...english.samples])
    const unicode = put(
      'c.tsv',
      Buffer.from(`\ufeff${['Breite\tHöhe\tArt', ...rows].join('\n').replaceAll(';', '\t')}`, 'utf16le'),
    )
    expect([...(await open(unicode)).samples]).toEqual([...english.samples])
  })
  test('--label names a number: it is predicted, and time is neither a channel nor shuffled', async () => {
    const rows = Array.from(
      { length: 80 },
      (_, i) => `2024-01-01T${String(i).padStart(4, '0')},${(i * 0.37) % 5},${i * 1.5},${i % 7}`,
    )
    const file = put('energy.csv', ['date,load,wind,day', ...rows].join('\n'))
    const data = await open(file, 'load')
    expect([data.task, data.shape, data.frontEnd.channels]).toEqual(['regression', [1, 1, 2], ['wind', 'day']])
    const largest = (s: keyof typeof data.splits) => Math.max(...data.splits[s])
    expect(Math.min(...data.splits.test)).toBeGreaterThan(largest('train'))
    await expect(open(file, 'laod')).rejects.toMatchObject(refusal(/no column "laod"/, /did you mean "load"/))
    await expect(open(file)).rejects.toMatchObject(refusal(/which column is the label/, /--label COLUMN.*date, load, wind, day/))
  })
  test('without a header the last column is the class; 64 bytes are a picture', async () => {
    const rows = Array.from({ length: 50 }, (_, i) => [...Array.from({ length: 64 }, () => r.int(17)), i % 5].join(','))
    const data = await open(put('digits.tra', rows.join('\n')))
    expect([data.kind, data.shape, data.classes]).toEqual(['image', [8, 8, 1], ['0', '1', '2', '3', '4']])
  })
  test('numbered columns are a stretch of time; rows with a gap are left out and counted', async () => {
    const header = ['label', ...Array.from({ length: 20 }, (_, k) => `t${k}`)].join(',')
    const rows = Array.from({ length: 40 }, (_, i) =>
      [i % 2 ? 'ok' : 'bad', ...Array.from({ length: 20 }, () => r.normal())].join(','),
    )
    const data = await open(put('beats.csv', [header, ...rows, `ok,NA,${'1,'.repeat(18)}1`].join('\n')))
    expect([data.shape, data.report.count]).toEqual([[20, 1, 1], 40])
    expect(data.report.notes).toContain('1 rows with missing values were left out')
  })
  test('columns for split and person are kept to', async () => {
    const rows = Array.from(
      { length: 120 },
      (_, i) => `${r.normal()},${i % 2 ? 'a' : 'b'},p${i % 12},${i % 12 < 8 ? 'train' : i % 12 < 10 ? 'val' : 'test'}`,
    )
    const { report, shape } = await open(put('people.csv', ['x,label,subject,split', ...rows].join('\n')))
    expect([report.groups, report.splits.test, shape]).toEqual([12, 20, [1, 1, 1]])
  })
  test('that counts time, with a class that lasts, is a recording', async () => {
    const rows = Array.from(
      { length: 9600 },
      (_, i) => `${i},${r.normal()},${r.normal()},${r.normal()},${Math.floor(i / 1200) % 2 ? 'walk' : 'sit'}`,
    )
    const data = await open(put('walk.csv', ['time,ax,ay,az,doing', ...rows].join('\n')))
    expect([data.shape, data.classes]).toEqual([
      [128, 1, 4],
      ['sit', 'walk'],
    ])
  })
  test('a code of the label among the columns is named; table.columns leaves it out', async () => {
    const rows = Array.from({ length: 90 }, (_, i) => `${r.normal()},${(i % 3) + 4},c${i % 3}`)
    const file = put('codes/codes.csv', ['x,code,label', ...rows].join('\n'))
    const { report } = await open(file)
    expect(report.labelLeaks).toEqual([{ channel: 'code', share: 1 }])
    expect(report.warnings.join()).toMatch(/code gives the label away.*table\.columns/)
    const table = { train: 'codes.csv', columns: ['x'] }
    put('codes/dataset.json', JSON.stringify({ kind: 'series', format: 'table', label: 'label', table }))
    const mended = await open(join(root, 'codes'))
    expect([mended.shape, mended.report.labelLeaks]).toEqual([[1, 1, 1], []])
  })
  test('several columns named together are sought together', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => `${r.normal()},${i * 0.5},${-i}`)
    const file = put('where.csv', ['signal,east,north', ...rows].join('\n'))
    const dataset = await open(file, 'east,north')
    expect([dataset.task, dataset.labels.width, dataset.shape]).toEqual(['regression', 2, [1, 1, 1]])
    expect(Array.from(dataset.labels.values.slice(20, 24))).toEqual([5, -10, 5.5, -11])
  })
  test('train and test in a folder are one data set', async () => {
    const rows = (n: number) => Array.from({ length: n }, (_, i) => `${i % 2},${r.normal()},${r.normal()}`).join('\n')
    put('kaggle/train.csv', `label,a,b\n${rows(60)}`)
    put('kaggle/test.csv', `label,a,b\n${rows(10)}`)
    expect((await open(join(root, 'kaggle'))).report.splits.test).toBe(10)
  })
})

test('--label where labels stand in no table is refused in two lines', () =>
  expect(open('builtin:shapes', 'x')).rejects.toMatchObject(refusal(/--label names a column/, /leave --label out/)))

test('mutated tables give a data set or two lines', async () => {
  const good = ['id;width;height;kind', ...flowers.map((f, i) => `${i};${f.width.replace('.', ',')};${f.height};${f.kind}`)].join(
    '\n',
  )
  const piece = fc.constantFrom(';', ',', '\n', '"', '\0', 'NaN', '1e999', '-', '\ufeff', ';;', 'label', 'time', '1.2.3')
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(good.length), piece), { minLength: 1, maxLength: 8 }), async (changes) => {
      let text = good
      for (const [at, put] of changes) text = text.slice(0, at) + put + text.slice(at + 1)
      try {
        await open(put(`m${run++}.csv`, text))
      } catch (error) {
        if (!(error instanceof TinyfrontError)) throw error
      }
    }),
    { numRuns: 150 },
  )
})
