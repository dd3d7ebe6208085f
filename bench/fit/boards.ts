import type { Context } from './effects.ts'
import { contextOf, type Errors } from './evaluate.ts'
import type { Formula } from './formulas.ts'
import type { Interval } from './intervals.ts'
import { type Fit, fitModel } from './model.ts'
import { type ModelRow, targetKey } from './rows.ts'

/** A network on a board that was hidden as a whole: logarithm of measured / predicted, and the standard deviation that the fit gave it. */
export type Hidden = { readonly device: string; readonly target: string; readonly log: number; readonly spread: number }

/** Every board that was timed, hidden in turn. */
export function hideBoards(
  rows: readonly ModelRow[],
  formulas: Readonly<Record<string, Formula>>,
  start: Fit,
): { readonly errors: Errors; readonly hidden: readonly Hidden[] } {
  const errors: (number | undefined)[] = rows.map(() => undefined)
  const hidden: Hidden[] = []
  for (const device of new Set(rows.filter((r) => !r.part).map((r) => r.device))) {
    const fit = fitModel(
      rows.filter((r) => r.device !== device),
      formulas,
      start,
    )
    rows.forEach((row, i) => {
      if (row.device !== device || row.part) return
      const context = contextOf(row)
      const cycles = fit.cycles(row.terms, context)
      errors[i] = cycles / row.cycles - 1
      hidden.push({ device, target: targetKey(row), log: Math.log(row.cycles / cycles), spread: fit.spread(row.terms, context) })
    })
  }
  return { errors, hidden }
}

/**
 * Interval of a board that was never timed. The fit says how uncertain its price is: what it does not know of the board, the core and the kernels. Nine in
 * ten of the hidden boards' networks lie within so many of its standard deviations; targets with many rows count by the root of their number.
 */
export function boardIntervals(
  hidden: readonly Hidden[],
  fit: Fit,
  networks: readonly Float64Array[],
): (context: Context) => Interval {
  const width = quantile90(hidden)
  return (context) => {
    const squares = networks.map((terms) => fit.spread(terms, context) ** 2)
    const half = width * Math.sqrt(squares.reduce((a, b) => a + b, 0) / squares.length)
    return { low: Math.exp(-half), high: Math.exp(half) }
  }
}

function quantile90(hidden: readonly Hidden[]): number {
  const count = new Map<string, number>()
  for (const h of hidden) count.set(h.target, (count.get(h.target) ?? 0) + 1)
  const sorted = hidden
    .map((h) => ({ z: Math.abs(h.log) / h.spread, weight: 1 / Math.sqrt(count.get(h.target)!) }))
    .sort((a, b) => a.z - b.z)
  let left = 0.9 * sorted.reduce((sum, s) => sum + s.weight, 0)
  for (const { z, weight } of sorted) {
    left -= weight
    if (left <= 0) return z
  }
  return 2
}
