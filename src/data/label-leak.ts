import { countOf } from '../task/labels.ts'
import { taskOf } from '../task/lookup.ts'
import type { Dataset } from './dataset.ts'
import { exampleSize } from './decoded.ts'

/** A channel from which the label can be read: by its name, and in which share of the examples (or of the label's variance) it tells it. */
export type LabelLeak = { readonly channel: string; readonly share: number }

/** From here on a channel is the label in other words; windows on the border of two classes may differ. */
const telling = 0.99
/** Of numbers nearly everything has to be explained: two sensors at one machine correlate well, too. */
const tellingVariance = 0.9999
/** Values a channel may take for each class and still be a code of it. */
const valuesPerClass = 4
/** Examples for each value, at the least: where every value comes once, each of them "determines" its class. */
const examplesPerValue = 5

/** Channels of recordings and tables that equal or determine the label. Pictures and sounds have no channel that a person put there. */
export function labelLeaks(dataset: Dataset): LabelLeak[] {
  if (dataset.kind !== 'series') return []
  const channels = dataset.shape[2]
  const { classOf } = taskOf(dataset.task)
  const names = namesOf(dataset, channels)
  return Array.from({ length: channels }, (_, c) => {
    const share = classOf ? classShare(dataset, c, (i) => classOf(dataset.labels, i)) : explained(dataset, c)
    return { channel: names[c]!, share }
  }).filter(({ share }) => share >= (classOf ? telling : tellingVariance))
}

function namesOf({ frontEnd }: Dataset, channels: number): string[] {
  const { channels: names } = frontEnd
  return Array.from({ length: channels }, (_, c) =>
    Array.isArray(names) && c < names.length ? String(names[c]) : `channel ${c}`,
  )
}

/** Share of the examples whose class follows from the channel's middle value; also where it tells one class from all others. 0 for measurements. */
function classShare(dataset: Dataset, channel: number, classOf: (example: number) => number): number {
  const count = countOf(dataset.labels)
  const classes = dataset.classes.length
  const seen = new Map<number, number[]>()
  for (let i = 0; i < count; i++) {
    const value = middle(dataset, channel, i)
    if (!seen.has(value)) {
      if (seen.size >= valuesPerClass * classes || (seen.size + 1) * examplesPerValue > count) return 0
      seen.set(value, new Array<number>(classes).fill(0))
    }
    seen.get(value)![classOf(i)]!++
  }
  const rows = [...seen.values()]
  if (rows.length < 2) return 0
  const agree = (answers: readonly number[][]) => answers.reduce((sum, row) => sum + Math.max(...row), 0) / count
  const oneAgainstRest = Array.from({ length: classes }, (_, k) => {
    const two = rows.map((row) => [row[k]!, row.reduce((a, b) => a + b, 0) - row[k]!])
    // it has to name the class and to leave it out: a rare class is "not there" for every channel
    return two.some(([is, other]) => is! > other!) && two.every(([is, other]) => pure(is!, other!)) ? agree(two) : 0
  })
  return Math.max(agree(rows), ...oneAgainstRest)
}

const pure = (a: number, b: number): boolean => Math.max(a, b) >= telling * (a + b)

/** The median of the channel over an example: a code of the class keeps it where a window lies on a border. */
function middle({ samples, shape }: Dataset, channel: number, example: number): number {
  const size = exampleSize(shape)
  const length = size / shape[2]
  const values = Array.from({ length }, (_, r) => samples[example * size + r * shape[2] + channel]!)
  return length === 1 ? values[0]! : values.sort((a, b) => a - b)[length >> 1]!
}

/** Share of a number's variance that a straight line through the channel's mean explains; the most over all numbers of the label. */
function explained({ samples, shape, labels }: Dataset, channel: number): number {
  const size = exampleSize(shape)
  const count = countOf(labels)
  const means = Float64Array.from({ length: count }, (_, i) => {
    let sum = 0
    for (let at = i * size + channel; at < (i + 1) * size; at += shape[2]) sum += samples[at]!
    return sum / (size / shape[2])
  })
  return Math.max(
    ...Array.from({ length: labels.width }, (_, w) =>
      squaredCorrelation(
        means,
        Float64Array.from({ length: count }, (_, i) => labels.values[i * labels.width + w]!),
      ),
    ),
  )
}

function squaredCorrelation(x: Float64Array, y: Float64Array): number {
  const mean = (v: Float64Array) => v.reduce((sum, value) => sum + value, 0) / v.length
  const [mx, my] = [mean(x), mean(y)]
  let [xx, yy, xy] = [0, 0, 0]
  for (let i = 0; i < x.length; i++) {
    const [dx, dy] = [x[i]! - mx, y[i]! - my]
    xx += dx * dx
    yy += dy * dy
    xy += dx * dy
  }
  return xx > 0 && yy > 0 ? (xy * xy) / (xx * yy) : 0
}
