import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { apportion, makeSplits, type SplitInput } from '../../src/data/split.ts'
import { oneEach } from '../../src/task/labels.ts'

const task = 'classification' as const
const sides = (s: ReturnType<typeof makeSplits>['splits']) => [
  [...s.train, ...s.calibration],
  [...s.searchValidation],
  [...s.selectionValidation],
  [...s.test],
]

/** Examples with classes, perhaps groups, perhaps a list. */
const inputs: fc.Arbitrary<SplitInput> = fc
  .record({
    classCount: fc.integer({ min: 2, max: 5 }),
    size: fc.integer({ min: 60, max: 300 }),
    groupCount: fc.option(fc.integer({ min: 4, max: 30 }), { nil: undefined }),
    list: fc.constantFrom('none', 'train-test', 'train-val-test'),
    salt: fc.integer({ min: 1, max: 1000 }),
  })
  .map(({ classCount, size, groupCount, list, salt }) => {
    const hash = (i: number, k: number) => (Math.imul(i * 31 + salt + k * 977, 0x9e3779b1) >>> 8) & 0xffff
    const groups = groupCount ? Int32Array.from({ length: size }, (_, i) => hash(i, 1) % groupCount) : undefined
    const unit = (i: number) => (groups ? groups[i]! + 7 : i)
    const words = list === 'none' ? undefined : list === 'train-test' ? [1, 1, 1, 3] : [1, 1, 1, 2, 3]
    return {
      labels: oneEach(Array.from({ length: size }, (_, i) => hash(i, 2) % classCount)),
      task,
      ...(groups ? { groups } : {}),
      ...(words ? { given: Uint8Array.from({ length: size }, (_, i) => words[hash(unit(i), 3) % words.length]!) } : {}),
    }
  })

describe('splits of random data', () => {
  test('cover every example once', () =>
    fc.assert(
      fc.property(inputs, fc.string(), (data, seed) => {
        const all = sides(makeSplits(data, seed).splits).flat()
        expect(all.sort((a, b) => a - b)).toEqual([...data.labels.values.keys()])
      }),
    ))

  test('follow the list that came with the data', () =>
    fc.assert(
      fc.property(inputs, (data) => {
        if (!data.given) return
        const [train, search, selection, held] = sides(makeSplits(data, 's').splits)
        const said = (side: number[] | undefined, word: number) => side!.every((i) => data.given![i] === word)
        if (data.given.includes(3)) expect(said(held, 3)).toBe(true)
        if (data.given.includes(2)) expect(said(selection, 2) && (said(search, 2) || said(search, 1))).toBe(true)
        expect(said(train, 1)).toBe(true)
      }),
    ))

  test('keep groups on one side, unless a note says that they are too few', () =>
    fc.assert(
      fc.property(inputs, (data) => {
        if (!data.groups) return
        const { splits, notes } = makeSplits(data, 's')
        if (notes.length) {
          expect(notes.join()).toMatch(/too few/)
          return
        }
        const seen = sides(splits).map((side) => new Set(side.map((i) => data.groups![i]!)))
        expect(seen.reduce((n, g) => n + g.size, 0)).toBe(new Set(seen.flatMap((g) => [...g])).size)
      }),
    ))

  test('are the same under the same seed', () =>
    fc.assert(
      fc.property(inputs, fc.string(), (data, seed) => {
        expect(makeSplits(data, seed)).toEqual(makeSplits(data, seed))
      }),
    ))

  test('have every class everywhere when nothing ties the hands', () =>
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 8, max: 60 }), (k, each) => {
        const labels = Int32Array.from({ length: k * each }, (_, i) => i % k)
        const { splits } = makeSplits({ labels: oneEach(labels), task }, 's')
        for (const side of sides(splits)) expect(new Set(side.map((i) => labels[i])).size).toBe(k)
        expect(new Set(Array.from(splits.calibration, (i) => labels[i])).size).toBe(k)
      }),
    ))
})

