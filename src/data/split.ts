import { countOf } from '../task/labels.ts'
import { taskOf } from '../task/lookup.ts'
import { rng, shuffle } from '../util/rng.ts'
import type { SplitName } from './dataset.ts'
import type { Decoded } from './decoded.ts'
import { assignGroups } from './split-groups.ts'
import { timeBlocks } from './split-time.ts'

export type SplitInput = Pick<Decoded, 'task' | 'labels' | 'groups' | 'given' | 'windows'>
export type Splits = Readonly<Record<SplitName, Int32Array>>

/** Shares of what has no list: two validations of a tenth each, a fifth for the test, the rest trains. */
const validationShare = 0.1
/** A list's own validation part with fewer groups than this is not divided; this share of train takes its place. */
const fewestGroupsToHalve = 6
const carvedShare = 0.15
const testShare = 0.2

/**
 * Cuts a data set into train / calibration / searchValidation / selectionValidation / test. Deterministic by seed.
 *
 * 1. The data's own list wins. Its `val` part is divided in two, unless that would leave a half with fewer than three speakers, subjects or
 *    machines: the search would then rank networks by one person's habits. In that case all of it is for selection, and search-validation is
 *    carved from train, as is any part that the list lacks.
 * 2. Named groups (speakers, subjects) never stand on two sides. Without them, recordings that were cut into windows stay whole when every
 *    class has enough of them; else each is cut into blocks of time, and windows that overlap a neighbouring block are left out.
 * 3. Every class stands in every split where there are enough groups for it.
 *
 * Calibration is a stratified slice of train (a tenth, 100 to 1000 examples, never more than a fifth), of the same groups as train: it stands
 * for the training side, but no network is fitted to it.
 */
export function makeSplits(data: SplitInput, seed: string): { splits: Splits; notes: string[] } {
  const notes: string[] = []
  const pools: Record<'train' | 'val' | 'test', number[]> = { train: [], val: [], test: [] }
  for (let i = 0; i < countOf(data.labels); i++) pools[partOf(data, i)].push(i)
  const cut = (pool: number[], shares: number[], what: string) => divide(data, pool, shares, `${seed}/split/${what}`, notes)

  let { train, val, test } = pools
  let search: number[] = []
  let selection: number[] = []
  if (val.length === 0) {
    const shares = test.length === 0 ? [validationShare, validationShare, testShare] : [validationShare, validationShare]
    const parts = cut(train, [1 - shares.reduce((a, b) => a + b), ...shares], 'train')
    ;[train, search, selection] = [parts[0]!, parts[1]!, parts[2]!]
    test = parts[3] ?? test
  } else {
    if (groupsOf(data, val) < fewestGroupsToHalve && groupsOf(data, train) > fewestGroupsToHalve) {
      selection = val
      ;[train, search] = cut(train, [1 - carvedShare, carvedShare], 'train') as [number[], number[]]
    } else [search, selection] = cut(val, [0.5, 0.5], 'val') as [number[], number[]]
    if (test.length === 0) [train, test] = cut(train, [1 - testShare, testShare], 'test') as [number[], number[]]
  }
  const slice = Math.min(Math.max(train.length * 0.1, 100), 1000, train.length * 0.2) / Math.max(1, train.length)
  const [fitted, calibration] = stratified(data, train, [1 - slice, slice], `${seed}/split/calibration`) as [number[], number[]]
  const sorted = (indices: number[]) => Int32Array.from(indices).sort()
  return {
    splits: {
      train: sorted(fitted),
      calibration: sorted(calibration),
      searchValidation: sorted(search),
      selectionValidation: sorted(selection),
      test: sorted(test),
    },
    notes,
  }
}

/** Named groups in a pool; infinitely many where examples stand for themselves. */
const groupsOf = (data: SplitInput, pool: readonly number[]): number =>
  data.groups ? new Set(pool.map((i) => data.groups![i]!)).size : Number.POSITIVE_INFINITY

const partOf = (data: SplitInput, example: number): 'train' | 'val' | 'test' =>
  data.given?.[example] === 2 ? 'val' : data.given?.[example] === 3 ? 'test' : 'train'

/** Class of an example; where there are no classes, all examples are of one. */
const classIn = (data: SplitInput, example: number): number => taskOf(data.task).classOf?.(data.labels, example) ?? 0

/** Divides a pool into parts of the given shares by the strictest rule that the data allows. */
function divide(data: SplitInput, pool: number[], shares: number[], seed: string, notes: string[]): number[][] {
  const classOf = (i: number) => classIn(data, i)
  if (data.groups) {
    const groups = data.groups
    const named = new Set(pool.map((i) => groups[i]!)).size
    if (named >= shares.length) return assignGroups(pool, (i) => groups[i]!, classOf, shares, seed)
    notes.push(`${named} groups are too few to keep apart in ${shares.length} splits: they were divided inside`)
  }
  if (!data.windows) return stratified(data, pool, shares, seed)
  const { recording } = data.windows
  const perClass = new Map<number, Set<number>>()
  for (const i of pool) {
    const set = perClass.get(classOf(i)) ?? new Set()
    perClass.set(classOf(i), set.add(recording[i]!))
  }
  if ([...perClass.values()].every((set) => set.size >= shares.length))
    return assignGroups(pool, (i) => recording[i]!, classOf, shares, seed)
  const blocks = timeBlocks(pool, data.windows, classOf, shares)
  const left = pool.length - blocks.reduce((sum, b) => sum + b.length, 0)
  notes.push(`recordings were cut into blocks of time; ${left} windows between two blocks were left out`)
  return blocks
}

/** Every class in the given shares, at least one example in each part where the class has that many. */
function stratified(data: SplitInput, pool: readonly number[], shares: readonly number[], seed: string): number[][] {
  const byClass = new Map<number, number[]>()
  for (const i of pool) {
    const list = byClass.get(classIn(data, i))
    if (list) list.push(i)
    else byClass.set(classIn(data, i), [i])
  }
  const parts: number[][] = shares.map(() => [])
  for (const [label, members] of [...byClass].sort((a, b) => a[0] - b[0])) {
    shuffle(members, rng(seed, label))
    let from = 0
    apportion(members.length, shares).forEach((n, part) => {
      for (const i of members.slice(from, from + n)) parts[part]!.push(i)
      from += n
    })
  }
  return parts
}

/** Whole numbers that sum to n and follow the shares (largest remainders); none is 0 while another is above 1. */
export function apportion(n: number, shares: readonly number[]): number[] {
  const exact = shares.map((s) => s * n)
  const counts = exact.map(Math.floor)
  const byRemainder = exact.map((x, k) => ({ k, rest: x - Math.floor(x) })).sort((a, b) => b.rest - a.rest || a.k - b.k)
  for (let j = 0; counts.reduce((a, b) => a + b, 0) < n; j++) counts[byRemainder[j % shares.length]!.k]!++
  for (let k = 0; k < counts.length; k++) {
    const largest = counts.indexOf(Math.max(...counts))
    if (counts[k] === 0 && counts[largest]! > 1) {
      counts[largest]!--
      counts[k] = 1
    }
  }
  return counts
}
