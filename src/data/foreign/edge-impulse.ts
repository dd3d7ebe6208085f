import { posix } from 'node:path'
import { z } from 'zod'
import { readCbor } from '../read/cbor.ts'
import { asUsageError, BadFile } from '../read/limits.ts'
import { imageFiles } from '../read/picture.ts'
import { soundFiles } from '../read/sound.ts'
import type { FileEntry, FileTree } from '../read/tree.ts'
import { seriesFiles } from '../recording.ts'
import { type Adapted, type Layout, splitIn } from './layout.ts'

const acquisitions = /\.(json|cbor)$/i

/** An export of Edge Impulse: `info.labels` beside the files, or its acquisitions alone, named LABEL.anything.json or .cbor. */
export const edgeImpulse: Layout = {
  matches: ({ files }) =>
    files.some(({ path }) => posix.basename(path) === 'info.labels') ||
    (files.some(({ path }) => acquisitions.test(path)) && !files.some(({ path }) => readable(path))),
  adapt: async (tree) => adapt(tree),
}

const readable = (path: string): boolean => imageFiles.test(path) || soundFiles.test(path) || seriesFiles.test(path)

/** Numbers of several sensors, row by row, or of a single one. */
const acquisition = z.object({
  payload: z.object({
    interval_ms: z.number().positive().optional(),
    sensors: z.array(z.object({ name: z.string(), units: z.string().optional() })).min(1),
    values: z.array(z.union([z.number(), z.array(z.number())])).min(1),
  }),
})
type Acquisition = z.infer<typeof acquisition>['payload']

const info = z.object({
  files: z.array(
    z.object({
      path: z.string(),
      category: z.string().optional(),
      label: z.object({ type: z.string().optional(), label: z.string().optional() }).optional(),
    }),
  ),
})

function adapt(tree: FileTree): Adapted | undefined {
  const list = tree.files.find(({ path }) => posix.basename(path) === 'info.labels')
  const listed = list && labelsIn(list)
  const first = tree.files.find(({ path }) => acquisitions.test(path))
  // JSON of something else
  if (!list && (!first || !looksAcquired(first))) return undefined
  const files: FileEntry[] = []
  let unlabelled = 0
  for (const file of tree.files) {
    if (!readable(file.path) && !acquisitions.test(file.path)) continue
    const entry = listed?.get(file.path)
    if (listed && !entry) continue
    const label = listed ? entry?.label : posix.basename(file.path).split('.')[0]
    if (label === undefined) unlabelled++
    else files.push(acquired({ ...file, known: { labels: [label], split: splitIn(entry?.category ?? file.path) } }))
  }
  if (files.length === 0) return undefined
  return { files, notes: unlabelled > 0 ? [`${unlabelled} files without a single label were left out`] : [] }
}

/** What the list says of each file, by its path from the root of the export. */
function labelsIn(list: FileEntry): Map<string, { label: string | undefined; category: string | undefined }> {
  const folder = posix.dirname(list.path)
  try {
    const { files } = info.parse(JSON.parse(new TextDecoder().decode(list.read())))
    return new Map(files.map(({ path, label, category }) => [posix.join(folder, path), { label: label?.label, category }]))
  } catch (cause) {
    throw asUsageError(list.path, cause instanceof BadFile ? cause : new BadFile('not a list of Edge Impulse'))
  }
}

function looksAcquired(file: FileEntry): boolean {
  try {
    readAcquisition(file)
    return true
  } catch (cause) {
    if (cause instanceof BadFile) return false
    throw cause
  }
}

/** An acquisition under the name and with the bytes of a file that we read: sound as WAV, everything else as a table. */
function acquired(file: FileEntry): FileEntry {
  if (!acquisitions.test(file.path)) return file
  let sound = false
  try {
    sound = isSound(readAcquisition(file))
  } catch {
    // it is read again, and reported, when its turn comes
  }
  return {
    ...file,
    path: `${file.path}${sound ? '.wav' : '.csv'}`,
    read: () => (sound ? wavOf(readAcquisition(file)) : csvOf(readAcquisition(file))),
  }
}

function readAcquisition(file: FileEntry): Acquisition {
  const bytes = file.read()
  const parsed = acquisition.safeParse(/\.cbor$/i.test(file.path) ? readCbor(bytes) : parseJson(bytes))
  if (parsed.success) return parsed.data.payload
  throw new BadFile('not an acquisition of Edge Impulse: payload.sensors and payload.values are missing')
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    throw new BadFile('not JSON')
  }
}

/** A single sensor above 1 kHz whose unit is "wav": samples of 16 bits. */
const isSound = ({ sensors, interval_ms: interval }: Acquisition): boolean =>
  sensors.length === 1 && sensors[0]!.units === 'wav' && interval !== undefined && interval < 1

function csvOf({ sensors, values }: Acquisition): Uint8Array {
  const rows = values.map((row) => (typeof row === 'number' ? String(row) : row.join(',')))
  const header = sensors.map(({ name }) => `"${name.replaceAll('"', '""')}"`).join(',')
  return new TextEncoder().encode(`${header}\n${rows.join('\n')}\n`)
}

function wavOf({ values, interval_ms: interval }: Acquisition): Uint8Array {
  const rate = Math.round(1000 / (interval ?? 1))
  const out = Buffer.alloc(44 + 2 * values.length)
  out.write('RIFF', 0)
  out.writeUInt32LE(out.length - 8, 4)
  out.write('WAVEfmt ', 8)
  out.writeUInt32LE(16, 16)
  out.writeUInt16LE(1, 20)
  out.writeUInt16LE(1, 22)
  out.writeUInt32LE(Math.min(rate, 1_000_000), 24)
  out.writeUInt32LE(2 * Math.min(rate, 1_000_000), 28)
  out.writeUInt16LE(2, 32)
  out.writeUInt16LE(16, 34)
  out.write('data', 36)
  out.writeUInt32LE(2 * values.length, 40)
  values.forEach((row, n) => {
    const value = typeof row === 'number' ? row : (row[0] ?? 0)
    out.writeInt16LE(Math.max(-32768, Math.min(32767, Math.round(value))), 44 + 2 * n)
  })
  return out
}
