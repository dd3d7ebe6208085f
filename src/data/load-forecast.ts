import { usageError } from '../util/errors.ts'
import { cos, sin } from '../util/math.ts'
import { catalogue } from './catalogue.ts'
import { decodeAll, groupIds } from './collect.ts'
import { type Decoded, sharedFloats } from './decoded.ts'
import { bridged, isMissing, type Segment } from './gaps.ts'
import type { Manifest, Placed } from './manifest.ts'
import { BadFile, checkTotal } from './read/limits.ts'
import { columnOf, noColumn, type Table } from './read/table.ts'
import type { FileEntry, FileTree } from './read/tree.ts'
import { timeLike } from './recording.ts'
import { readTableFile } from './table-file.ts'

type Forecast = NonNullable<Manifest['forecast']>
type Window = {
  readonly file: string
  readonly recording: number
  readonly start: number
  readonly group: string | undefined
  readonly part: number
}

/** Files that hold recordings of sensors over time. */
export const forecastFiles = /\.(csv|tsv|txt|parquet)(\.gz)?$/i

/** Train, validation and test in the order of time: shares of each recording where the manifest draws no borders. */
const shares = [0.7, 0.85] as const
/** `given` of a window in each part. */
const givenOfPart = [1, 2, 3] as const

/**
 * Recordings of sensors over time, cut into windows `[history, 1, channels]` whose labels are the changes of the targets some rows ahead. The past trains, the
 * future tests: a window lies with its labels on one side of every border, in one stretch without a gap.
 */
export async function loadForecast(tree: FileTree, placed: Placed): Promise<Decoded> {
  const { manifest } = placed
  const asked = manifest.forecast!
  const horizons = [asked.horizon].flat()
  const found = catalogue(tree, placed, forecastFiles)
  const windows: Window[] = []
  const values: Float32Array[] = []
  const labels: number[][] = []
  let channels: readonly string[] = []
  let targets: readonly number[] = []
  let [gaps, filled] = [0, 0]
  const emptyColumns = new Set<string>()
  const unreadable = await decodeAll(found, tree.root, async (item, recording) => {
    const table = await readTableFile(item.file.read())
    const columns = columnsFor(table, asked, item.file, channels.length > 0 ? channels : undefined)
    channels = columns.names
    for (const name of columns.empty) emptyColumns.add(name)
    targets = columns.targets
    const borders = asked.borders ?? shares.map((share) => Math.round(share * table.rows.length))
    const { segments, missing } = bridged(table, columns.at, columns.time, asked.maxGap, item.file.path, borders)
    gaps += Math.max(0, segments.length - 1)
    filled += missing
    for (const segment of segments)
      for (let start = 0; start + asked.history + Math.max(...horizons) <= segment.rows; start += asked.hop) {
        const last = start + asked.history - 1
        const part = partOf(segment.from + start, segment.from + last + Math.max(...horizons), borders)
        if (part === undefined) continue
        windows.push({ file: item.file.path, recording, start: segment.from + start, group: item.group, part })
        values.push(windowOf(segment, start, { ...asked, width: columns.at.length, targets }))
        labels.push(horizons.flatMap((ahead) => targets.map((t) => change(segment, columns.at.length, t, last, ahead))))
      }
  })
  const parts = new Set(windows.map((w) => w.part))
  if (parts.size < 3) throw tooShort(tree.root, asked, Math.max(...horizons))
  const width = widthOf({ width: channels.length, targets, calendar: asked.calendar })
  const size = asked.history * width
  checkTotal(windows.length, size * 4, tree.root)
  const samples = sharedFloats(windows.length * size)
  values.forEach((v, k) => {
    samples.set(v, k * size)
  })
  const groups = groupIds(windows.map((w) => w.group))
  return {
    name: manifest.name ?? tree.root,
    kind: 'series',
    task: 'forecast',
    shape: [asked.history, 1, width],
    classes: [],
    labels: { values: Float32Array.from(labels.flat()), width: targets.length * horizons.length },
    samples,
    ...(groups ? { groups } : {}),
    given: Uint8Array.from(windows, (w) => givenOfPart[w.part]!),
    windows: {
      recording: Int32Array.from(windows, (w) => w.recording),
      start: Int32Array.from(windows, (w) => w.start),
      length: asked.history,
    },
    sources: windows.map((w) => `${w.file} row ${w.start}`),
    frontEnd: {
      kind: 'forecast',
      window: asked.history,
      channels: [...channels],
      targets: targets.map((t) => channels[t]!),
      horizons,
      calendar: asked.calendar,
      ...(asked.time === undefined ? {} : { time: asked.time }),
      maxGap: asked.maxGap,
    },
    unreadable,
    notes: [
      ...found.notes,
      ...(emptyColumns.size > 0 ? [`columns without a value are left out: ${[...emptyColumns].join(', ')}`] : []),
      ...(gaps > 0 ? [`${gaps} gaps in time or values of more than ${asked.maxGap} rows: no window crosses one`] : []),
      ...(filled > 0 ? [`${filled} missing values in short gaps were bridged by straight lines`] : []),
    ],
  }
}

