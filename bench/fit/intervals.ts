import { student95 } from '../../src/util/student.ts'
import type { Errors } from './evaluate.ts'
import { type ModelRow, targetKey } from './rows.ts'

/** 90 % interval of measured / predicted. */
export type Interval = { readonly low: number; readonly high: number }

/** Weight of the pooled spread, in measurements, when the spread of one target is estimated from few. */
const poolWeight = 4
/** Targets with fewer networks than this borrow the pooled spread of their like. */
export const fewModels = 4

type Spread = { readonly sum: number; readonly n: number }
const logs = (errors: Errors): number[] => errors.filter((e) => e !== undefined).map((e) => Math.log(1 + e))
const spreadOf = (values: readonly number[]): Spread => ({ sum: values.reduce((s, l) => s + l * l, 0), n: values.length })

/**
 * Interval of each target from its leave-one-model-out errors, in logarithms: root mean square, drawn towards the spread of all targets that
 * have many (or few) networks, times Student's quantile for as many values (few rows say little about their own spread), times the one factor with which
 * 90 % of the left-out measurements of all targets fall inside.
 */
export type Intervals = {
  readonly of: (target: string) => Interval
  readonly pooled: Interval
  /** share of the left-out measurements inside, of all and by target; the factor is chosen without the one in question */
  readonly coverage: number
  readonly coverageOf: (target: string) => number
}

export function intervals(rows: readonly ModelRow[], errors: Errors): Intervals {
  const scored = rows
    .map((row, i) => ({ key: targetKey(row), model: row.model, error: errors[i] }))
    .filter((s) => s.error !== undefined)
  const models = (key: string): number => new Set(scored.filter((s) => s.key === key).map((s) => s.model)).size
  const isFew = new Map([...new Set(scored.map((s) => s.key))].map((key) => [key, models(key) < fewModels]))
  const pool = (few: boolean): Spread => spreadOf(logs(scored.filter((s) => isFew.get(s.key) === few).map((s) => s.error)))
  const half = (key: string, without?: string): number => {
    const own = spreadOf(logs(scored.filter((s) => s.key === key && s.model !== without).map((s) => s.error)))
    const { sum, n } = pool(isFew.get(key) ?? true)
    return student95(own.n + poolWeight) * Math.sqrt((own.sum + (poolWeight * sum) / n) / (own.n + poolWeight))
  }
  const standard = scored.map((s) => Math.abs(Math.log(1 + s.error!)) / half(s.key, s.model))
  const factor = quantile90(standard)
  const around = (s: number): Interval => ({ low: Math.exp(-factor * s), high: Math.exp(factor * s) })
  const many = pool(false)
  const inside = standard.map((value, i) => value <= quantile90(standard.filter((_, j) => j !== i)))
  const share = (list: readonly boolean[]): number => list.filter(Boolean).length / list.length
  return {
    of: (key) => around(half(key)),
    pooled: around(student95(many.n) * Math.sqrt(many.sum / many.n)),
    coverage: share(inside),
    coverageOf: (key) => share(inside.filter((_, i) => scored[i]!.key === key)),
  }
}

function quantile90(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.ceil(0.9 * sorted.length) - 1]!
}
