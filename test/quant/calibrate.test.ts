import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildGraph } from '../../src/graph/build.ts'
import { createRangeCollector } from '../../src/quant/calibrate.ts'
import { histogram, percentileRange, smallestErrorRange } from '../../src/quant/histogram.ts'
import { dequantise, quantiseInput, rangeParams } from '../../src/quant/input.ts'
import { rng, shuffle } from '../../src/util/rng.ts'

const floats = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 60 })

test('batches and merges in any order give the same histogram', () => {
  fc.assert(
    fc.property(fc.array(floats, { minLength: 1, maxLength: 6 }), fc.nat(), (batches, seed) => {
      const forwards = histogram()
      for (const batch of batches) forwards.add(Float32Array.from(batch))
      const merged = histogram()
      for (const batch of shuffle([...batches], rng(seed))) {
        const part = histogram()
        part.add(Float32Array.from(batch))
        merged.merge(part)
      }
      const plain = ({ add: _a, merge: _m, ...state }: ReturnType<typeof histogram>) => state
      expect(plain(merged)).toEqual(plain(forwards))
      expect(forwards.counts.reduce((a, b) => a + b, forwards.zeros)).toBe(forwards.count)
    }),
    { numRuns: 30 },
  )
})

/** Products of normal values: most are small, a few lie far out. */
function heavyTailed(): Float32Array {
  const random = rng('tails')
  return Float32Array.from({ length: 10000 }, () => 3 * random.normal() * Math.abs(random.normal()))
}

/** Mean squared error of quantising `values` to 8 bits over a range, counted value by value. */
function error(values: Float32Array, range: { min: number; max: number }): number {
  const params = rangeParams(range)
  const rounded = dequantise(quantiseInput(values, params), params)
  return values.reduce((sum, v, i) => sum + (v - rounded[i]!) ** 2, 0) / values.length
}

test('the range of least error beats the full range on data with far tails, and is near the best of a brute-force search', () => {
  const values = heavyTailed()
  const h = histogram()
  h.add(values)
  const chosen = smallestErrorRange(h)
  const full = { min: h.min, max: h.max }
  expect(error(values, chosen)).toBeLessThan(error(values, full))
  let best = Infinity
  for (let a = 0.1; a <= 1; a += 0.1)
    for (let b = 0.05; b <= 1; b += 0.05) best = Math.min(best, error(values, { min: h.min * a, max: h.max * b }))
  expect(error(values, chosen)).toBeLessThan(best * 1.1)
})

test('a percentile drops the tails and never widens the range', () => {
  const values = heavyTailed()
  const h = histogram()
  h.add(values)
  const range = percentileRange(h, 99)
  const sorted = [...values].sort((a, b) => a - b)
  expect(range.min).toBeCloseTo(sorted[50]!, 0)
  expect(range.max).toBeCloseTo(sorted[9949]!, 0)
  expect(percentileRange(h, 100)).toEqual({ min: h.min, max: h.max })
})

test('input and logits keep their full range, other tensors may be clipped', () => {
  const dense = { kind: 'dense', units: 4, activation: 'none' } as const
  const graph = buildGraph(
    [1, 1, 4],
    [
      { ...dense, inputs: [0] },
      { ...dense, inputs: [1] },
    ],
  )
  const collector = createRangeCollector(graph)
  for (const t of [0, 1, 2]) collector.visit(t, heavyTailed())
  const [input, hidden, logits] = collector.ranges()
  expect(logits).toEqual(input)
  expect(hidden!.max).toBeLessThan(input!.max)
})

test('a value that is not finite is refused', () => {
  expect(() => histogram().add(Float32Array.of(1, Number.NaN))).toThrow('diverged')
  expect(() => histogram().add(Float32Array.of(Infinity))).toThrow('diverged')
})
