import { log } from '../util/math.ts'

/** One observation: features, value, and the weight of its squared error (1 / value^2 makes it the relative error). */
export type Row = { readonly x: ArrayLike<number>; readonly y: number; readonly weight: number }

/**
 * Non-negative least squares with a pull of each coefficient towards a prior: minimises
 * sum weight (x b - y)^2 + sum pull_j (b_j - prior_j)^2 over b >= `least`, by cyclic coordinate descent on the normal equations (convex, so it
 * converges to the minimum). Columns without any value keep their prior.
 */
export function fitNonNegative(rows: readonly Row[], prior: ArrayLike<number>, pull: ArrayLike<number>, least = 0): Float64Array {
  const n = prior.length
  const gram = new Float64Array(n * n)
  const right = new Float64Array(n)
  for (const { x, y, weight } of rows) {
    for (let j = 0; j < n; j++) {
      const wx = weight * x[j]!
      if (wx === 0) continue
      right[j]! += wx * y
      for (let k = 0; k < n; k++) gram[j * n + k]! += wx * x[k]!
    }
  }
  for (let j = 0; j < n; j++) {
    gram[j * n + j]! += pull[j]!
    right[j]! += pull[j]! * prior[j]!
  }
  const b = Float64Array.from({ length: n }, (_, j) => prior[j]!)
  for (let round = 0; round < 20000; round++) {
    let moved = 0
    for (let j = 0; j < n; j++) {
      const diagonal = gram[j * n + j]!
      if (diagonal <= 0) continue
      let gradient = right[j]!
      for (let k = 0; k < n; k++) gradient -= gram[j * n + k]! * b[k]!
      const next = Math.max(least, b[j]! + gradient / diagonal)
      // movement in units of the fit: how much the predictions change, not the coefficient
      moved = Math.max(moved, Math.abs(next - b[j]!) * Math.sqrt(diagonal))
      b[j] = next
    }
    if (moved < 1e-9 * Math.sqrt(rows.length + 1)) break
  }
  return b
}

/** Rows whose squared error is relative to the value. */
export const relative = (x: ArrayLike<number>, y: number, weight = 1): Row => ({ x, y, weight: weight / (y * y) })

/**
 * Rows whose squared error is that of the logarithm, to first order about a prediction `near` by: half and double are equally wrong there, while relative
 * errors would favour low predictions. Beyond `clear` an error counts in proportion only (Huber), so that one odd row cannot bend all others. Fit again
 * until the prediction stays.
 */
export function logarithmic(x: ArrayLike<number>, y: number, near: number, clear: number): Row {
  const error = log(near / y)
  const slope = Math.abs(error) < 1e-6 ? 1 / y : error / (near - y)
  return { x, y, weight: slope * slope * Math.min(1, clear / Math.abs(error)) }
}

export const dot = (x: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0
  for (let j = 0; j < b.length; j++) sum += x[j]! * b[j]!
  return sum
}
