import type { Labels } from './labels.ts'
import { confusionMatrix, type Predictions } from './predictions.ts'
import type { MetricRow, Parameters } from './task.ts'

const share = { better: 'up', unit: 'share' } as const
const error = { better: 'down', unit: 'number' } as const
const metric = <P extends Parameters>(row: MetricRow<P>): MetricRow<P> => row

/** Shares of answers that are right. */
export const classMetrics = {
  accuracy: metric({
    ...share,
    parameters: {},
    score: (p, labels) => trace(confusionMatrix(p, labels)) / p.count,
    interval: wilsonInterval,
  }),
  'balanced-accuracy': metric({
    ...share,
    parameters: {},
    score: (p, labels) => meanOverClasses(confusionMatrix(p, labels), recall),
  }),
  'macro-f1': metric({ ...share, parameters: {}, score: (p, labels) => meanOverClasses(confusionMatrix(p, labels), f1) }),
  /** Recall of class `positive` at the threshold where at most `rate` of the other examples are taken for it. */
  'recall-at-fpr': metric({
    ...share,
    parameters: { positive: { kind: 'class' }, rate: { kind: 'share' } },
    score: (p, labels, { positive, rate }) => recallAtFalsePositiveRate(p, labels, positive, rate),
    refuse: ({ positive }, classes) =>
      positive < classes ? undefined : [`metric: there is no class ${positive}`, `classes are 0 to ${classes - 1}`],
  }),
}

/** Distances from the label, in its units. */
export const numberMetrics = {
  mae: metric({ ...error, parameters: {}, score: (p, labels) => meanOf(p, labels, Math.abs) }),
  rmse: metric({ ...error, parameters: {}, score: (p, labels) => Math.sqrt(meanOf(p, labels, (e) => e * e)) }),
}

/** Wilson's 95 % interval of a share of `count` examples (Wilson 1927). */
export function wilsonInterval(share: number, count: number): [low: number, high: number] {
  const q = 1.959963984540054
  const centre = (share + (q * q) / (2 * count)) / (1 + (q * q) / count)
  const half = (q / (1 + (q * q) / count)) * Math.sqrt((share * (1 - share)) / count + (q * q) / (4 * count * count))
  return [Math.max(0, centre - half), Math.min(1, centre + half)]
}

const trace = (counts: number[][]) => counts.reduce((sum, row, c) => sum + row[c]!, 0)
const rowSum = (counts: number[][], c: number) => counts[c]!.reduce((a, b) => a + b, 0)
const recall = (counts: number[][], c: number) => counts[c]![c]! / rowSum(counts, c)

function f1(counts: number[][], c: number): number {
  const predicted = counts.reduce((sum, row) => sum + row[c]!, 0)
  return (2 * counts[c]![c]!) / (predicted + rowSum(counts, c))
}

/** Mean over the classes that occur; an absent class has no recall. */
function meanOverClasses(counts: number[][], value: (counts: number[][], c: number) => number): number {
  const present = counts.map((_, c) => c).filter((c) => rowSum(counts, c) > 0)
  return present.reduce((sum, c) => sum + value(counts, c), 0) / present.length
}

function recallAtFalsePositiveRate(p: Predictions, { values }: Labels, positive: number, rate: number): number {
  const margin = (i: number) => {
    let other = Number.NEGATIVE_INFINITY
    for (let c = 0; c < p.outputs; c++) if (c !== positive) other = Math.max(other, p.scores[i * p.outputs + c]!)
    return p.scores[i * p.outputs + positive]! - other
  }
  const negatives: number[] = []
  const positives: number[] = []
  for (let i = 0; i < p.count; i++) (values[i] === positive ? positives : negatives).push(margin(i))
  negatives.sort((a, b) => b - a)
  // the highest threshold that lets at most `rate` of the negatives through, strictly above the next one
  const threshold = negatives[Math.floor(negatives.length * rate)] ?? Number.NEGATIVE_INFINITY
  return positives.filter((m) => m > threshold).length / positives.length
}

/** Mean over all numbers of all labels. */
function meanOf(p: Predictions, { values }: Labels, of: (error: number) => number): number {
  const numbers = p.count * p.outputs
  let sum = 0
  for (let i = 0; i < numbers; i++) sum += of(p.scores[i]! - values[i]!)
  return sum / numbers
}
