import fc from 'fast-check'
import { expect, test } from 'vitest'
import { roc } from '../../src/task/roc.ts'

test('the area is the chance that a positive scores above a negative, ties by half; the curve rises from corner to corner', () =>
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.boolean()), { maxLength: 40 }), (examples) => {
      const curve = roc(
        examples.map(([score]) => score),
        (i) => examples[i]![1],
      )
      const of = (kind: boolean) => examples.filter(([, positive]) => positive === kind).map(([score]) => score)
      const [positives, negatives] = [of(true), of(false)]
      expect(curve === null).toBe(positives.length === 0 || negatives.length === 0)
      if (curve === null) return
      const pairs = positives.flatMap((p) => negatives.map((n): number => (p > n ? 1 : p === n ? 0.5 : 0)))
      expect(curve.area).toBeCloseTo(pairs.reduce((a, b) => a + b, 0) / pairs.length, 12)
      expect(curve.points[0]).toEqual([0, 0])
      expect(curve.points.at(-1)).toEqual([1, 1])
      for (const [i, [x, y]] of curve.points.slice(1).entries()) {
        expect(x).toBeGreaterThanOrEqual(curve.points[i]![0])
        expect(y).toBeGreaterThanOrEqual(curve.points[i]![1])
      }
    }),
  ))
