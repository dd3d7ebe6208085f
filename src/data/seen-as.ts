import { z } from 'zod'
import { type TinyfrontError, usageError } from '../util/errors.ts'
import { cellNumber } from './columns.ts'
import type { Dataset } from './dataset.ts'
import { exampleSize } from './decoded.ts'
import { bridged } from './gaps.ts'
import { readAt } from './load-audio.ts'
import { windowOf } from './load-forecast.ts'
import { shrinker, writeChannels } from './load-images.ts'
import { cut } from './load-series.ts'
import { framesOf, logMel, logMelTables } from './log-mel.ts'
import { manifestSchema } from './manifest.ts'
import { BadFile } from './read/limits.ts'
import { imageFiles, readPicture } from './read/picture.ts'
import { soundFiles } from './read/sound.ts'
import { columnOf, noColumn } from './read/table.ts'
import type { FileEntry } from './read/tree.ts'
import { readRecording, seriesFiles } from './recording.ts'
import { readTableFile, tableFiles } from './table-file.ts'

/** How a study saw its data: enough to see a new file in the same way, without the data. */
export type SeenAs = Pick<Dataset, 'shape' | 'frontEnd'>

/** One example as the data set would hold it, before normalisation. */
export type RawExample = {
  readonly source: string
  readonly values: Uint8Array | Float32Array
  /** A forecast: what the targets are now, to which the network's answers are added. */
  readonly last?: readonly number[]
}

/** Reads files as the examples of one study. @throws BadFile where a file is broken or holds no example */
export type ExampleReader = {
  /** Names of files that may hold examples. */
  readonly files: RegExp
  readonly read: (file: FileEntry) => Promise<readonly RawExample[]>
}

const image = z.looseObject({
  kind: z.literal('image'),
  height: z.int(),
  width: z.int(),
  channels: z.enum(['rgb', 'gray']),
  fit: z.enum(['stretch', 'crop']).default('stretch'),
})
const audio = z.looseObject({
  kind: z.literal('log-mel'),
  sampleRate: z.number(),
  windowSamples: z.int(),
  hopSamples: z.int(),
  mels: z.int(),
  lowHz: z.number(),
  highHz: z.number(),
  clipSamples: z.int(),
  // before it was in integers, studies saw other numbers
  arithmetic: z.literal('integer'),
})
/** Parameters of a study's log-mel front end, and the samples of a clip; undefined where it has another one. */
export const logMelOf = (frontEnd: SeenAs['frontEnd']) => audio.safeParse(frontEnd).data

/** What a board has to do for one input of the network before it runs; null where there is no front end to price. */
export function frontEndWork(frontEnd: SeenAs['frontEnd']) {
  const front = logMelOf(frontEnd)
  if (!front) return null
  const { fftSize, filters, windowSamples, mels } = logMelTables(front)
  const weights = filters.reduce((sum, f) => sum + f.weights.length, 0)
  return { fftSize, windowSamples, weights, mels, frames: framesOf(front, front.clipSamples) }
}

const series = z.looseObject({
  kind: z.literal('window'),
  window: z.int(),
  hop: z.int().optional(),
  channels: z.array(z.string()),
  subtractMean: z.boolean().default(false),
  magnitudesOf: z.array(z.array(z.string())).default([]),
})
const ahead = z.looseObject({
  kind: z.literal('forecast'),
  window: z.int(),
  channels: z.array(z.string()),
  targets: z.array(z.string()),
  horizons: z.array(z.int()),
  calendar: z.boolean(),
  time: z.union([z.string(), z.int()]).optional(),
  maxGap: z.int(),
})
const table = z.looseObject({ kind: z.literal('table'), channels: z.array(z.string()).optional() })
const frontEndSchema = z.discriminatedUnion('kind', [image, audio, series, ahead, table])

/** The reader of a study's front end. */
export function exampleReader({ shape, frontEnd }: SeenAs): ExampleReader {
  const known = frontEndSchema.safeParse(frontEnd)
  if (!known.success) throw unknownFrontEnd(frontEnd)
  const front = known.data
  switch (front.kind) {
    case 'image':
      return pictures(front)
    case 'log-mel':
      return sounds(front, exampleSize(shape))
    case 'window':
      return windows(front)
    case 'forecast':
      return latest(front)
    case 'table':
      return rows(front, exampleSize(shape))
  }
}

