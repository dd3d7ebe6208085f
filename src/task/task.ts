import type { Labels } from './labels.ts'
import type { Loss } from './loss.ts'
import type { Predictions } from './predictions.ts'

/** Further numbers that a metric is told, `NAME:a:b` on the command line, in this order. */
export type Parameters = Readonly<Record<string, { readonly kind: 'class' | 'share' }>>

/** One metric: how predictions are scored, and how a score is read. */
export type MetricRow<P extends Parameters = Parameters> = {
  readonly parameters: P
  readonly better: 'up' | 'down'
  /** `share`: 0 to 1, printed in percent. `number`: in the units of the label, printed as it is. */
  readonly unit: 'share' | 'number'
  score(predictions: Predictions, labels: Labels, parameters: { readonly [K in keyof P]: number }): number
  /** 95 % interval of a score on `count` examples; absent where none is known. */
  interval?(score: number, count: number): readonly [low: number, high: number]
  /** What does not suit a data set of so many classes, in two lines. */
  refuse?(parameters: { readonly [K in keyof P]: number }, classes: number): readonly [wrong: string, remedy: string] | undefined
}

/** What a network is asked for. One value of this type, in a file of its own and in `tasks.ts`, is all that a task is. */
export type Task = {
  /** What its labels are, for those who write a manifest. */
  readonly about: string
  /** The one class that example i is of: splits keep the share of each class, `inspect` counts them. Null where examples are of no class. */
  readonly classOf: ((labels: Labels, i: number) => number) | null
  /** Numbers in the label of an example for which the data have so many columns; undefined where it cannot have so many. */
  labelWidth(columns: number): number | undefined
  /** Labels from the texts of the data, one row for each example and of the same length, and the names of the classes, if there are any. */
  readLabels(texts: readonly (readonly string[])[]): { readonly classes: readonly string[]; readonly labels: Labels }
  /** The text that stands for all rows of a window. */
  labelOfWindow(rows: readonly string[]): string
  /** Numbers that the network answers with. */
  outputs(classes: number, labelWidth: number): number
  /** Follows the network's last layer; the loss works on what comes before it. */
  readonly activation: 'softmax' | 'none'
  /** Puts what the outputs for example i should be at `at`, where there are zeros. */
  writeTarget(labels: Labels, i: number, targets: Float32Array, at: number): void
  /** The loss for these labels of the training examples. */
  loss(train: Labels, classes: number): Loss
  /** How much of the loss a teacher has, and how soft its answers are made; null = students learn from labels alone. */
  readonly distillation: { readonly alpha: number; readonly temperature: number } | null
  /** The best answer that looks at no input: a network that is no better has learnt nothing. */
  trivialAnswer(labels: Labels, outputs: number): readonly number[]
  readonly metrics: Readonly<Record<string, MetricRow>>
  /** The metric of a study that names none. */
  readonly usualMetric: string
  /** Which answers were taken for which, for the report; null where answers cannot be counted. */
  confusion(predictions: Predictions, labels: Labels): readonly (readonly number[])[] | null
  /** What is asked for, in a few words: "8 classes". */
  describe(classes: number): string
}
