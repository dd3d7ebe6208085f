/**
 * What a few measurements of one's own are worth: every published board with enough networks is hidden from the fit as a whole, then calibrated on
 * 3, 5 or 8 of its networks and asked for the others. `npx tsx bench/calibrate.ts`, one minute; reads ../shared/data, writes nothing.
 */
import { join } from 'node:path'
import { calibrate, type Measurement } from '../src/device/calibrate.ts'
import { price } from '../src/device/predict.ts'
import { measureNext } from '../src/device/review.ts'
import type { Target } from '../src/device/schema.ts'
import { markdownTable } from '../src/report/table.ts'
import { rng, shuffle } from '../src/util/rng.ts'
import { formatPercent } from '../src/util/units.ts'
import { gather } from './fit/evidence.ts'
import { hideBoard } from './fit/hidden.ts'
import { type ModelRow, targetKey } from './fit/rows.ts'

/** Networks given to the calibration; the first figures of the table are of five. */
const given = [3, 5, 8] as const
const five = 5
/** Fewest networks of which five are given and nearly as many are asked for. */
const fewest = 9
const draws = 40

/** Mean absolute percentage error on the networks that were not given, and the share of them inside the 90 % interval. */
export type Errors = { readonly mape: number; readonly coverage: number }

export type Hidden = {
  readonly target: string
  readonly networks: number
  readonly before: Errors
  /** after so many networks drawn at random, mean of the draws */
  readonly random: Readonly<Record<(typeof given)[number], Errors>>
  /** after five that `tinyfront calibrate` names one after the other */
  readonly chosen: Errors
}

/** Every target with enough networks, its board hidden. */
export function hiddenBoards(): Hidden[] {
  const evidence = gather()
  const whole = evidence.rows.filter((r) => !r.part)
  return [...new Set(whole.map(targetKey))].flatMap((key) => {
    const mine = whole.filter((r) => targetKey(r) === key)
    if (new Set(mine.map((r) => r.model)).size < fewest) return []
    const target = hideBoard(mine[0]!.device, evidence)(mine[0]!.runtime)
    return [hide(target, measurementsOf(evidence.rows, target))]
  })
}

/** Coverage over all targets, each network that is asked for counting once. */
export function pooledCoverage(boards: readonly Hidden[], n: (typeof given)[number]): number {
  const asked = boards.map((b) => ({ networks: b.networks - n, share: b.random[n].coverage }))
  return asked.reduce((sum, a) => sum + a.share * a.networks, 0) / asked.reduce((sum, a) => sum + a.networks, 0)
}

/** One measurement per network: the mean of what was published for it. */
export function measurementsOf(rows: readonly ModelRow[], target: Target): Measurement[] {
  const byModel = new Map<string, ModelRow[]>()
  for (const r of rows)
    if (!r.part && r.device === target.device.id && r.runtime === target.runtime.id)
      byModel.set(r.model, [...(byModel.get(r.model) ?? []), r])
  return [...byModel.values()].map((same) => ({
    graph: same[0]!.graph,
    latencyMs: same.reduce((sum, r) => sum + r.cycles, 0) / same.length / (target.device.clockMhz * 1000),
  }))
}

/** Error of a target on the networks that are not among `shown`. */
export function errorOn(target: Target, all: readonly Measurement[], shown: readonly Measurement[]): Errors {
  const asked = all.filter((m) => !shown.includes(m))
  const costs = asked.map((m) => ({ ...price(m.graph, target), measured: m.latencyMs }))
  return {
    mape: costs.reduce((sum, c) => sum + Math.abs(c.latencyMs / c.measured - 1), 0) / costs.length,
    coverage: costs.filter((c) => c.measured >= c.latencyLowMs && c.measured <= c.latencyHighMs).length / costs.length,
  }
}

/** Five networks as `tinyfront calibrate` asks for them, one after the other. */
export function choose(target: Target, all: readonly Measurement[]): Measurement[] {
  const shown: Measurement[] = []
  const graphs = all.map((m) => m.graph)
  while (shown.length < five) shown.push(all[measureNext(target, shown, graphs)[0]!.candidate]!)
  return shown
}

function hide(target: Target, all: readonly Measurement[]): Hidden {
  const random = (n: number): Errors =>
    meanOf(
      Array.from({ length: draws }, (_, draw) => {
        const shown = shuffle([...all], rng('hidden board', target.id, draw)).slice(0, n)
        return errorOn(calibrate(target, shown).target, all, shown)
      }),
    )
  const shown = choose(target, all)
  return {
    target: target.id,
    networks: all.length,
    before: errorOn(target, all, []),
    random: { 3: random(3), 5: random(5), 8: random(8) },
    chosen: errorOn(calibrate(target, shown).target, all, shown),
  }
}

function meanOf(errors: readonly Errors[]): Errors {
  const mean = (of: (e: Errors) => number): number => errors.reduce((sum, e) => sum + of(e), 0) / errors.length
  return { mape: mean((e) => e.mape), coverage: mean((e) => e.coverage) }
}

if (process.argv[1] === join(import.meta.dirname, 'calibrate.ts')) {
  const boards = hiddenBoards()
  const titles = [
    'board and runtime',
    'networks',
    'before',
    'five at random',
    'five as asked for',
    'inside before',
    'after 3',
    '5',
    '8',
  ]
  const percent = (x: number): string => formatPercent(x, 0)
  const lines = boards.map(({ target, networks, before, random, chosen }) => [
    target,
    String(networks),
    ...[before.mape, random[five].mape, chosen.mape, before.coverage, ...given.map((n) => random[n].coverage)].map(percent),
  ])
  const columns = titles.map((title, i) => ({ title, align: i ? ('right' as const) : ('left' as const) }))
  console.log(markdownTable(columns, lines).join('\n'))
  console.log(`inside, all networks: ${given.map((n) => `${percent(pooledCoverage(boards, n))} after ${n}`).join(', ')}`)
}
