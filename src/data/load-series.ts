import { taskOf } from '../task/lookup.ts'
import { type TinyfrontError, usageError } from '../util/errors.ts'
import { formatPercent } from '../util/units.ts'
import { type Catalogue, catalogue } from './catalogue.ts'
import { decodeAll, givenOf, groupIds, readLabels } from './collect.ts'
import { type Decoded, type GivenName, sharedFloats } from './decoded.ts'
import type { Manifest, Placed } from './manifest.ts'
import { BadFile, checkTotal } from './read/limits.ts'
import type { FileTree } from './read/tree.ts'
import { type Recording, readRecording, seriesFiles } from './recording.ts'
import { triadsIn, withMagnitudes } from './triads.ts'

type Window = {
  readonly file: string
  readonly recording: number
  readonly start: number
  readonly labels: readonly string[]
  readonly group: string | undefined
  readonly split: GivenName
}

/** Recordings cut into windows `[length, 1, channels]`; a window has the class of most of its rows, or of its file. */
export async function loadSeries(tree: FileTree, placed: Placed): Promise<Decoded> {
  const { window, name, task } = placed.manifest
  const { length, purity } = window
  if (!taskOf(task).classOf && purity > 0)
    throw usageError('window.purity is a share of rows of one class', `leave it out of a ${task}`)
  const hop = window.hop ?? Math.max(1, length >> 1)
  const found = catalogue(tree, placed, seriesFiles)
  const { windows, values, channels, triads, short, mixed, unreadable } = await cutRecordings(tree, placed, found, hop)
  if (channels.length === 0 || windows.length === 0) throw noWindows(tree.root, window, mixed)
  const lengths = window.magnitudes ? triads : []
  const width = channels.length + lengths.length
  const size = length * width
  checkTotal(windows.length, size * 4, tree.root)
  const samples = sharedFloats(windows.length * size)
  values.forEach((v, k) => {
    samples.set(v, k * size)
  })
  const given = givenOf(windows.map((w) => w.split))
  const groups = groupIds(windows.map((w) => w.group))
  const severalEach = new Set(windows.map((w) => w.recording)).size < windows.length
  const recording = () => Int32Array.from(windows, (w) => w.recording)
  const start = () => Int32Array.from(windows, (w) => w.start)
  return {
    name: name ?? tree.root,
    kind: 'series',
    shape: [length, 1, width],
    ...readLabels(
      windows.map((w) => w.labels),
      task,
    ),
    samples,
    ...(groups ? { groups } : {}),
    ...(given ? { given } : {}),
    ...(severalEach ? { windows: { recording: recording(), start: start(), length } } : {}),
    sources: windows.map((w) => `${w.file} row ${w.start}`),
    triads,
    frontEnd: {
      kind: 'window',
      sampleRate: window.sampleRate ?? null,
      window: length,
      hop,
      channels,
      subtractMean: window.subtractMean,
      magnitudesOf: lengths.map((c) => channels.slice(c, c + 3)),
    },
    unreadable,
    notes: [
      ...found.notes,
      ...(short ? [`${short} recordings are shorter than a window of ${length} rows`] : []),
      ...(mixed ? [mixedNote(mixed, purity)] : []),
    ],
  }
}

/** The label columns of the recordings: the window's own, else those of the whole manifest. */
const withLabel = ({ window, label }: Manifest): Manifest['window'] =>
  window.label === undefined && label !== undefined ? { ...window, label } : window

/** Windows of every recording that can be read, and their values. Channels and triads are those of the first. */
async function cutRecordings(tree: FileTree, placed: Placed, found: Catalogue, hop: number) {
  const { task } = placed.manifest
  const window = withLabel(placed.manifest)
  const { length, purity } = window
  const { classOf, labelOfWindow } = taskOf(task)
  const windows: Window[] = []
  const values: Float32Array[] = []
  let channels: readonly string[] = []
  let triads: readonly number[] = []
  let short = 0
  let mixed = 0
  const unreadable = await decodeAll(found, tree.root, (item, recording) => {
    const data = readRecording(item.file, window, item.scale, channels.length === 0)
    if (channels.length > 0 && channels.length !== data.channels.length)
      throw new BadFile(`${data.channels.length} channels, where others have ${channels.length}`)
    if (channels.length === 0) {
      channels = data.channels
      triads = triadsIn(channels, window.triads)
    }
    let seen = 0
    for (const part of item.parts)
      for (let start = part.from; start + length <= Math.min(part.to, data.rows); start += hop) {
        seen++
        const rows = data.labels?.map((column) => column.slice(start, start + length))
        const labels = rows?.map(labelOfWindow) ?? item.labels
        if (labels === undefined)
          throw new BadFile('neither a label column, nor a folder, nor a list says its class: pass --label COLUMN')
        const isMixed = classOf && rows && rows[0]!.filter((l) => l === labels[0]).length / length < (purity || clear)
        if (isMixed) mixed++
        if (isMixed && purity > 0) continue
        windows.push({ file: item.file.path, recording, start, labels, group: item.group, split: part.split })
        values.push(cut(data, start, length, window, triads))
      }
    if (seen === 0) short++
  })
  return { windows, values, channels, triads, short, mixed, unreadable }
}

const noWindows = (root: string, { length, purity }: Manifest['window'], mixed: number): TinyfrontError =>
  mixed > 0
    ? usageError(`${root}: no window has ${formatPercent(purity)} of its rows in one class`, 'choose a smaller window.purity')
    : usageError(`${root}: every recording is shorter than a window of ${length} rows`, 'choose a smaller window.length')

/** Of a window with less than this of its rows in one class, even a person may not say which it is: counted in a note. */
const clear = 0.8

const mixedNote = (count: number, purity: number): string =>
  purity > 0
    ? `${count} windows with less than ${formatPercent(purity)} of their rows in one class were left out`
    : `${count} windows have less than ${formatPercent(clear)} of their rows in one class; window.purity ${clear} would leave them out`

/** One window `[length, channels + magnitudes]`. */
export function cut(
  data: Recording,
  start: number,
  length: number,
  window: Manifest['window'],
  triads: readonly number[],
): Float32Array {
  const width = data.channels.length
  const own = data.values.slice(start * width, (start + length) * width)
  if (window.subtractMean)
    for (let c = 0; c < width; c++) {
      let sum = 0
      for (let r = 0; r < length; r++) sum += own[r * width + c]!
      for (let r = 0; r < length; r++) own[r * width + c]! -= sum / length
    }
  return window.magnitudes && triads.length > 0 ? withMagnitudes(own, width, triads) : own
}
