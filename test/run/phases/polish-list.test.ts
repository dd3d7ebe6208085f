import fc from 'fast-check'
import { expect, test } from 'vitest'
import { polishList, spread } from '../../../src/run/phases/polish-list.ts'
import { frontOf } from '../../../src/search/front.ts'
import type { TargetSpec, Trial } from '../../../src/search/trial.ts'

test('spread takes the ends first, then halves the widest gap', () => {
  expect(spread([0, 1, 2, 3, 4, 5, 6, 7, 8]).slice(0, 5)).toEqual([0, 8, 4, 2, 6])
})

test('spread is a permutation', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60 }), (n) => {
      const items = Array.from({ length: n }, (_, i) => i)
      expect(spread(items).sort((a, b) => a - b)).toEqual(items)
    }),
  )
})

const metric = { kind: 'accuracy' } as const
const objectives = ['error', 'latency'] as const
const targets: TargetSpec[] = ['a', 'b'].map((id) => ({
  id,
  budget: { ramBytes: 1e5, flashBytes: 1e5 },
  reference: [0.9, 100],
}))
const trials = fc
  .array(
    fc.record({ score: fc.double({ min: 0.1, max: 0.99, noNaN: true }), a: fc.integer(), b: fc.integer(), fits: fc.boolean() }),
    {
      minLength: 1,
      maxLength: 40,
    },
  )
  .map((drawn) =>
    drawn.map(({ score, a, b, fits }, n): Trial => {
      const cost = (latencyMs: number, violation: number) =>
        ({ latencyMs: 1 + (Math.abs(latencyMs) % 99), ramBytes: 1, flashBytes: 1, violation }) as Trial['costs'][string]
      return {
        ...{ n, genome: [n], text: '', state: 'trained', parents: [], rung: 0, recipe: '', graphHash: String(n) },
        ...{ macs: 1, params: 1, score, steps: [], weights: null, costs: { a: cost(a, 0), b: cost(b, fits ? 0 : 1) } },
      }
    }),
  )

test('every board has its most accurate network trained longer, and only members of fronts are', () =>
  fc.assert(
    fc.property(trials, fc.integer({ min: 2, max: 12 }), (history, count) => {
      const list = polishList(history, targets, objectives, metric, count)
      const fronts = targets.map((t) => frontOf(history, t, objectives, metric).trials)
      for (const front of fronts) if (front[0]) expect(list).toContain(front[0].n)
      const members = new Set(fronts.flatMap((front) => front.map((t) => t.n)))
      expect(list.every((n) => members.has(n))).toBe(true)
      expect(new Set(list).size).toBe(list.length)
      expect(list.length).toBeLessThanOrEqual(count)
    }),
  ))
