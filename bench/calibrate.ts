/**
 * What five measurements of one's own are worth: every published board with enough networks is hidden from the fit as a whole, then calibrated on
 * five of its networks and asked for the others. `npx tsx bench/calibrate.ts`, half a minute; reads ../shared/data, writes nothing.
 */
import { join } from 'node:path'
import { calibrate, type Measurement } from '../src/device/calibrate.ts'
import { listRuntimes, loadDevice } from '../src/device/load.ts'
import { price } from '../src/device/predict.ts'
import { measureNext } from '../src/device/review.ts'
import type { Target } from '../src/device/schema.ts'
import { assembleTarget } from '../src/device/target.ts'
import { markdownTable } from '../src/report/table.ts'
import { rng, shuffle } from '../src/util/rng.ts'
import { formatPercent } from '../src/util/units.ts'
import { coefficients } from './fit/coefficients.ts'
import { leaveOut, ours } from './fit/evaluate.ts'
import { baseFormulas, type Formula } from './fit/formulas.ts'
import { fitHierarchy } from './fit/hierarchy.ts'
import { type ModelRow, modelRows, partRows } from './fit/rows.ts'

const given = 5
/** Fewest networks of which five are given and at least as many are asked for. */
const fewest = 2 * given - 1
const draws = 40

export type Hidden = {
  readonly target: string
  readonly networks: number
  /** mean absolute percentage error on the networks that were not given, and the share of them inside the 90 % interval */
  readonly before: number
  readonly random: number
  readonly chosen: number
  readonly coverageBefore: number
  readonly coverage: number
}

/** A board as someone meets it who has its data sheet and nothing else: coefficients fitted without any row of it. */
export function hiddenTarget(
  device: string,
  runtime: string,
  rows: readonly ModelRow[],
  formulas: Readonly<Record<string, Formula>>,
): Target {
  const rest = rows.filter((r) => r.device !== device)
  const byModel = leaveOut(rest, (r) => r.model, ours(formulas))
  const fitted = coefficients(formulas, rest, fitHierarchy(rest, formulas), byModel)
  const file = listRuntimes().find((r) => r.id === runtime)!
  const { id: _, ...runtimeFile } = file
  return assembleTarget(loadDevice(device), runtime, runtimeFile, fitted)
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

type Errors = { readonly mape: number; readonly coverage: number }

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
  while (shown.length < given) shown.push(all[measureNext(target, shown, graphs)[0]!.candidate]!)
  return shown
}

function hide(target: Target, all: readonly Measurement[]): Hidden {
  const random = Array.from({ length: draws }, (_, n) => {
    const shown = shuffle([...all], rng('hidden board', target.id, n)).slice(0, given)
    return { before: errorOn(target, all, shown), after: errorOn(calibrate(target, shown).target, all, shown) }
  })
  const mean = (of: (r: (typeof random)[number]) => number): number => random.reduce((sum, r) => sum + of(r), 0) / draws
  const shown = choose(target, all)
  return {
    target: target.id,
    networks: all.length,
    before: mean((r) => r.before.mape),
    random: mean((r) => r.after.mape),
    chosen: errorOn(calibrate(target, shown).target, all, shown).mape,
    coverageBefore: mean((r) => r.before.coverage),
    coverage: mean((r) => r.after.coverage),
  }
}

if (process.argv[1] === join(import.meta.dirname, 'calibrate.ts')) {
  const formulas = baseFormulas()
  const rows = [...modelRows(), ...partRows()]
  const keys = new Set(rows.filter((r) => !r.part).map((r) => `${r.device}:${r.runtime}`))
  const table = [...keys].flatMap((key) => {
    const [device, runtime] = key.split(':') as [string, string]
    if (new Set(rows.filter((r) => !r.part && r.device === device && r.runtime === runtime).map((r) => r.model)).size < fewest)
      return []
    const target = hiddenTarget(device, runtime, rows, formulas)
    return [hide(target, measurementsOf(rows, target))]
  })
  const columns = [
    'board and runtime',
    'networks',
    'before',
    'five at random',
    'five as asked for',
    'in interval before',
    'after',
  ]
  const percent = (x: number): string => formatPercent(x, 0)
  const lines = table.map((t) => [
    t.target,
    String(t.networks),
    ...[t.before, t.random, t.chosen, t.coverageBefore, t.coverage].map(percent),
  ])
  console.log(
    markdownTable(
      columns.map((title, i) => ({ title, align: i ? 'right' : 'left' })),
      lines,
    ).join('\n'),
  )
}
