import { countOf, labelsAt } from '../task/labels.ts'
import { outputsOf, taskOf, usualMetric } from '../task/lookup.ts'
import { always } from '../task/predictions.ts'
import { score } from '../task/score.ts'
import { formatBytes, formatCount, formatPercent } from '../util/units.ts'
import { type Dataset, type SplitName, splitNames } from './dataset.ts'
import { type Decoded, exampleSize, type Unreadable } from './decoded.ts'
import { type LabelLeak, labelLeaks } from './label-leak.ts'
import { equalExamples, similarityLimit, similarPictures } from './likeness.ts'
import { meanAlone } from './mean-alone.ts'
import { ridgeErrors } from './ridge.ts'

/** Two splits that share examples. */
export type Overlap = {
  readonly splits: readonly [SplitName, SplitName]
  readonly count: number
  readonly example: readonly [string, string]
}

/** What there is to know about a data set before anything is trained on it. Plain data. */
export type InspectReport = {
  readonly name: string
  readonly kind: Dataset['kind']
  readonly task: Dataset['task']
  readonly shape: Dataset['shape']
  readonly count: number
  readonly bytes: number
  readonly fingerprint: string
  readonly splits: Readonly<Record<SplitName, number>>
  readonly groups: number | null
  readonly classes: readonly { readonly name: string; readonly counts: Readonly<Record<SplitName, number>> }[]
  /** Largest class over smallest, in train; null where there are no classes. */
  readonly imbalance: number | null
  /** Share of the test split that always answering the largest train class gets right; null where there are no classes. */
  readonly majorityShare: number | null
  /** What the best answer that looks at no input scores on test, by the task's usual metric; null where there are classes: see `majorityShare`. */
  readonly trivial: { readonly metric: string; readonly score: number } | null
  readonly equal: readonly Overlap[]
  readonly similar: readonly Overlap[]
  /** Accuracy on test of a classifier that sees nothing but each channel's mean over the example; null where it was not measured. */
  readonly meanAloneAccuracy: number | null
  /** Mean absolute errors on test of answers that need no network, output by output; null where nothing is forecast. */
  readonly baselines: { readonly persistence: readonly number[]; readonly ridge: readonly number[] | null } | null
  /** Channels that equal or determine the label. */
  readonly labelLeaks: readonly LabelLeak[]
  readonly unreadable: readonly Unreadable[]
  readonly notes: readonly string[]
  readonly warnings: readonly string[]
}

/** Counts, balance, leaks between splits, and whether the classes differ by a constant offset alone. */
export function inspect(dataset: Dataset, decoded: Decoded, notes: readonly string[]): InspectReport {
  const { labels, splits, classes, task } = dataset
  const { classOf } = taskOf(task)
  const count = countOf(labels)
  const sizes = perSplit((s) => splits[s].length)
  const byClass = classes.map((name, k) => ({
    name,
    counts: perSplit((s) => splits[s].reduce((n, i) => n + (classOf?.(labels, i) === k ? 1 : 0), 0)),
  }))
  const trained = byClass.map((c) => c.counts.train)
  const largest = trained.indexOf(Math.max(...trained))
  const home = homes(dataset)
  const equal = overlaps(pairsOf(equalExamples(decoded)), home, decoded)
  const similar =
    dataset.kind === 'image' && dataset.samples instanceof Uint8Array && count <= similarityLimit
      ? overlaps(similarPictures(decoded), home, decoded)
      : []
  const report = {
    name: dataset.name,
    kind: dataset.kind,
    task,
    shape: dataset.shape,
    count,
    bytes: count * exampleSize(dataset.shape) * dataset.samples.BYTES_PER_ELEMENT,
    fingerprint: dataset.fingerprint,
    splits: sizes,
    groups: decoded.groups ? new Set(decoded.groups).size : null,
    classes: byClass,
    imbalance: classOf ? Math.max(...trained) / Math.max(1, Math.min(...trained)) : null,
    majorityShare: classOf && sizes.test ? byClass[largest]!.counts.test / sizes.test : null,
    trivial: !classOf && sizes.test && sizes.train ? trivialOn(dataset) : null,
    equal,
    similar,
    // rows of a table are nothing but their means
    meanAloneAccuracy: classOf && dataset.shape[0] * dataset.shape[1] > 1 ? meanAlone(dataset, (i) => classOf(labels, i)) : null,
    baselines: baselinesOf(dataset),
    labelLeaks: labelLeaks(dataset),
    unreadable: decoded.unreadable,
    notes,
  }
  const said = report.baselines ? [...notes, baselineNote(report.baselines)] : notes
  return {
    ...report,
    notes: said,
    warnings: warningsOf(report, dataset.frontEnd.kind === 'table' ? 'table.columns' : 'window.channels'),
  }
}

