import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hypervolume, improvement, nonDominated } from '../../src/search/hypervolume.ts'
import { rng } from '../../src/util/rng.ts'

const vectors = (m: number, max = 12) =>
  fc.array(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: m, maxLength: m }), { maxLength: max })

/** Counts the unit cells below the reference that some point dominates: exact for integer points. */
function byCells(points: number[][], reference: number[]): number {
  let count = 0
  const walk = (cell: number[]): void => {
    if (cell.length < reference.length) for (let x = 0; x < reference[cell.length]!; x++) walk([...cell, x])
    else if (points.some((p) => p.every((x, i) => x <= cell[i]!))) count++
  }
  walk([])
  return count
}

test('hand-counted: two rectangles that overlap', () => {
  expect(
    hypervolume(
      [
        [1, 3],
        [2, 1],
      ],
      [4, 4],
    ),
  ).toBe(3 * 1 + 2 * 3 - 2 * 1)
  expect(hypervolume([], [1, 1])).toBe(0)
  expect(hypervolume([[1, 0]], [1, 1])).toBe(0)
})

describe.each([1, 2, 3, 4, 5])('%i objectives', (m) => {
  const reference = Array<number>(m).fill(m < 4 ? 8 : 5)
  test('equals the count of cells', () =>
    fc.assert(
      fc.property(vectors(m), (points) => {
        expect(hypervolume(points, reference)).toBe(byCells(points, reference))
      }),
      { numRuns: m < 4 ? 100 : 30 },
    ))

  test('an improvement is the difference of two volumes', () =>
    fc.assert(
      fc.property(vectors(m), vectors(m, 1), (points, [extra]) => {
        if (!extra) return
        expect(improvement(extra, points, reference)).toBe(
          hypervolume([...points, extra], reference) - hypervolume(points, reference),
        )
      }),
    ))
})

test('agrees with Monte Carlo on real numbers in five objectives', () => {
  const random = rng('hypervolume')
  const vector = () => Array.from({ length: 5 }, () => random.next())
  const points = Array.from({ length: 40 }, vector)
  const unit = [1, 1, 1, 1, 1]
  const draws = 40_000
  let hits = 0
  for (let i = 0; i < draws; i++) {
    const at = vector()
    if (points.some((p) => p.every((x, k) => x <= at[k]!))) hits++
  }
  const share = hits / draws
  expect(Math.abs(hypervolume(points, unit) - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / draws))
})

test('non-dominated points neither dominate nor repeat each other, and cover the rest', () =>
  fc.assert(
    fc.property(vectors(3, 20), (points) => {
      const kept = nonDominated(points)
      const covers = (p: readonly number[], q: readonly number[]) => p.every((x, i) => x <= q[i]!)
      for (const p of kept) for (const q of kept) if (p !== q) expect(covers(p, q)).toBe(false)
      for (const q of points) expect(kept.some((p) => covers(p, q))).toBe(true)
    }),
  ))
