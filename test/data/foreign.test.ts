import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import * as zlib from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDataset } from '../../src/data/open.ts'
import { readCbor } from '../../src/data/read/cbor.ts'
import { BadFile } from '../../src/data/read/limits.ts'
import { readParquet, tableOf } from '../../src/data/read/parquet.ts'
import { readTfRecords } from '../../src/data/read/tf-record.ts'
import { foreignFile } from './foreign-files.ts'
import { cborBytes, pngBytes, tfRecordBytes } from './make.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tinyfront-foreign-'))
})
afterEach(() => rmSync(root, { recursive: true }))

function put(files: Readonly<Record<string, string | Uint8Array>>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, 'set', path)), { recursive: true })
    writeFileSync(join(root, 'set', path), content)
  }
  return join(root, 'set')
}
const open = (spec: string, label?: string) =>
  openDataset(spec, { seed: 's', cacheDir: join(root, 'cache'), ...(label === undefined ? {} : { label }) })
const named = (n: number, file: (i: number) => readonly [string, string | Uint8Array]) =>
  Object.fromEntries(Array.from({ length: n }, (_, i) => file(i)))

describe('Hugging Face', () => {
  const png = (i: number) => pngBytes(4, 4, (y, x) => [i * 5, y * 60, x * 60])
  const pictures = (split: string, n: number) => ({
    ...named(n, (i) => [`${split}/${i}.png`, png(i)]),
    [`${split}/metadata.csv`]: `file_name,age,kind\n${Array.from({ length: n }, (_, i) => `${i}.png,${i + 0.5},${i % 2 ? 'odd' : 'even'}`).join('\n')}`,
  })
  test('pictures in parquet: the header names the classes, the file the split', async () => {
    const bytes = foreignFile('pictures.parquet')
    const folder = put({ 'data/train-00000-of-00001.parquet': bytes, 'data/test-00000-of-00001.parquet': bytes, 'README.md': '' })
    const data = await open(folder)
    expect([data.kind, data.shape, data.classes, data.report.splits.test]).toEqual(['image', [2, 2, 3], ['cat', 'dog'], 24])
    expect([...data.samples.subarray(12, 15)]).toEqual([1, 100, 7])
  })
  test('metadata.csv says labels, its folder the split', async () => {
    const folder = put({ ...pictures('train', 40), ...pictures('test', 12) })
    const data = await open(folder, 'kind')
    expect([data.classes, data.report.splits.test, data.report.count]).toEqual([['even', 'odd'], 12, 52])
    expect((await open(folder, 'age')).task).toBe('regression')
    await expect(open(folder)).rejects.toMatchObject({
      kind: 'usage',
      remedy: expect.stringMatching(/--label COLUMN; .* age, kind/),
    })
  })
})

describe('parquet as a table', () => {
  const values = async (name: 'rows.parquet' | 'rows-brotli.parquet' | 'rows-zstd.parquet') =>
    tableOf(await readParquet(foreignFile(name)))
  test.each(['rows.parquet', 'rows-brotli.parquet'] as const)(
    '%s: lists become columns, nothing is an empty cell',
    async (name) => {
      const { header, rows } = await values(name)
      expect(header).toEqual(['a', 'b', 'v_0', 'v_1', 'kind'])
      expect([rows.length, rows[2], rows[3]]).toEqual([30, ['1', '2', '2', '-2', 'z'], ['1.5', '', '3', '-3', 'x']])
    },
  )
  test('zstd is read where Node can, and else says what to do', async () => {
    if ('zstdDecompressSync' in zlib) expect((await values('rows-zstd.parquet')).rows).toHaveLength(30)
    else await expect(values('rows-zstd.parquet')).rejects.toThrow(/ZSTD: write it with snappy or gzip/)
  })
  test('is a data set by itself', async () => {
    const data = await open(join(put({ 'rows.parquet': foreignFile('rows.parquet') }), 'rows.parquet'))
    expect([data.shape, data.classes, data.report.count]).toEqual([[1, 1, 4], ['x', 'y', 'z'], 29])
  })
})