test('every class stands in every split where each has five groups of its own', () => {
  const labels = Int32Array.from({ length: 300 }, (_, i) => Math.floor(i / 100))
  const groups = Int32Array.from({ length: 300 }, (_, i) => Math.floor(i / 20))
  const { splits, notes } = makeSplits({ labels: oneEach(labels), groups, task }, 's')
  expect(notes).toEqual([])
  for (const side of sides(splits)) expect(new Set(side.map((i) => labels[i])).size).toBe(3)
})

test('calibration takes a tenth of train, within 100 and 1000, at most a fifth', () => {
  const size = (n: number) =>
    makeSplits({ labels: oneEach(Array.from({ length: n }, (_, i) => i % 2)), task }, 's').splits.calibration.length
  expect(size(100)).toBe(12) // a fifth of 60
  expect(size(1000)).toBe(100)
  expect(size(5000)).toBe(300)
  expect(size(40_000)).toBe(1000)
})

test('a validation part of few people is left whole for selection; the search gets people from train', () => {
  const people = (inVal: number) => {
    const groups = Int32Array.from({ length: 400 }, (_, i) => i % 20)
    const given = Uint8Array.from(groups, (g) => (g < inVal ? 2 : g < 10 ? 3 : 1))
    const data = { labels: oneEach(Array.from({ length: 400 }, (_, i) => (i >> 5) & 1)), groups, given, task }
    const of = (side: Int32Array) => [...new Set(Array.from(side, (i) => groups[i]!))].sort((a, b) => a - b)
    const { splits } = makeSplits(data, 's')
    return { search: of(splits.searchValidation), selection: of(splits.selectionValidation) }
  }
  expect(people(3).selection).toEqual([0, 1, 2])
  expect(people(3).search.length).toBeGreaterThan(0)
  expect(people(3).search.every((g) => g >= 10)).toBe(true)
  expect(people(6).selection.length + people(6).search.length).toBe(6)
})

describe('windows of recordings', () => {
  const cut = (recordings: number, each: number, hop: number, label: (recording: number) => number) => {
    const n = recordings * each
    const recording = Int32Array.from({ length: n }, (_, i) => Math.floor(i / each))
    return {
      labels: oneEach(Array.from(recording, label)),
      task,
      windows: { recording, start: Int32Array.from({ length: n }, (_, i) => (i % each) * hop), length: 100 },
    }
  }

  test('stay together where every class has enough recordings', () => {
    const data = cut(12, 10, 50, (r) => r % 2)
    const seen = sides(makeSplits(data, 's').splits).map((side) => new Set(side.map((i) => data.windows.recording[i]!)))
    expect(seen.reduce((n, s) => n + s.size, 0)).toBe(12)
    expect(seen.every((s) => s.size > 0)).toBe(true)
  })

  test('of one recording per class are cut into blocks of time with a gap', () => {
    const data = cut(2, 200, 50, (r) => r)
    const { splits, notes } = makeSplits(data, 's')
    expect(notes.join()).toMatch(/blocks of time; \d+ windows/)
    const where = sides(splits)
    for (const [a, side] of where.entries())
      for (const [b, other] of where.entries())
        if (a < b)
          for (const i of side)
            for (const j of other) {
              if (data.windows.recording[i] !== data.windows.recording[j]) continue
              expect(data.windows.start[j]! - data.windows.start[i]!).toBeGreaterThanOrEqual(200) // length + a gap of one length
            }
    expect(where.flat().length).toBeGreaterThan(380)
    for (const side of where) expect(new Set(side.map((i) => data.labels.values[i])).size).toBe(2)
  })
})

test('apportion gives whole numbers that sum and follow the shares', () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 500 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 5 }),
      (n, raw) => {
        const total = raw.reduce((a, b) => a + b)
        const counts = apportion(
          n,
          raw.map((r) => r / total),
        )
        expect(counts.reduce((a, b) => a + b)).toBe(n)
        if (n >= raw.length) expect(Math.min(...counts)).toBeGreaterThan(0)
        for (const [k, c] of counts.entries())
          if (n >= 100) expect(Math.abs(c - (n * raw[k]!) / total)).toBeLessThan(raw.length + 1)
      },
    ),
  ))
