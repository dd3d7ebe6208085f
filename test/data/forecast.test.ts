import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { bridged } from '../../src/data/gaps.ts'
import { openExamples } from '../../src/data/open.ts'
import { readTable } from '../../src/data/read/table.ts'
import { predict, search } from '../../src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'tinyfront-forecast-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A room that follows the weather an hour late, one row in 15 minutes from a Monday on. */
const rows = 600
const weather = (r: number) => 15 + 6 * Math.sin((2 * Math.PI * r) / 96) + ((r * 37) % 11) / 10
const room = (r: number) => 20 + 0.5 * (weather(r - 4) - 15)
const clock = (r: number) => new Date(Date.UTC(2026, 10, 30) + r * 900_000).toISOString().slice(0, 19)
const line = (r: number) => `${clock(r)},${room(r).toFixed(3)},${weather(r).toFixed(3)}`
const table = (...lines: string[]) => ['time,room,weather', ...lines].join('\n')
const usual = Array.from({ length: rows }, (_, r) => line(r))

let files = 0
function manifest(csv: string, forecast: object, more: object = {}): string {
  const at = join(folder, `d${files++}`)
  writeFileSync(`${at}.csv`, csv)
  writeFileSync(`${at}.json`, JSON.stringify({ kind: 'series', task: 'forecast', path: `${at}.csv`, forecast, ...more }))
  return `${at}.json`
}
const opened = (file: string) => openExamples(file, { seed: '1', cacheDir: join(folder, 'cache') })

test('windows see the past, labels are changes some rows ahead, and no window crosses a border', async () => {
  const { dataset } = await opened(manifest(table(...usual), { target: 'room', horizon: [1, 4], history: 8, time: 'time' }))
  expect([dataset.shape, dataset.labels.width, dataset.classes]).toEqual([[8, 1, 3], 2, []])
  const at = (i: number, r: number, c: number) => dataset.samples[i * 24 + r * 3 + c]!
  // the first window: rows 0 to 7; the room, the weather, and the room as change from row 7
  for (let r = 0; r < 8; r++) {
    expect(at(0, r, 0)).toBeCloseTo(room(r), 2)
    expect(at(0, r, 2)).toBeCloseTo(room(r) - room(7), 2)
    expect(at(0, r, 1)).toBeCloseTo(weather(r), 2)
  }
  expect(dataset.labels.values[0]).toBeCloseTo(room(8) - room(7), 2)
  expect(dataset.labels.values[1]).toBeCloseTo(room(11) - room(7), 2)
  const total = Object.values(dataset.splits).reduce((sum, s) => sum + s.length, 0)
  // 600 rows cut at 420 and 510: each piece loses the windows of its last 11 rows; two halves of validation keep a window apart
  expect(total).toBeGreaterThan(600 - 3 * 11 - 2 * 8)
  expect(Math.max(...dataset.splits.train)).toBeLessThan(Math.min(...dataset.splits.searchValidation))
  expect(Math.max(...dataset.splits.selectionValidation)).toBeLessThan(Math.min(...dataset.splits.test))
})

test('inspect says what no change and a straight line come to', async () => {
  const { report } = await opened(manifest(table(...usual), { target: 'room', horizon: 4, history: 8 }))
  const { persistence, ridge } = report.baselines!
  expect(persistence[0]).toBeGreaterThan(0.3)
  // what the room will be stands in the window already
  expect(ridge![0]).toBeLessThan(persistence[0]! / 3)
  expect(report.notes.join()).toMatch(/no change is off by 0\.\d+, ridge regression by 0\.0/)
})

test('a calendar stands in four further channels', async () => {
  const { dataset } = await opened(
    manifest(table(...usual), { target: 'room', horizon: 1, history: 4, time: 'time', calendar: true }),
  )
  expect(dataset.shape).toEqual([4, 1, 7])
  // six in the morning of a Monday is row 24 - the first window that begins there
  const i = 24
  const day = Array.from(dataset.samples.slice(i * 28 + 3, i * 28 + 7))
  expect(day.map((x) => Number(x.toFixed(3)))).toEqual([
    1,
    0,
    Number(Math.sin((2 * Math.PI * 0.25) / 7).toFixed(3)),
    Number(Math.cos((2 * Math.PI * 0.25) / 7).toFixed(3)),
  ])
})

