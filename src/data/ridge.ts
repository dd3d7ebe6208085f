import { labelsAt } from '../task/labels.ts'
import type { Dataset } from './dataset.ts'
import { exampleSize } from './decoded.ts'

/**
 * Ridge regression on the last row of every channel and on all rows of the channels `targets`, normalised: what a straight line makes of a window. Gives the
 * mean absolute error of each output on test; null where there is nothing to fit.
 */
export function ridgeErrors(dataset: Dataset, targets: readonly number[], lambda = 1): number[] | null {
  const { splits, labels } = dataset
  const features = featuresOf(dataset, targets)
  const count = features(0).length
  const outputs = labels.width
  if (splits.train.length <= 1 || splits.test.length === 0) return null
  const gram = Array.from({ length: count }, () => new Float64Array(count))
  const sums = Array.from({ length: outputs }, () => new Float64Array(count))
  for (const i of splits.train) {
    const x = features(i)
    for (let a = 0; a < count; a++) {
      for (let b = 0; b <= a; b++) gram[a]![b]! += x[a]! * x[b]!
      for (let k = 0; k < outputs; k++) sums[k]![a]! += x[a]! * labels.values[i * outputs + k]!
    }
  }
  // the last feature is the constant, which nothing holds back
  for (let a = 0; a < count - 1; a++) gram[a]![a]! += lambda
  factorise(gram)
  const weights = sums.map((sum) => solve(gram, sum))
  const truth = labelsAt(labels, splits.test).values
  const wrong = new Array<number>(outputs).fill(0)
  splits.test.forEach((i, n) => {
    const x = features(i)
    for (let k = 0; k < outputs; k++) {
      let answer = 0
      for (let a = 0; a < count; a++) answer += weights[k]![a]! * x[a]!
      wrong[k]! += Math.abs(answer - truth[n * outputs + k]!)
    }
  })
  return wrong.map((sum) => sum / splits.test.length)
}

/** Last row, the targets' past (changes from the last row), and a one. */
function featuresOf({ samples, shape, normalisation: { offset, scale } }: Dataset, targets: readonly number[]) {
  const [rows, , channels] = shape
  const size = exampleSize(shape)
  const at = (i: number, r: number, c: number) => (samples[i * size + r * channels + c]! - offset[c]!) * scale[c]!
  return (i: number): number[] => {
    const last = Array.from({ length: channels }, (_, c) => at(i, rows - 1, c))
    const past = targets.flatMap((c) => Array.from({ length: rows - 1 }, (_, r) => at(i, r, c)))
    return [...last, ...past, 1]
  }
}

/** Cholesky's factor in place of a positive definite matrix (its lower half). */
function factorise(a: readonly Float64Array[]): void {
  for (let j = 0; j < a.length; j++) {
    for (let k = 0; k < j; k++) a[j]![j]! -= a[j]![k]! * a[j]![k]!
    a[j]![j] = Math.sqrt(Math.max(1e-12, a[j]![j]!))
    for (let i = j + 1; i < a.length; i++) {
      for (let k = 0; k < j; k++) a[i]![j]! -= a[i]![k]! * a[j]![k]!
      a[i]![j]! /= a[j]![j]!
    }
  }
}

function solve(factor: readonly Float64Array[], right: Float64Array): Float64Array {
  const x = Float64Array.from(right)
  for (let i = 0; i < x.length; i++) {
    for (let k = 0; k < i; k++) x[i]! -= factor[i]![k]! * x[k]!
    x[i]! /= factor[i]![i]!
  }
  for (let i = x.length - 1; i >= 0; i--) {
    for (let k = i + 1; k < x.length; k++) x[i]! -= factor[k]![i]! * x[k]!
    x[i]! /= factor[i]![i]!
  }
  return x
}
