import fc from 'fast-check'
import { expect, test } from 'vitest'
import { paretoDominates } from '../../src/search/domination.ts'
import { contenders, coverage, frontOf, objectivesOf } from '../../src/search/front.ts'
import type { ObjectiveName, TargetSpec, Trial } from '../../src/search/trial.ts'

const names: ObjectiveName[] = ['error', 'latency', 'ram']
const metric = { kind: 'accuracy' } as const
const target: TargetSpec = { id: 'a', budget: { ramBytes: 10, flashBytes: 10 }, reference: [0.5, 10, 10] }
const trial = (n: number, score: number | null, latencyMs: number, ramBytes: number, violation = 0): Trial => ({
  n,
  genome: [],
  text: '',
  state: score === null ? 'infeasible' : 'trained',
  parents: [],
  rung: 0,
  recipe: '',
  graphHash: String(n),
  macs: 0,
  params: 0,
  costs: {
    a: { latencyMs, ramBytes, flashBytes: 1, violation, latencyLowMs: 0, latencyHighMs: 0, energyUj: null, calibrated: false },
  },
  score,
  steps: [],
  weights: null,
})

test('a hand-made front: cheapest error first, without dominated, repeated, untrained or oversized trials', () => {
  const trials = [
    trial(0, 0.75, 5, 5),
    trial(1, 0.75, 5, 5),
    trial(2, 0.5, 2, 5),
    trial(3, 0.7, 6, 6),
    trial(4, 0.99, 1, 1, 0.2),
    trial(5, null, 1, 1),
  ]
  const front = frontOf(trials, target, names, metric)
  expect(front.trials.map((t) => t.n)).toEqual([0, 2])
  // trial 2 lies on the reference's error and adds nothing: (1 - .25/.5)(1 - 5/10)(1 - 5/10)
  expect(front.hypervolume).toBeCloseTo(0.125, 12)
  expect(frontOf([], target, names, metric)).toEqual({ target: 'a', trials: [], hypervolume: 0 })
})

test('a front is mutually non-dominated, covers every feasible trial, and can be grown one by one', () =>
  fc.assert(
    fc.property(fc.array(fc.tuple(...names.map(() => fc.integer({ min: 1, max: 6 }))), { maxLength: 25 }), (rows) => {
      const trials = rows.map(([e, l, r], n) => trial(n, 1 - e! / 20, l!, r!))
      const front = frontOf(trials, target, names, metric)
      const at = (t: Trial) => objectivesOf(t, 'a', names, metric)
      for (const x of front.trials) for (const y of front.trials) expect(paretoDominates(at(x), at(y))).toBe(false)
      expect(coverage(front.trials.map(at), trials.map(at))).toBe(1)
      const grown = trials.reduce((f, t) => frontOf([...f.trials, t], target, names, metric), frontOf([], target, names, metric))
      expect(grown).toEqual(front)
    }),
  ))

const looks = fc.array(
  fc.record({ network: fc.integer({ min: 0, max: 5 }), rung: fc.integer({ min: 0, max: 2 }), e: fc.integer({ min: 1, max: 6 }) }),
  {
    maxLength: 20,
  },
)

test('with rungs, a network counts as its longest training left it, and the front can still be grown one by one', () =>
  fc.assert(
    fc.property(looks, (rows) => {
      const trials = rows.map(({ network, rung, e }, n): Trial => {
        const cost = 6 - network
        return { ...trial(n, 1 - e / 20, cost, cost), graphHash: String(network), rung }
      })
      const longest = (t: Trial) => trials.every((u) => u.graphHash !== t.graphHash || u.rung <= t.rung)
      const front = frontOf(trials, target, names, metric)
      const alone = trials.filter(longest).map((t): Trial => ({ ...t, rung: 0 }))
      expect(front.trials.map((t) => t.n)).toEqual(frontOf(alone, target, names, metric).trials.map((t) => t.n))
      let grown = frontOf([], target, names, metric)
      trials.forEach((_, i) => {
        grown = frontOf(contenders(grown, trials.slice(0, i + 1)), target, names, metric)
      })
      expect(grown).toEqual(front)
    }),
  ))

test('coverage is the share of the second that the first equals or dominates', () => {
  const a = [
    [1, 1],
    [0, 3],
  ]
  const b = [
    [1, 1],
    [2, 2],
    [3, 0],
    [0, 2],
  ]
  expect(coverage(a, b)).toBe(0.5)
  expect(coverage(b, a)).toBe(1)
  expect(coverage(a, [])).toBe(1)
})