describe('gaps', () => {
  const cut = (text: string, maxGap = 2) => bridged(readTable(Buffer.from(text)), [1, 2], 0, maxGap, 'x.csv')
  test('short ones of values are bridged, long ones and leaps of time cut', () => {
    const at = (r: number, a: string, b = '1') => `${clock(r)},${a},${b}`
    const text = table(
      at(0, '1'),
      at(1, ''),
      at(2, 'NaN'),
      at(3, '4'),
      at(4, '5'),
      at(8, '6'),
      at(9, ''),
      at(10, ''),
      at(11, ''),
      at(12, '7'),
    )
    const { segments, missing } = cut(text)
    expect(segments.map((s) => [s.from, s.rows])).toEqual([
      [0, 5],
      [5, 1],
      [9, 1],
    ])
    expect(Array.from(segments[0]!.values).filter((_, i) => i % 2 === 0)).toEqual([1, 2, 3, 4, 5])
    expect(missing).toBe(2)
  })
  test('no line reaches over a leap of time or a border between parts', () => {
    const rows = (...cells: readonly (readonly [number, string])[]) => table(...cells.map(([r, a]) => `${clock(r)},${a},1`))
    const one = readTable(Buffer.from(rows([0, '1'], [1, '2'], [2, ''], [3, '4'], [4, '5'])))
    const of = (borders: readonly number[]) => bridged(one, [1, 2], 0, 2, 'x.csv', borders)
    expect(of([]).missing).toBe(1)
    // the part after begins in the gap, or with the value behind it: what it knows must not reach back
    for (const border of [2, 3]) {
      const { segments, missing } = of([border])
      expect([missing, segments.map((s) => [s.from, s.rows])]).toEqual([
        0,
        [
          [0, 2],
          [3, 2],
        ],
      ])
    }
    expect(of([1, 4]).missing).toBe(1)
    const leap = cut(rows([0, '1'], [1, '2'], [2, ''], [9, '4'], [10, '5'], [11, '6']))
    expect([leap.missing, leap.segments.map((s) => [s.from, s.rows])]).toEqual([
      0,
      [
        [0, 2],
        [3, 3],
      ],
    ])
  })
  test('no row is in two segments, and none has an unknown value, whatever is missing', () => {
    const cell = fc.oneof(fc.constant(''), fc.integer({ min: -9, max: 9 }).map(String))
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 40 }), (cells) => {
        const { segments } = cut(table(...cells.map(([a, b], r) => `${clock(r)},${a},${b}`)), 1)
        let end = 0
        for (const { from, rows: n, values } of segments) {
          expect(from).toBeGreaterThanOrEqual(end)
          end = from + n
          expect(values.some(Number.isNaN)).toBe(false)
        }
        expect(end).toBeLessThanOrEqual(cells.length)
      }),
    )
  })
})

test('several recordings: columns are those of the first; one that lacks one is named; an empty column is left out and said', async () => {
  const at = join(folder, 'houses')
  mkdirSync(join(at, 'data'), { recursive: true })
  const house = (shift: number, head: string, row: (r: number) => string) =>
    [head, ...Array.from({ length: 300 }, (_, r) => row(r + shift))].join('\n')
  const full = (r: number) => `${clock(r)},${room(r).toFixed(3)},NaN,${weather(r).toFixed(3)}`
  const put = (name: string, text: string) => writeFileSync(join(at, 'data', name), text)
  for (const i of [0, 1, 2, 3, 4]) put(`a${i}.csv`, house(i, 'time,room,cellar,weather', full))
  put(
    'b.csv',
    house(9, 'weather,time,room', (r) => `${weather(r).toFixed(3)},${clock(r)},${room(r).toFixed(3)}`),
  )
  put(
    'c.csv',
    house(0, 'time,room', (r) => `${clock(r)},${room(r)}`),
  )
  const forecast = { target: 'room', horizon: 1, history: 4, time: 'time' }
  writeFileSync(join(at, 'd.json'), JSON.stringify({ kind: 'series', task: 'forecast', path: 'data', forecast }))
  const { dataset, report } = await opened(join(at, 'd.json'))
  expect(dataset.frontEnd.channels).toEqual(['room', 'weather'])
  expect(report.notes.join()).toContain('columns without a value are left out: cellar')
  expect(report.unreadable).toEqual([{ file: 'c.csv', reason: 'no column "weather"' }])
  // the weather of the recording whose columns stand in another order
  const values = Array.from(dataset.samples)
  expect(Math.max(...values)).toBeLessThan(40)
})

describe('bad input is told in two lines', () => {
  test.each([
    ['time that jumps back', table(line(0), line(2), line(1)), { target: 'room', time: 'time' }, /row 3, time: time jumps back/],
    ['a time that is none', table(line(0), 'soon,1,2'), { target: 'room', time: 'time' }, /row 2, time: "soon" is no time/],
    ['a horizon longer than the data', table(...usual.slice(0, 60)), { target: 'room', horizon: 50 }, /too short for windows/],
    ['a target that is not there', table(...usual), { target: 'cellar' }, /cellar/],
    [
      'a cell that is no number',
      table(...usual.slice(0, 90), `${clock(90)},warm,2`),
      { target: 'room' },
      /row 91, column room: "warm"/,
    ],
    ['a calendar without a time', table(...usual), { target: 'room', calendar: true }, /a calendar without a time/],
  ])('%s', async (_, csv, forecast, message) => {
    await expect(opened(manifest(csv, { horizon: 1, history: 4, ...forecast }))).rejects.toMatchObject({ message, kind: 'usage' })
  })
  test('nothing to forecast', async () => {
    const at = join(folder, 'nothing.json')
    writeFileSync(at, JSON.stringify({ kind: 'series', task: 'forecast', path: join(folder, 'd0.csv') }))
    await expect(opened(at)).rejects.toMatchObject({ message: /a forecast of nothing/, remedy: /"target"/ })
  })
})

test('a whole study; predict answers with values, not with changes', async () => {
  const data = manifest(table(...usual), { target: 'room', horizon: 4, history: 8, time: 'time' })
  const tests: number[] = []
  const asked = {
    data,
    targets: ['stm32f446'],
    space: 'mlp',
    study: 'rooms',
    results: folder,
    trials: 4,
    polish: 1,
    workers: 1,
    seed: '1',
  } as const
  for await (const event of search(asked)) if (event.type === 'test:end') tests.push(event.test.int8)
  // no change is off by 0.37
  expect(Math.min(...tests)).toBeLessThan(0.25)
  const newest = join(folder, 'newest.csv')
  writeFileSync(newest, table(...usual.slice(0, 300)))
  const { predictions } = await predict('rooms', { files: [newest], results: folder })
  expect(predictions).toHaveLength(1)
  expect(Math.abs(predictions[0]!.values[0]! - room(303))).toBeLessThan(1)
})
