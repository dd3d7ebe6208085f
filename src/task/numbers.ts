import { usageError } from '../util/errors.ts'
import { countOf, type Labels } from './labels.ts'

/** Labels that are numbers in the data already, as many for each example as there are columns. */
export function readNumbers(texts: readonly (readonly string[])[]): {
  readonly classes: readonly string[]
  readonly labels: Labels
} {
  const all = texts.flat()
  const wrong = all.find((text) => text === '' || !Number.isFinite(Number(text)))
  if (wrong !== undefined)
    throw usageError(`the target "${wrong}" is not a number`, 'mend it, or leave out "task": the labels are then classes')
  return { classes: [], labels: { values: Float32Array.from(all, Number), width: texts[0]?.length ?? 1 } }
}

/** Mean of numeric labels, as text like every label. */
export const average = (labels: readonly string[]): string =>
  String(labels.reduce((sum, label) => sum + Number(label), 0) / labels.length)

/** Mean of each number of the labels. */
export function meanLabel(labels: Labels): number[] {
  const { values, width } = labels
  const sums = new Array<number>(width).fill(0)
  for (let i = 0; i < values.length; i++) sums[i % width]! += values[i]!
  return sums.map((sum) => sum / countOf(labels))
}

/** The outputs should be the label itself. */
export const copyLabel = ({ values, width }: Labels, i: number, targets: Float32Array, at: number): void =>
  targets.set(values.subarray(i * width, (i + 1) * width), at)
