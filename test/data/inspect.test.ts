import { describe, expect, test } from 'vitest'
import { assemble } from '../../src/data/assemble.ts'
import type { Decoded } from '../../src/data/decoded.ts'
import { inspect, reportLines } from '../../src/data/inspect.ts'
import { duplicateSets } from '../../src/data/likeness.ts'
import { oneEach } from '../../src/task/labels.ts'
import { rng } from '../../src/util/rng.ts'

const base = { name: 'made', task: 'classification', frontEnd: {}, unreadable: [], notes: [] } as const
const report = (data: Decoded) => inspect(assemble(data, 's').dataset, data, [])

/** Windows `[20, 1, 2]` of noise; each class sits at its own offset on the first channel. */
function offsets(perClass: number, step: number): Decoded {
  const r = rng('offsets')
  const labels = Int32Array.from({ length: 2 * perClass }, (_, i) => i % 2)
  const samples = Float32Array.from(
    { length: labels.length * 40 },
    (_, k) => r.normal() + (k % 2 ? 0 : step * labels[Math.floor(k / 40)]!),
  )
  return { ...base, kind: 'series', shape: [20, 1, 2], classes: ['a', 'b'], samples, labels: oneEach(labels) }
}

test('warns when a constant offset tells the classes apart, and only then', () => {
  expect(report(offsets(100, 0)).warnings).toEqual([])
  const moved = report(offsets(100, 3))
  expect(moved.meanAloneAccuracy).toBeGreaterThan(0.95)
  expect(moved.warnings).toEqual([expect.stringMatching(/mean of an example alone tells its class in (9\d|100)/)])
})

/** Blocky random pictures `[16, 17, 1]`. */
function pictures(count: number): Decoded {
  const r = rng('pictures')
  const samples = Uint8Array.from({ length: count * 16 * 17 }, () => r.int(256))
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2)
  return {
    ...base,
    kind: 'image',
    shape: [16, 17, 1],
    classes: ['a', 'b'],
    samples,
    labels: oneEach(labels),
    sources: Array.from(labels, (_, i) => `${i}.png`),
  }
}

test('finds equal and similar pictures on two sides, and names two files', () => {
  const given = Uint8Array.from({ length: 200 }, (_, i) => (i < 100 ? 1 : i < 140 ? 2 : 3))
  const data = { ...pictures(200), given }
  expect(report(data).warnings).toEqual([])
  const size = 16 * 17
  data.samples.copyWithin(150 * size, 10 * size, 11 * size) // test 150 equals train 10
  for (let k = 0; k < size; k++) data.samples[160 * size + k] = Math.min(255, data.samples[20 * size + k]! + (k % 3)) // nearly train 20
  const found = report(data)
  expect(found.equal).toEqual([{ splits: ['train', 'test'], count: 1, example: ['10.png', '150.png'] }])
  expect(found.similar).toEqual([{ splits: ['train', 'test'], count: 2, example: ['10.png', '150.png'] }])
  expect(duplicateSets(data)).toEqual([
    [10, 150],
    [20, 160],
  ])
})

test('counts classes per split, tells imbalance, and prints a table', () => {
  const data = offsets(100, 0)
  const labels = data.labels.values.map((_, i) => (i % 10 === 0 ? 1 : 0))
  const skewed = report({ ...data, labels: oneEach(labels), unreadable: [{ file: 'x.csv', reason: 'empty table' }] })
  expect(skewed.imbalance).toBeGreaterThan(7)
  expect(skewed.majorityShare).toBeCloseTo(0.9, 1)
  const total = skewed.classes.reduce((n, c) => n + Object.values(c.counts).reduce((a, b) => a + b), 0)
  expect(total).toBe(200)
  const lines = reportLines(skewed)
  expect(
    lines
      .find((l) => l.startsWith('all'))!
      .split(/\s+/)
      .slice(1)
      .map(Number),
  ).toEqual(Object.values(skewed.splits))
  expect(lines).toContain('unreadable: x.csv: empty table')
  expect(lines.join('\n')).toMatch(/unbalanced/)
})

describe('a label among the channels', () => {
  const count = 120
  const r = rng('leak')
  const classAt = (i: number) => i % 3
  const channels = ['x', 'code', 'is_b', 'battery']
  const row: Record<string, (i: number) => number> = {
    x: () => r.normal(),
    code: (i) => [7, 3, 5][classAt(i)]!,
    is_b: (i) => Number(classAt(i) === 1),
    battery: (i) => Math.floor(i / 10),
  }
  /** Windows of 8 rows; the last two rows are already those of the next example, as on the border of two classes. */
  const windows = (names: readonly string[]): Decoded => ({
    ...base,
    kind: 'series',
    shape: [8, 1, names.length],
    classes: ['a', 'b', 'c'],
    samples: Float32Array.from({ length: count * 8 * names.length }, (_, at) => {
      const [i, t] = [Math.floor(at / (8 * names.length)), Math.floor(at / names.length) % 8]
      return row[names[at % names.length]!]!(t < 6 ? i : i + 1)
    }),
    labels: oneEach(Int32Array.from({ length: count }, (_, i) => classAt(i))),
    frontEnd: { channels: names },
  })
  test('is named: a code of the class, and a column that tells one class from the others', () => {
    const { labelLeaks, warnings } = report(windows(channels))
    expect(labelLeaks).toEqual([
      { channel: 'code', share: 1 },
      { channel: 'is_b', share: 1 },
    ])
    expect(warnings.join('\n')).toMatch(/code gives the label away/)
  })
  test('measurements and counters are none', () => expect(report(windows(['x', 'battery'])).labelLeaks).toEqual([]))
  test('is found behind a number: a straight line of the target is no measurement', () => {
    const target = Float32Array.from({ length: count }, () => r.normal())
    const data: Decoded = {
      ...base,
      kind: 'series',
      task: 'regression',
      shape: [1, 1, 2],
      classes: [],
      samples: Float32Array.from(
        { length: 2 * count },
        (_, k) => target[k >> 1]! * (k % 2 ? 1.8 : 1) + (k % 2 ? 32 : r.normal() * 0.1),
      ),
      labels: oneEach(target),
      frontEnd: { channels: ['near', 'fahrenheit'] },
    }
    expect(report(data).labelLeaks).toEqual([{ channel: 'fahrenheit', share: expect.closeTo(1, 6) }])
  })
})
