import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { markRecommended, recommend } from '../../src/report/recommend.ts'
import type { FrontMember, MetricView } from '../../src/report/view.ts'

const metric: MetricView = { name: 'accuracy', split: 'search-validation' }
const budget = { ramBytes: 100_000, flashBytes: 1_000_000, latencyMs: 100 }

const member = (trial: number, int8: number | null, ram: number, latencyMs = 1): FrontMember => ({
  trial,
  genome: `g${trial}`,
  accuracy: { float32: null, int8, test: null, testLow: null, testHigh: null },
  cost: {
    latencyMs,
    latencyLowMs: latencyMs * 0.9,
    latencyHighMs: latencyMs * 1.1,
    ramBytes: ram,
    flashBytes: 1000,
    energyUj: null,
    macs: 1,
    params: 1,
  },
})
const anyFront = fc
  .uniqueArray(
    fc.record({
      trial: fc.nat(99),
      score: fc.integer({ min: 1, max: 99 }),
      ram: fc.integer({ min: 1, max: 100_000 }),
      ms: fc.integer({ min: 1, max: 100 }),
    }),
    { minLength: 1, maxLength: 12, selector: (m) => m.trial },
  )
  .map((list) => list.map((m) => member(m.trial, m.score / 100, m.ram, m.ms)))

test('a hand-made knee', () => {
  // errors 5, 6, 20 %: on the log scale 0, log(1.2)/log(4) = 0.13, 1. Prices 0.95, 0.4, 0.1. Sums 0.95, 0.53, 1.1.
  const choice = recommend([member(1, 0.95, 95_000), member(2, 0.94, 40_000), member(3, 0.8, 10_000)], budget, metric)
  expect(choice).toEqual({
    trial: 2,
    reason: 'knee of the front: 1.0 points behind the most accurate (#1), for 40 % of RAM instead of 95 %',
  })
})

test('what cannot be told apart on so many examples: the cheaper one, in those words', () => {
  const front = [member(1, 0.95, 95_000), member(2, 0.94, 40_000), member(3, 0.92, 10_000)]
  expect(recommend(front, budget, metric)!.trial).toBe(2)
  // sqrt(.94 * .06 + .92 * .08) / sqrt(36) = 6 points; on 3600 examples 0.6 points
  const few = recommend(front, budget, { ...metric, examples: 36 })
  expect(few).toEqual({
    trial: 3,
    reason: 'cannot be told apart from #2 on 36 examples (92.0 % and 94.0 %), and cheaper: 10 % of RAM instead of 40 %',
  })
  expect(recommend(front, budget, { ...metric, examples: 3600 })!.trial).toBe(2)
  // errors of other kinds than shares have no known deviation
  const mae: MetricView = { name: 'mae', split: 's', better: 'down', unit: 'number', examples: 4 }
  const errors = [member(1, 0.05, 95_000), member(2, 0.06, 40_000), member(3, 0.08, 10_000)]
  expect(recommend(errors, budget, mae)!.trial).toBe(recommend(errors, budget, { ...mae, examples: 1e9 })!.trial)
})

test('the most accurate wins where accuracy is dear and the board is not full', () => {
  expect(recommend([member(1, 0.95, 30_000), member(2, 0.8, 20_000)], budget, metric)!.trial).toBe(1)
})

test('a latency that may miss the budget is chosen only where all may', () => {
  const late = member(1, 0.99, 10_000, 95)
  const early = member(2, 0.7, 10_000, 50)
  expect(recommend([late, early], budget, metric)!.trial).toBe(2)
  expect(recommend([late], budget, metric)!.trial).toBe(1)
})

test('without a latency budget the slowest member is the yardstick', () => {
  const { latencyMs: _, ...unbounded } = budget
  // prices: 1000/2000 = 0.5 and 0.1 (RAM); errors 0 and log(1.2)/log(4)
  const front = [member(1, 0.95, 10_000, 1000), member(2, 0.94, 10_000, 100), member(3, 0.8, 10_000, 90)]
  const choice = recommend(front, unbounded, metric)
  expect(choice).toEqual({
    trial: 2,
    reason: 'knee of the front: 1.0 points behind the most accurate (#1), for a latency of 100 ms instead of 1000 ms',
  })
})

test('errors of regression are errors, not shares', () => {
  const mae: MetricView = { ...metric, name: 'MAE', better: 'down' }
  expect(recommend([member(1, 2, 95_000), member(2, 2.2, 40_000), member(3, 8, 10_000)], budget, mae)!.trial).toBe(2)
})

describe('for any front', () => {
  test('the choice is a member, does not depend on the order, and nobody is both more accurate and cheaper in every way', () => {
    fc.assert(
      fc.property(anyFront, (front) => {
        const choice = recommend(front, budget, metric)!
        const picked = front.find((m) => m.trial === choice.trial)!
        expect(recommend([...front].reverse(), budget, metric)).toEqual(choice)
        const safe = (m: FrontMember) => m.cost.latencyHighMs! <= budget.latencyMs
        const better = front.filter(
          (m) =>
            (safe(m) || !safe(picked)) &&
            m.accuracy.int8! > picked.accuracy.int8! &&
            m.cost.ramBytes < picked.cost.ramBytes &&
            m.cost.latencyMs < picked.cost.latencyMs,
        )
        expect(better).toEqual([])
      }),
    )
  })

  test('exactly one member is marked, and marking twice changes nothing', () => {
    fc.assert(
      fc.property(anyFront, (front) => {
        const once = markRecommended(front, budget, metric)
        expect(once.filter((m) => m.recommended !== undefined)).toHaveLength(1)
        expect(markRecommended(once, budget, metric)).toEqual(once)
      }),
    )
  })
})

test('nothing to recommend', () => {
  expect(recommend([], budget, metric)).toBeNull()
  expect(recommend([member(1, null, 1)], budget, metric)).toBeNull()
  expect(markRecommended([], budget, metric)).toEqual([])
})