const unknownFrontEnd = ({ kind }: SeenAs['frontEnd']): TinyfrontError =>
  usageError(`files cannot be seen as this study saw its data (${String(kind)})`, 'give examples as arrays, through the library')

function pictures({ height, width, channels, fit }: z.infer<typeof image>): ExampleReader {
  const shrink = shrinker(height, width, fit)
  const count = channels === 'rgb' ? 3 : 1
  return {
    files: imageFiles,
    async read(file) {
      const values = new Uint8Array(height * width * count)
      writeChannels(shrink(await readPicture(file.read())), count, values, 0)
      return [{ source: file.path, values }]
    },
  }
}

function sounds({ clipSamples, ...front }: z.infer<typeof audio>, size: number): ExampleReader {
  const mel = logMel(front)
  return {
    files: soundFiles,
    async read(file) {
      const clip = new Float32Array(clipSamples)
      clip.set((await readAt(file, front.sampleRate)).subarray(0, clipSamples))
      const values = new Float32Array(size)
      mel.compute(clip, values, 0)
      return [{ source: file.path, values }]
    },
  }
}

/** Columns without a name were numbered when the data were read. */
const byNumber = (name: string): string | number => {
  const [, at] = /^column (\d+)$/.exec(name) ?? []
  return at === undefined ? name : Number(at)
}

function windows({ window: length, hop, channels, subtractMean, magnitudesOf }: z.infer<typeof series>): ExampleReader {
  const magnitudes = magnitudesOf.length > 0
  const window = {
    ...manifestSchema.shape.window.parse({}),
    length,
    subtractMean,
    magnitudes,
    channels: channels.map(byNumber),
  }
  const triads = magnitudesOf.map(([first = '']) => channels.indexOf(first))
  return {
    files: seriesFiles,
    async read(file) {
      const data = readRecording(file, window, 1, true)
      if (data.channels.length !== channels.length)
        throw new BadFile(`${data.channels.length} channels, where the network sees ${channels.length}`)
      if (data.rows < length) throw new BadFile(`${data.rows} rows, where the network sees ${length}`)
      const found: RawExample[] = []
      for (let start = 0; start + length <= data.rows; start += hop ?? length)
        found.push({ source: `${file.path} row ${start}`, values: cut(data, start, length, window, triads) })
      return found
    },
  }
}

/** The newest whole window of a recording: what comes after its last row is what a person wants to know. */
function latest({ window: history, channels, targets, calendar, time, maxGap }: z.infer<typeof ahead>): ExampleReader {
  return {
    files: tableFiles,
    async read(file) {
      const read = await readTableFile(file.read())
      const need = (name: string | number) => columnOf(read, name) ?? missing(() => noColumn(read, name, file.path))
      const at = channels.map((name) => need(byNumber(name)))
      const { segments } = bridged(read, at, time === undefined ? undefined : need(time), maxGap, file.path)
      const segment = segments.at(-1)
      if (!segment || segment.rows < history)
        throw new BadFile(`${segment?.rows ?? 0} rows without a gap at its end, where the network sees ${history}`)
      const sought = targets.map((name) => channels.indexOf(name))
      const start = segment.rows - history
      const values = windowOf(segment, start, { history, calendar, width: channels.length, targets: sought })
      const last = sought.map((t) => segment.values[(segment.rows - 1) * channels.length + t]!)
      return [{ source: `${file.path} row ${segment.from + start}`, values, last }]
    },
  }
}

function rows({ channels }: z.infer<typeof table>, size: number): ExampleReader {
  return {
    files: tableFiles,
    async read(file) {
      const read = await readTableFile(file.read())
      const columns = channels?.map((name) => columnOf(read, byNumber(name)) ?? missing(() => noColumn(read, name, file.path)))
      const width = read.rows[0]?.length ?? 0
      if (!columns && width !== size) throw new BadFile(`${width} columns, where the network sees ${size} numbers`)
      return read.rows.map((cells, r) => {
        const values = Float32Array.from(columns?.map((c) => cells[c] ?? '') ?? cells, (cell) => cellNumber(cell) ?? Number.NaN)
        const wrong = values.findIndex((value) => !Number.isFinite(value))
        if (wrong >= 0) throw new BadFile(`row ${r + 1}: "${cells[columns?.[wrong] ?? wrong] ?? ''}" is not a number`)
        return { source: `${file.path} row ${r + 1}`, values }
      })
    },
  }
}

function missing(error: () => TinyfrontError): never {
  throw error()
}