/** The part in which rows `from` to `to` lie; undefined where a border is between. */
function partOf(from: number, to: number, borders: readonly number[]): number | undefined {
  const at = (row: number) => borders.filter((border) => row >= border).length
  return at(from) === at(to) ? at(from) : undefined
}

const change = ({ values }: Segment, width: number, target: number, last: number, ahead: number): number =>
  Math.fround(values[(last + ahead) * width + target]! - values[last * width + target]!)

/** What of a window's making travels with a study: the channels, and which of them are sought. */
export type WindowMaking = Pick<Forecast, 'history' | 'calendar'> & {
  readonly width: number
  readonly targets: readonly number[]
}

/** Channels of a window: the columns, the targets as changes, the calendar. */
const widthOf = ({ width, targets, calendar }: Omit<WindowMaking, 'history'>): number =>
  width + targets.length + (calendar ? 4 : 0)

/**
 * One window. Each target is seen once more as its change from the last row, so that a network need not learn what it is in June from what it was in March.
 * With a calendar, sine and cosine of the hour and of the day of the week stand in four further channels.
 */
export function windowOf(
  { values, times }: Segment,
  start: number,
  { history, calendar, width, targets }: WindowMaking,
): Float32Array {
  const wide = widthOf({ width, targets, calendar })
  const out = new Float32Array(history * wide)
  for (let r = 0; r < history; r++) {
    out.set(values.subarray((start + r) * width, (start + r + 1) * width), r * wide)
    targets.forEach((t, k) => {
      out[r * wide + width + k] = values[(start + r) * width + t]! - values[(start + history - 1) * width + t]!
    })
    if (!calendar) continue
    const hours = times![start + r]! / 3600
    // 1970 began on a Thursday
    const [day, week] = [(2 * Math.PI * (hours % 24)) / 24, (2 * Math.PI * ((hours / 24 + 3) % 7)) / 7]
    out.set([sin(day), cos(day), sin(week), cos(week)], r * wide + width + targets.length)
  }
  return out
}

/**
 * The columns that the network sees, and where the targets are among them: a target is always seen. Later recordings have those of the first, `known`.
 *
 * @throws TinyfrontError where the first recording lacks a column that was named. @throws BadFile where a later one lacks one.
 */
function columnsFor(table: Table, { target, channels, time }: Forecast, file: FileEntry, known: readonly string[] | undefined) {
  const need = (name: string | number) => {
    const at = columnOf(table, name)
    if (at !== undefined) return at
    throw known ? new BadFile(`no column "${name}"`) : noColumn(table, name, file.path)
  }
  const sought = [target].flat().map(need)
  const timeAt = time === undefined ? undefined : need(time)
  const nameOf = (c: number) => table.header?.[c] ?? `column ${c}`
  const isUnknown = (row: readonly string[], c: number) => isMissing(row[c] ?? '')
  const numbers = (table.rows[0] ?? []).flatMap((_, c) =>
    c !== timeAt &&
    !timeLike.test(table.header?.[c] ?? '') &&
    table.rows.every((row) => isUnknown(row, c) || Number.isFinite(Number(row[c])))
      ? [c]
      : [],
  )
  const empty = numbers.filter((c) => table.rows.every((row) => isUnknown(row, c)))
  const byPlace = (name: string) => (table.header ? name : Number(name.slice('column '.length)))
  const seen = known?.map((name) => need(byPlace(name))) ?? channels?.map(need) ?? numbers.filter((c) => !empty.includes(c))
  const at = [...seen, ...sought.filter((c) => !seen.includes(c))]
  const leftOut = known || channels ? [] : empty.filter((c) => !at.includes(c))
  return { at, time: timeAt, targets: sought.map((c) => at.indexOf(c)), names: at.map(nameOf), empty: leftOut.map(nameOf) }
}

const tooShort = (root: string, { history, borders }: Forecast, ahead: number) =>
  usageError(
    `${root}: too short for windows of ${history} rows with an answer ${ahead} rows ahead in train, validation and test`,
    borders
      ? 'choose a smaller forecast.history or forecast.horizon, or other forecast.borders'
      : 'choose a smaller forecast.history or forecast.horizon, or bring more rows',
  )
