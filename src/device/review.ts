import type { Graph } from '../graph/graph.ts'
import { cholesky, forward } from '../util/cholesky.ts'
import { hashJson } from '../util/hash.ts'
import { log } from '../util/math.ts'
import { calibrate, commonFactor, fitScales, groupMs, logRatio, type Measurement, pullsTowards, rowsOf } from './calibrate.ts'
import { dot } from './nnls.ts'
import type { Target } from './schema.ts'

export type Outlier = {
  /** index of the measurement */
  readonly row: number
  /** predicted / measured - 1 by a fit that did not see it */
  readonly leftOut: number
  /** mean size of the left-out errors of all the others, with this row in the fit and without it */
  readonly othersWith: number
  readonly othersWithout: number
}

/** The rule of `outliers`, for people. */
export const outlierRule =
  'its left-out error is more than 3 times as large as those of the others without it (5 % at least), and theirs fall by a quarter, and two points, without it'

const fewestRows = 4

/**
 * Measurements that contradict the others, worst first. One bad row spoils the left-out errors of all, so each is judged by a fit without it: a row is
 * one where the logarithm of its left-out ratio is larger than three times the root mean square of the others' among themselves (at least 0.05),
 * and where the mean left-out error of the others falls by at least a quarter and by two points without it: a network unlike all others is predicted badly as well,
 * but leaving it out helps nobody. Rows are taken out one at a time, from at least four.
 */
export function outliers(target: Target, measurements: readonly Measurement[]): Outlier[] {
  const errorsOf = (rows: readonly number[]): readonly number[] =>
    calibrate(
      target,
      rows.map((i) => measurements[i]!),
    ).leftOut
  const left = measurements.map((_, i) => i)
  const found: Outlier[] = []
  while (left.length >= fewestRows) {
    const now = errorsOf(left)
    const judged = left.flatMap((row, at) => {
      const others = errorsOf(left.filter((i) => i !== row))
      const othersWith = mean(now.filter((_, k) => k !== at))
      const othersWithout = mean(others)
      const far = Math.abs(logRatio(now[at]!)) / Math.max(0.05, rootMeanSquare(others.map(logRatio)))
      return far > 3 && othersWithout <= Math.min(0.75 * othersWith, othersWith - 0.02)
        ? [{ row, leftOut: now[at]!, othersWith, othersWithout, far }]
        : []
    })
    if (judged.length === 0) break
    const { far: _, ...worst } = judged.reduce((a, b) => (b.far > a.far ? b : a))
    found.push(worst)
    left.splice(left.indexOf(worst.row), 1)
  }
  return found
}

export type Suggestion = {
  /** index of the candidate */
  readonly candidate: number
  readonly latencyMs: number
  /** half the 90 % interval of its prediction that comes from not knowing the factors, as a share of the latency */
  readonly spread: number
}

/**
 * Candidates in the order in which measuring them would teach most. The fit is a ridge regression on logarithms, so with rows v = x / ms the
 * factors have the posterior covariance s^2 (V'V + P)^-1 (P: the pulls towards the board's common factor), and a candidate's prediction the
 * variance s^2 v'(V'V + P)^-1 v relative to itself. The largest is next; as det(A + vv') = det A (1 + v'A^-1 v), it is also the D-optimal step
 * (Fedorov 1972). s comes from the width of the fitted interval. Networks that were measured already are left out.
 */
export function measureNext(target: Target, measurements: readonly Measurement[], candidates: readonly Graph[]): Suggestion[] {
  const rows = rowsOf(target, measurements)
  const scales = fitScales(rows)
  const known = new Set(rows.map((r) => r.network))
  const factor = cholesky(
    precision(
      rows.map(({ x, ms }) => x.map((v) => v / ms)),
      pullsTowards(commonFactor(rows)),
    ),
  )
  const half = log(calibrate(target, measurements).target.latency.high)
  return candidates
    .flatMap((graph, candidate): Suggestion[] => {
      if (known.has(hashJson(graph))) return []
      const x = groupMs(graph, target)
      const latencyMs = dot(x, scales)
      const v = x.map((value) => value / latencyMs)
      return [{ candidate, latencyMs, spread: half * Math.sqrt(inverseForm(factor, v)) }]
    })
    .sort((a, b) => b.spread - a.spread || a.candidate - b.candidate)
}

/** V'V + P, row by row. */
function precision(rows: readonly Float64Array[], pulls: readonly number[]): Float64Array[] {
  return pulls.map((pull, j) =>
    Float64Array.from(pulls, (_, k) => rows.reduce((sum, v) => sum + v[j]! * v[k]!, 0) + (j === k ? pull : 0)),
  )
}

/** v' A^-1 v from A's triangle: the squared length of L^-1 v. */
const inverseForm = (l: readonly Float64Array[], v: Float64Array): number => forward(l, v).reduce((sum, y) => sum + y * y, 0)

const mean = (errors: readonly number[]): number => errors.reduce((sum, e) => sum + Math.abs(e), 0) / errors.length

const rootMeanSquare = (x: readonly number[]): number => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length)
