import { extent } from '../../report/svg/scale.ts'
import type { ObjectiveName } from '../../search/trial.ts'
import { costNames, type TrialRow } from '../wire.ts'

/** What a slider bounds. */
export const bounded = ['latencyMs', 'ramBytes', 'flashBytes', 'energyUj'] as const
export type Bounded = (typeof bounded)[number]
export type Bounds = Readonly<Partial<Record<Bounded, number>>> & { readonly least?: number }

/** Numbers of the trials on one board, a column each: what is asked of ten thousand trials at every move of a slider. */
export type Columns = {
  readonly length: number
  /** Infinity where not known. */
  readonly cost: Readonly<Record<Bounded, Float64Array>>
  readonly macs: Float64Array
  /** Larger is better, whatever the metric; -Infinity where not trained. */
  readonly good: Float64Array
  /** 1 = trained, inside the board's own budget, and the longest training of its network. */
  readonly feasible: Uint8Array
  /** Least and greatest among the feasible; Infinity and -Infinity where none is known. */
  readonly range: Readonly<Record<Bounded | 'good', readonly [low: number, high: number]>>
  /** The feasible ones in the order in which a front is found: the best score first, then by costs, then as they came. */
  readonly order: Int32Array
}

const at = Object.fromEntries(costNames.map((name, i) => [name, i])) as Record<(typeof costNames)[number], number>

export function columnsOf(
  trials: readonly TrialRow[],
  board: number,
  better: 'up' | 'down',
  objectives: readonly ObjectiveName[],
): Columns {
  const cost = mapped(() => new Float64Array(trials.length))
  const macs = new Float64Array(trials.length)
  const good = new Float64Array(trials.length)
  const feasible = new Uint8Array(trials.length)
  const longest = new Map<string, number>()
  for (const { state, graphHash, rung } of trials)
    if (state === 'trained') longest.set(graphHash, Math.max(rung, longest.get(graphHash) ?? 0))
  trials.forEach((trial, i) => {
    const row = trial.costs[board]!
    for (const name of bounded) cost[name][i] = row[at[name]] ?? Number.POSITIVE_INFINITY
    macs[i] = trial.macs
    good[i] = trial.score === null ? Number.NEGATIVE_INFINITY : better === 'up' ? trial.score : -trial.score
    const counts = trial.state === 'trained' && trial.score !== null && trial.rung >= longest.get(trial.graphHash)!
    feasible[i] = counts && (row[at.violation] ?? 1) <= 0 ? 1 : 0
  })
  const rangeOf = (column: Float64Array) => extent([...column].filter((v, i) => feasible[i] && Number.isFinite(v)))
  const range = { ...mapped((name) => rangeOf(cost[name])), good: rangeOf(good) }
  const columns = { length: trials.length, cost, macs, good, feasible, range }
  return { ...columns, order: orderOf(columns, objectives) }
}

const mapped = <T>(of: (name: Bounded) => T): Record<Bounded, T> => ({
  latencyMs: of('latencyMs'),
  ramBytes: of('ramBytes'),
  flashBytes: of('flashBytes'),
  energyUj: of('energyUj'),
})

/** Which trials fit: trained, inside the board's budget and inside the sliders'. Energy that nobody knows passes no bound. */
export function fitting(columns: Columns, { least, ...costs }: Bounds, better: 'up' | 'down'): Uint8Array {
  const fits = columns.feasible.slice()
  for (const name of bounded) {
    const most = costs[name]
    if (most === undefined) continue
    const column = columns.cost[name]
    for (let i = 0; i < fits.length; i++) if (column[i]! > most) fits[i] = 0
  }
  if (least !== undefined) {
    const floor = better === 'up' ? least : -least
    for (let i = 0; i < fits.length; i++) if (columns.good[i]! < floor) fits[i] = 0
  }
  return fits
}

type Values = Omit<Columns, 'order'>
const columnOf: Readonly<Record<Exclude<ObjectiveName, 'error'>, (columns: Values) => Float64Array>> = {
  latency: ({ cost }) => cost.latencyMs,
  ram: ({ cost }) => cost.ramBytes,
  flash: ({ cost }) => cost.flashBytes,
  energy: ({ cost }) => cost.energyUj,
  macs: ({ macs }) => macs,
}
const costsOf = (columns: Values, objectives: readonly ObjectiveName[]): Float64Array[] =>
  objectives.filter((name) => name !== 'error').map((name) => columnOf[name](columns))

function orderOf(columns: Values, objectives: readonly ObjectiveName[]): Int32Array {
  const costs = costsOf(columns, objectives)
  const scored = objectives.includes('error')
  const { good, feasible } = columns
  return Int32Array.from(feasible.keys())
    .filter((i) => feasible[i] === 1)
    .sort((i, j) => {
      if (scored && good[i] !== good[j]) return good[j]! - good[i]!
      for (const column of costs) if (column[i] !== column[j]) return column[i]! - column[j]!
      return i - j
    })
}

/**
 * The front among those that fit, by the study's own objectives, the best score first; of equals the first trial stays. In this order a trial can only
 * be dominated by one before it, so each is compared with the members so far.
 */
export function frontWithin(columns: Columns, fits: Uint8Array, objectives: readonly ObjectiveName[]): number[] {
  const costs = costsOf(columns, objectives)
  const members: number[] = []
  for (const i of columns.order) if (fits[i] === 1 && !isCovered(i)) members.push(i)
  return members

  function isCovered(i: number): boolean {
    next: for (const m of members) {
      for (const column of costs) if (column[m]! > column[i]!) continue next
      return true
    }
    return false
  }
}
