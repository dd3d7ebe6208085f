import { countOf } from '../../task/labels.ts'
import { taskOf } from '../../task/lookup.ts'
import { rng, shuffle } from '../../util/rng.ts'
import { type Dataset, type SplitName, splitNames } from '../dataset.ts'

/** Examples that are looked at together: those of a class, or, where labels are numbers, those of a range of them. */
export type ExampleGroup = { readonly name: string; readonly indices: readonly number[] }

/** Parts that numbers are cut into, each with equally many examples. */
const ranges = 5

export function groupsOf(dataset: Dataset): ExampleGroup[] {
  const { labels, classes, task } = dataset
  const all = Array.from({ length: countOf(labels) }, (_, i) => i)
  const { classOf } = taskOf(task)
  if (classOf) return classes.map((name, k) => ({ name, indices: all.filter((i) => classOf(labels, i) === k) }))
  const value = (i: number) => labels.values[i * labels.width]!
  const sorted = all.sort((a, b) => value(a) - value(b) || a - b)
  return Array.from({ length: ranges }, (_, k) => {
    const indices = sorted.slice(Math.floor((k * sorted.length) / ranges), Math.floor(((k + 1) * sorted.length) / ranges))
    return {
      name: indices.length === 0 ? '' : `${shortNumber(value(indices[0]!))} – ${shortNumber(value(indices.at(-1)!))}`,
      indices,
    }
  }).filter(({ indices }) => indices.length > 0)
}

const shortNumber = (x: number): string => String(Number(x.toPrecision(4)))

/** At most `count` of the examples, drawn evenly and always the same ones, in their own order. */
export const someOf = (indices: readonly number[], count: number): readonly number[] =>
  indices.length <= count
    ? indices
    : shuffle([...indices], rng('examples to look at'))
        .slice(0, count)
        .sort((a, b) => a - b)

/** The split of each example. */
export function splitsOf({ labels, splits }: Dataset): (SplitName | undefined)[] {
  const home = new Array<SplitName | undefined>(countOf(labels)).fill(undefined)
  // calibration examples are those of train
  for (const name of splitNames) for (const i of splits[name]) home[i] ??= name
  return home
}
