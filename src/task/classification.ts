import { countOf, type Labels, oneEach } from './labels.ts'
import { classMetrics } from './metrics.ts'
import { confusionMatrix } from './predictions.ts'
import type { Task } from './task.ts'

/** One of several named classes for each example. Its label is the index of the class, the network answers with a probability for each. */
export const classification = {
  about: 'labels are names; a window has the class of most of its rows',
  classOf: ({ values }, i) => values[i]!,
  labelWidth: (columns) => (columns === 1 ? 1 : undefined),
  readLabels(texts) {
    const classes = [...new Set(texts.map(([name]) => name!))].sort(byNumberThenName)
    const index = new Map(classes.map((name, k) => [name, k]))
    return { classes, labels: oneEach(texts.map(([name]) => index.get(name!)!)) }
  },
  labelOfWindow: majority,
  outputs: (classes) => classes,
  activation: 'softmax',
  writeTarget(labels, i, targets, at) {
    targets[at + labels.values[i]!] = 1
  },
  loss: (train, classes) => ({ kind: 'crossEntropy', labelSmoothing: 0, ...classWeights(train, classes) }),
  distillation: { alpha: 0.3, temperature: 4 },
  trivialAnswer(labels, outputs) {
    const counts = countsOf(labels, outputs)
    const commonest = counts.indexOf(Math.max(...counts))
    return counts.map((_, c) => (c === commonest ? 1 : 0))
  },
  metrics: classMetrics,
  usualMetric: 'accuracy',
  confusion: confusionMatrix,
  describe: (classes) => `${classes} classes`,
} as const satisfies Task

const byNumberThenName = (a: string, b: string): number => Number(a) - Number(b) || (a < b ? -1 : a > b ? 1 : 0)

/** The most frequent label of the rows; of equals, the one that came first. */
export function majority(labels: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1)
  let best = labels[0]!
  for (const [label, n] of counts) if (n > counts.get(best)!) best = label
  return best
}

function countsOf({ values }: Labels, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0)
  for (const c of values) counts[c]!++
  return counts
}

/** Classes are weighted by the square root of their rarity once the commonest is three times the rarest. */
function classWeights(train: Labels, classes: number): { classWeights?: readonly number[] } {
  const counts = countsOf(train, classes)
  const present = counts.filter((n) => n > 0)
  if (present.length < 2 || Math.max(...present) < 3 * Math.min(...present)) return {}
  const mean = countOf(train) / present.length
  return { classWeights: counts.map((n) => (n === 0 ? 1 : Math.sqrt(mean / n))) }
}
