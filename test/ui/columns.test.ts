import fc from 'fast-check'
import { expect, test } from 'vitest'
import { frontOf } from '../../src/search/front.ts'
import type { ObjectiveName, Trial } from '../../src/search/trial.ts'
import { bounded, columnsOf, fitting, frontWithin } from '../../src/ui/page/columns.ts'
import { freeStep, rangeOf, sliderSteps, stepOf, valueAt } from '../../src/ui/page/ranges.ts'
import type { TrialRow } from '../../src/ui/wire.ts'

const small = fc.integer({ min: 1, max: 6 })
const rowOf = (n: number, [score, latency, ram, flash, energy, over, network, rung]: readonly number[]): TrialRow => ({
  n,
  state: score === 1 ? 'infeasible' : 'trained',
  reason: null,
  score: score === 1 ? null : score! / 10,
  macs: latency! * ram!,
  params: 0,
  text: '',
  parents: [],
  rung: rung!,
  graphHash: String(network),
  seconds: null,
  costs: [[latency!, latency!, latency!, ram!, flash!, energy === 1 ? null : energy!, over! > 5 ? 0.1 : 0]],
})
const rows = fc
  .array(fc.tuple(small, small, small, small, small, small, fc.nat(12), fc.nat(2)), { maxLength: 30 })
  .map((all) => all.map((values, n) => rowOf(n, values)))

/** The same trial as the search sees it. */
const trialOf = ({ costs, ...row }: TrialRow): Trial => {
  const [latencyMs, , , ramBytes, flashBytes, energyUj, violation] = costs[0] as number[]
  const cost = {
    latencyMs: latencyMs!,
    latencyLowMs: 0,
    latencyHighMs: 0,
    ramBytes: ramBytes!,
    flashBytes: flashBytes!,
    energyUj: energyUj!,
    calibrated: true,
    violation: violation!,
  }
  return { ...row, reason: '', genome: [], recipe: '', steps: [], weights: null, costs: { a: cost } }
}

test('the front within the sliders is the search’s own front of what fits them', () =>
  fc.assert(
    fc.property(
      rows,
      fc.record({ latencyMs: small, ramBytes: small, flashBytes: small }, { requiredKeys: [] }),
      fc.constantFrom<ObjectiveName[]>(
        ['error', 'latency', 'ram', 'flash'],
        ['error', 'latency'],
        ['error', 'macs'],
        ['latency', 'ram'],
      ),
      fc.constantFrom('up' as const, 'down' as const),
      (trials, bounds, objectives, better) => {
        const columns = columnsOf(trials, 0, better, objectives)
        const fits = fitting(columns, bounds, better)
        const inside = trials.filter((t) => {
          const [latency, , , ram, flash, , over] = t.costs[0] as number[]
          const within = (value: number, most: number | undefined) => most === undefined || value <= most
          const again = trials.some((u) => u.state === 'trained' && u.graphHash === t.graphHash && u.rung > t.rung)
          return (
            t.score !== null &&
            !again &&
            over === 0 &&
            within(latency!, bounds.latencyMs) &&
            within(ram!, bounds.ramBytes) &&
            within(flash!, bounds.flashBytes)
          )
        })
        expect([...fits.keys()].filter((i) => fits[i])).toEqual(inside.map((t) => t.n))
        const target = { id: 'a', budget: { ramBytes: 9, flashBytes: 9 }, reference: objectives.map(() => 100) }
        const metric = better === 'up' ? ({ kind: 'accuracy' } as const) : ({ kind: 'mae' } as const)
        const front = frontOf(inside.map(trialOf), target, objectives, metric)
        expect([...frontWithin(columns, fits, objectives)].sort((a, b) => a - b)).toEqual(
          front.trials.map((t) => t.n).sort((a, b) => a - b),
        )
      },
    ),
  ))

test('a slider’s steps are where it was left, its free end bounds nothing, and tighter lets fewer through', () =>
  fc.assert(
    fc.property(
      rows,
      fc.constantFrom(...bounded, 'least' as const),
      fc.nat(sliderSteps),
      fc.constantFrom('up' as const, 'down' as const),
      (trials, name, step, better) => {
        const columns = columnsOf(trials, 0, better, ['error', 'latency'])
        const range = rangeOf(columns, name)
        fc.pre(range[1] > range[0])
        const countAt = (s: number) =>
          fitting(columns, { [name]: valueAt(range, s, name, better) }, better).reduce((a, b) => a + b, 0)
        expect(stepOf(range, valueAt(range, step, name, better), name, better)).toBe(step)
        const known = trials.filter(
          (t, i) => columns.feasible[i] && (name === 'least' || Number.isFinite(columns.cost[name][i]) || t === undefined),
        ).length
        expect(countAt(freeStep(name))).toBe(known)
        const tighter = name === 'least' ? Math.min(sliderSteps, step + 40) : Math.max(0, step - 40)
        expect(countAt(tighter)).toBeLessThanOrEqual(countAt(step))
      },
    ),
  ))