describe('Edge Impulse', () => {
  const acquisition = (i: number, values: unknown, sensors: unknown, interval = 10) => ({
    protected: { ver: 'v1', alg: 'none' },
    signature: '0',
    payload: { device_type: 'X', interval_ms: interval, sensors, values: values, at: i },
  })
  const axes = ['accX', 'accY', 'accZ'].map((name) => ({ name, units: 'm/s2' }))
  const motion = (i: number) =>
    acquisition(
      i,
      Array.from({ length: 300 }, (_, t) => [i, t * 0.5, -1]),
      axes,
    )
  test('info.labels and acquisitions as JSON and CBOR become recordings with classes and splits', async () => {
    const name = (i: number) => `${i < 30 ? 'training' : 'testing'}/s${i}.${i % 3 ? 'json' : 'cbor'}`
    const files = named(40, (i) => [name(i), i % 3 ? JSON.stringify(motion(i)) : cborBytes(motion(i))])
    const list = Array.from({ length: 40 }, (_, i) => ({
      path: name(i),
      category: i < 30 ? 'training' : 'testing',
      label: { type: 'label', label: i % 2 ? 'wave' : 'idle' },
    }))
    const data = await open(put({ ...files, 'info.labels': JSON.stringify({ version: 1, files: list }) }))
    expect([data.kind, data.shape, data.classes]).toEqual(['series', [128, 1, 4], ['idle', 'wave']])
    expect([data.report.count, data.report.splits.test]).toEqual([120, 30])
    expect(data.report.unreadable).toEqual([])
  })
  test('acquisitions alone are named by their class; sound becomes sound', async () => {
    const sound = (i: number) =>
      acquisition(
        i,
        Array.from({ length: 8000 }, (_, t) => Math.round(5000 * Math.sin(t * (0.1 + 0.1 * (i % 2))))),
        [{ name: 'audio', units: 'wav' }],
        0.125,
      )
    const data = await open(put(named(40, (i) => [`${i % 2 ? 'yes' : 'no'}.${i}.cbor`, cborBytes(sound(i))])))
    expect([data.kind, data.classes, data.frontEnd.sampleRate]).toEqual(['audio', ['no', 'yes'], 8000])
  })
  test('JSON of something else is no export: what was found is said', () =>
    expect(open(put(named(12, (i) => [`a/${i}.json`, '{}'])))).rejects.toMatchObject({
      message: expect.stringMatching(/but 12 \.json/),
    }))
})

describe('TFRecord', () => {
  const record = (i: number) =>
    tfRecordBytes({ image: pngBytes(2, 2, () => [i, 0, 9]), label: i % 2, 'image/filename': Buffer.from(`${i}.png`) })
  const records = (n: number) => Buffer.concat(Array.from({ length: n }, (_, i) => record(i)))
  test('pictures and labels, splits by the names of the files', async () => {
    const folder = put({ 'set-train.tfrecord-00000-of-00001': records(200), 'set-test.tfrecord-00000-of-00001': records(40) })
    const data = await open(folder)
    expect([data.kind, data.shape, data.classes, data.report.splits.test]).toEqual(['image', [2, 2, 3], ['0', '1'], 40])
    expect([...data.samples.subarray(12, 15)]).toEqual([1, 0, 9])
  })
  test('mutated ones give examples or the one error that readers are allowed', () => {
    const good = records(2)
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }), (changes) => {
        const data = Buffer.from(good)
        for (const [at, value] of changes) data[at] = value
        try {
          readTfRecords(data)
        } catch (error) {
          if (!(error instanceof BadFile)) throw error
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('CBOR', () => {
  test('gives back what was written', () =>
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 3 }).filter((v) => !/null|true|false|-0|__proto__/.test(JSON.stringify(v) ?? '')),
        (value) => {
          // JSON's text, as CBOR's integers, knows one zero only.
          expect(readCbor(cborBytes(value))).toEqual(JSON.parse(JSON.stringify(value)))
        },
      ),
    ))
  test.each([
    ['9f0102ff', [1, 2]],
    ['bf6161f93c00ff', { a: 1 }],
    ['7f6161 6162 ff'.replaceAll(' ', ''), 'ab'],
    ['c11a514b67b0', 1363896240],
    ['fa47c35000', 100000],
    ['1bffffffffffffffff', 2 ** 64],
    ['f6', null],
  ])('%s of RFC 8949', (hex, value) => expect(readCbor(Buffer.from(hex, 'hex'))).toEqual(value))
  test('a forged length and a deep nest are refused', () => {
    expect(() => readCbor(Buffer.from('9affffffff', 'hex'))).toThrow(/claims more/)
    expect(() => readCbor(Buffer.alloc(1000, 0x81))).toThrow(/too deeply/)
  })
  test('any bytes give a value or the one error that readers are allowed', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          readCbor(bytes)
        } catch (error) {
          if (!(error instanceof BadFile)) throw error
        }
      }),
      { numRuns: 3000 },
    ))
})

test.each(['rows.parquet', 'pictures.parquet'] as const)(
  'damaged %s neither crashes nor hangs',
  async (name) => {
    const good = foreignFile(name)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        async (changes) => {
          const data = Buffer.from(good)
          for (const [at, value] of changes) data[at] = value
          try {
            tableOf(await readParquet(data))
          } catch (error) {
            if (!(error instanceof BadFile)) throw error
          }
        },
      ),
      { numRuns: 150 },
    )
  },
  120_000,
)

test('parquet with a forged count is ended in time, and the next file is read', async () => {
  const forged = Buffer.from(foreignFile('pictures.parquet'))
  forged[126] = 252
  await expect(readParquet(forged)).rejects.toThrow(/longer|memory|damaged/)
  expect((await readParquet(foreignFile('rows.parquet'))).rows).toHaveLength(30)
}, 60_000)