/** What a forecast has to beat: no change, and a straight line. */
function baselinesOf(dataset: Dataset): InspectReport['baselines'] {
  const { frontEnd, labels, splits } = dataset
  if (frontEnd.kind !== 'forecast') return null
  // the targets as changes stand behind the columns
  const columns = (frontEnd.channels as readonly string[]).length
  const targets = (frontEnd.targets as readonly string[]).map((_, k) => columns + k)
  const truth = labelsAt(labels, splits.test).values
  const persistence = Array.from({ length: labels.width }, (_, k) => {
    let sum = 0
    for (let n = 0; n < splits.test.length; n++) sum += Math.abs(truth[n * labels.width + k]!)
    return sum / splits.test.length
  })
  return { persistence, ridge: ridgeErrors(dataset, targets) }
}

/** "no change is off by 0.469, ridge regression by 0.062" for each output. */
function baselineNote({ persistence, ridge }: NonNullable<InspectReport['baselines']>): string {
  const short = (errors: readonly number[]) => errors.map((e) => e.toPrecision(3)).join(', ')
  const line = ridge ? `, ridge regression by ${short(ridge)}` : ''
  return `to beat, mean absolute error on test: no change is off by ${short(persistence)}${line}`
}

/** The answer is that of train, its score that on test. */
function trivialOn({ task, classes, labels, splits }: Dataset): InspectReport['trivial'] {
  const answer = taskOf(task).trivialAnswer(labelsAt(labels, splits.train), outputsOf({ task, classes, labels }))
  const metric = usualMetric(task)
  return { metric: metric.kind, score: score(metric, always(answer, splits.test.length), labelsAt(labels, splits.test)) }
}

const perSplit = <T>(value: (s: SplitName) => T): Record<SplitName, T> =>
  Object.fromEntries(splitNames.map((s) => [s, value(s)])) as Record<SplitName, T>

/** Split of each example, as an index into `splitNames`; 255 = in none. */
function homes({ labels, splits }: Dataset): Uint8Array {
  const home = new Uint8Array(countOf(labels)).fill(255)
  splitNames.forEach((s, k) => {
    for (const i of splits[s]) home[i] = k
  })
  return home
}

/** Each member of a set of equals with the first: enough to count, and linear in the size of the set. */
const pairsOf = (sets: readonly (readonly number[])[]): [number, number][] =>
  sets.flatMap((set) => set.slice(1).map((i): [number, number] => [set[0]!, i]))

/** Pairs that stand in two splits. Train and calibration are one side. */
function overlaps(pairs: readonly (readonly [number, number])[], home: Uint8Array, { sources }: Decoded): Overlap[] {
  const found = new Map<string, { splits: readonly [SplitName, SplitName]; count: number; example: readonly [string, string] }>()
  const side = (i: number) => (home[i] === 1 ? 0 : home[i]!)
  const nameOf = (i: number) => sources?.[i] ?? `example ${i}`
  for (const [i, j] of pairs) {
    const [a, b] = side(i) <= side(j) ? [i, j] : [j, i]
    if (side(a) === side(b) || side(b) === 255) continue
    const splits = [splitNames[side(a)]!, splitNames[side(b)]!] as const
    const entry = found.get(splits.join())
    if (entry) entry.count++
    else found.set(splits.join(), { splits, count: 1, example: [nameOf(a), nameOf(b)] })
  }
  return [...found.values()]
}

