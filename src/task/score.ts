import { isErrorMetric, type Metric } from './metric.ts'

/** What a network said about a split: class scores `[count, classes]` (any monotone scale), or predicted values `[count]`. */
export type Predictions = { readonly count: number; readonly outputs: number; readonly scores: ArrayLike<number> }

/** Index of the largest score of example i; ties go to the lower class, as TFLite's examples do. */
export function argMax(p: Predictions, i: number): number {
  const base = i * p.outputs
  let best = 0
  for (let c = 1; c < p.outputs; c++) if (p.scores[base + c]! > p.scores[base + best]!) best = c
  return best
}

/** `counts[truth][predicted]`. */
export function confusionMatrix(p: Predictions, labels: ArrayLike<number>): number[][] {
  const counts = Array.from({ length: p.outputs }, () => new Array<number>(p.outputs).fill(0))
  for (let i = 0; i < p.count; i++) counts[labels[i]!]![argMax(p, i)]!++
  return counts
}

/** The study's metric of these predictions: up is better for classification, down for regression (`errorOf` turns it). */
export function score(metric: Metric, p: Predictions, labels: ArrayLike<number>): number {
  switch (metric.kind) {
    case 'accuracy':
      return trace(confusionMatrix(p, labels)) / p.count
    case 'balanced-accuracy':
      return meanOverClasses(confusionMatrix(p, labels), (counts, c) => recall(counts, c))
    case 'macro-f1':
      return meanOverClasses(confusionMatrix(p, labels), f1)
    case 'recall-at-fpr':
      return recallAtFalsePositiveRate(p, labels, metric.positive, metric.rate)
    case 'mae':
      return meanOf(p, labels, Math.abs)
    case 'rmse':
      return Math.sqrt(meanOf(p, labels, (e) => e * e))
  }
}

/** The score of always answering the commonest class (or the mean value): the worst corner of the hypervolume. */
export function trivialScore(metric: Metric, labels: ArrayLike<number>, outputs: number): number {
  const count = labels.length
  if (isErrorMetric(metric.kind)) {
    let sum = 0
    for (let i = 0; i < count; i++) sum += labels[i]!
    return score(metric, { count, outputs: 1, scores: new Array<number>(count).fill(sum / count) }, labels)
  }
  const counts = new Array<number>(outputs).fill(0)
  for (let i = 0; i < count; i++) counts[labels[i]!]!++
  const majority = counts.indexOf(Math.max(...counts))
  const scores = new Float32Array(count * outputs)
  for (let i = 0; i < count; i++) scores[i * outputs + majority] = 1
  return score(metric, { count, outputs, scores }, labels)
}

/** Wilson's 95 % interval of a share of `count` examples (Wilson 1927). */
export function wilsonInterval(share: number, count: number): [low: number, high: number] {
  const z = 1.959963984540054
  const centre = (share + (z * z) / (2 * count)) / (1 + (z * z) / count)
  const half = (z / (1 + (z * z) / count)) * Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count * count))
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

function recallAtFalsePositiveRate(p: Predictions, labels: ArrayLike<number>, positive: number, rate: number): number {
  const margin = (i: number) => {
    let other = Number.NEGATIVE_INFINITY
    for (let c = 0; c < p.outputs; c++) if (c !== positive) other = Math.max(other, p.scores[i * p.outputs + c]!)
    return p.scores[i * p.outputs + positive]! - other
  }
  const negatives: number[] = []
  const positives: number[] = []
  for (let i = 0; i < p.count; i++) (labels[i] === positive ? positives : negatives).push(margin(i))
  negatives.sort((a, b) => b - a)
  // the highest threshold that lets at most `rate` of the negatives through, strictly above the next one
  const threshold = negatives[Math.floor(negatives.length * rate)] ?? Number.NEGATIVE_INFINITY
  return positives.filter((m) => m > threshold).length / positives.length
}

function meanOf(p: Predictions, labels: ArrayLike<number>, of: (error: number) => number): number {
  let sum = 0
  for (let i = 0; i < p.count; i++) sum += of(p.scores[i]! - labels[i]!)
  return sum / p.count
}