/** `columns`: the key of a manifest that names what the network sees. */
function warningsOf(report: Omit<InspectReport, 'warnings'>, columns: string): string[] {
  const warnings: string[] = []
  for (const s of splitNames) {
    if (report.splits[s] === 0) warnings.push(`split ${s} is empty`)
    else {
      const absent = report.classes.filter((c) => c.counts[s] === 0).map((c) => c.name)
      if (absent.length) warnings.push(`split ${s} has no example of ${absent.join(', ')}`)
    }
  }
  if ((report.imbalance ?? 1) > 3)
    warnings.push(`classes are unbalanced (${report.imbalance!.toFixed(1)} to 1): consider --metric balanced-accuracy`)
  for (const { splits, count, example } of report.equal)
    warnings.push(`${count} examples of ${splits[1]} equal one of ${splits[0]} (${example.join(' = ')})`)
  for (const { splits, count, example } of report.similar)
    warnings.push(`${count} pictures of ${splits[1]} look like one of ${splits[0]} (${example.join(' ~ ')})`)
  const chance = Math.max(report.majorityShare ?? 0, 1 / Math.max(1, report.classes.length))
  if (report.meanAloneAccuracy !== null && report.meanAloneAccuracy > chance + 0.6 * (1 - chance))
    warnings.push(
      `the mean of an example alone tells its class in ${formatPercent(report.meanAloneAccuracy)}: is it how the sensor was mounted or lit? see subtractMean`,
    )
  for (const { channel, share } of report.labelLeaks)
    warnings.push(
      `${channel} gives the label away (${formatPercent(share)}): a network would only read it, so leave it out (${columns} in dataset.json)`,
    )
  if (report.unreadable.length) warnings.push(`${report.unreadable.length} files cannot be read and were passed over`)
  return warnings
}

/** The report as lines for a terminal. */
export function reportLines(report: InspectReport): string[] {
  const { shape, splits, classes } = report
  const width = Math.max(5, ...classes.map((c) => c.name.length))
  const cells = (counts: Readonly<Record<SplitName, number>>) => splitNames.map((s) => String(counts[s]).padStart(13)).join('')
  const heads: Record<SplitName, string> = {
    train: 'train',
    calibration: 'calibration',
    searchValidation: 'search-val',
    selectionValidation: 'select-val',
    test: 'test',
  }
  return [
    `${report.name}: ${formatCount(report.count)} ${report.kind} examples of ${shape.join(' x ')}, ${formatBytes(report.bytes)}, fingerprint ${report.fingerprint}`,
    ...(report.groups === null ? [] : [`${report.groups} groups, never on two sides`]),
    '',
    `${'class'.padEnd(width)}${splitNames.map((s) => heads[s].padStart(13)).join('')}`,
    ...classes.map((c) => c.name.padEnd(width) + cells(c.counts)),
    'all'.padEnd(width) + cells(splits),
    '',
    ...(report.majorityShare === null
      ? []
      : [`always answering the largest class scores ${formatPercent(report.majorityShare)} on test`]),
    ...(report.trivial
      ? [
          `the best answer that looks at no input scores ${report.trivial.score.toPrecision(3)} (${report.trivial.metric}) on test`,
        ]
      : []),
    ...report.notes.map((n) => `note: ${n}`),
    ...report.warnings.map((w) => `warning: ${w}`),
    ...report.unreadable.slice(0, 10).map((u) => `unreadable: ${u.file}: ${u.reason}`),
    ...(report.unreadable.length > 10 ? [`... and ${report.unreadable.length - 10} more`] : []),
  ]
}
