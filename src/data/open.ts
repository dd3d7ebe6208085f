import { createHash } from 'node:crypto'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { countOf, oneEach } from '../task/labels.ts'
import { taskOf } from '../task/lookup.ts'
import { usageError } from '../util/errors.ts'
import { hashJson } from '../util/hash.ts'
import { assemble, preprocessingVersion } from './assemble.ts'
import { augmentationFor } from './augment.ts'
import { generateBuiltin, isBuiltin } from './builtin/builtins.ts'
import { cached, cacheVersion } from './cache.ts'
import { pick } from './collect.ts'
import { type Dataset, splitNames } from './dataset.ts'
import type { Decoded } from './decoded.ts'
import { adapt } from './foreign/adapt.ts'
import { guessManifest } from './guess.ts'
import { type InspectReport, inspect } from './inspect.ts'
import { duplicateSets } from './likeness.ts'
import { loadCifar, loadIdx, loadTable } from './load-arrays.ts'
import { loadAudio } from './load-audio.ts'
import { forecastFiles, loadForecast } from './load-forecast.ts'
import { loadImages } from './load-images.ts'
import { loadNpz } from './load-npz.ts'
import { loadRows } from './load-rows.ts'
import { loadSeries } from './load-series.ts'
import { guessedManifest, labelOf, type Manifest, type Placed, readManifest } from './manifest.ts'
import { passedOver } from './passed-over.ts'
import { imageFiles } from './read/picture.ts'
import { soundFiles } from './read/sound.ts'
import { type FileTree, openTree, readPlain } from './read/tree.ts'
import { seriesFiles } from './recording.ts'

export type OpenOptions = {
  /** Addresses the splits. */
  readonly seed: string
  /** Folder for decoded data; made if missing. */
  readonly cacheDir: string
  /** A manifest to use instead of the data's own `dataset.json`. */
  readonly manifest?: string
  /** Pictures are brought to this size instead of the manifest's. */
  readonly imageSize?: number | readonly [height: number, width: number]
  /** Column with the label, or columns, comma-separated. */
  readonly label?: string
}

export type OpenedDataset = Dataset & { readonly report: InspectReport }

/** The same with what people ask of examples and training does not: which files they came from, how long they were. */
export type OpenedExamples = { readonly dataset: Dataset; readonly decoded: Decoded; readonly report: InspectReport }

/**
 * Opens a data set: `builtin:NAME`, a manifest (`*.json`), a folder or an archive. Decoding is cached; splits are made under the seed.
 * @throws TinyfrontError in two lines for anything a person can mend.
 */
export async function openDataset(spec: string, options: OpenOptions): Promise<OpenedDataset> {
  const { dataset, report } = await openExamples(spec, options)
  return { ...dataset, report }
}

export async function openExamples(spec: string, options: OpenOptions): Promise<OpenedExamples> {
  const placed = isBuiltin(spec) ? undefined : await place(spec, options)
  if (!placed && options.label !== undefined) throw noColumns(spec)
  const decoded = placed ? await decode(placed, options.cacheDir) : generateBuiltin(spec)
  const { dataset, notes } = assemble(decoded, options.seed, placed && augmentationFor(placed.manifest))
  const report = inspect(dataset, decoded, notes)
  checkUsable(report)
  return { dataset, decoded, report }
}

/** A set that cannot be learned from is refused here, where the reason is known. */
function checkUsable({ name, task, count, classes, splits }: InspectReport): void {
  if (taskOf(task).classOf && classes.length < 2)
    throw usageError(
      `${name}: all ${count} examples are of one class`,
      'put the examples of each class in a folder of its own, or name a label column',
    )
  const empty = splitNames.find((s) => splits[s] === 0)
  if (empty)
    throw usageError(
      `${name}: ${count} examples are too few: nothing is left for ${empty}`,
      'bring at least ten examples (and five groups) of each class',
    )
}

/** The manifest: the one asked for, the data's own, or one guessed from the files. */
async function place(spec: string, options: OpenOptions): Promise<Placed> {
  const path = resolve(spec)
  if (!existsSync(path)) throw usageError(`${spec}: no such file or folder`, 'check the path, or try --data builtin:shapes')
  const own = join(path, 'dataset.json')
  const label = options.label?.split(',').map((name) => name.trim())
  const found = options.manifest
    ? { ...readManifest(options.manifest), path }
    : path.endsWith('.json')
      ? readManifest(path)
      : statSync(path).isDirectory() && existsSync(own)
        ? readManifest(own)
        : await guessed(path, label)
  const placed = withLabel({ ...found, path: archiveIn(found) }, label)
  if (options.imageSize === undefined) return placed
  const size = typeof options.imageSize === 'number' ? options.imageSize : ([...options.imageSize] as [number, number])
  return { ...placed, manifest: { ...placed.manifest, image: { ...placed.manifest.image, size } } }
}

async function guessed(path: string, label: readonly string[] | undefined): Promise<Placed> {
  const guess = await guessManifest(path, label)
  return guessedManifest(guess.found, guess.path)
}

/** The label columns that the person named stand above those of the manifest. */
function withLabel(placed: Placed, label: readonly string[] | undefined): Placed {
  if (!label) return placed
  const { manifest } = placed
  if (['idx', 'cifar10', 'npz'].includes(manifest.format)) throw noColumns(placed.path)
  if (manifest.splits && manifest.format === 'files')
    return { ...placed, manifest: { ...manifest, splits: { ...manifest.splits, label: [...label] } } }
  return { ...placed, manifest: { ...manifest, label: [...label] } }
}

const noColumns = (path: string) =>
  usageError(`${path}: --label names a column, but its labels stand in no table`, 'leave --label out')

/** A folder that holds its examples in a single archive means the archive. */
function archiveIn({ path, manifest }: Placed): string {
  if (manifest.format !== 'files' || !existsSync(path) || !statSync(path).isDirectory()) return path
  const archives = readdirSync(path).filter((f) => /\.(tar\.gz|tgz|tar|zip)$/i.test(f))
  const folders = readdirSync(path, { withFileTypes: true }).some((f) => f.isDirectory() && !f.name.startsWith('.'))
  return archives.length === 1 && !folders ? join(path, archives[0]!) : path
}

async function decode(placed: Placed, cacheDir: string): Promise<Decoded> {
  const { manifest, path } = placed
  if (!existsSync(path)) throw usageError(`${path}: no such file or folder`, 'mend "path" in the manifest')
  if (manifest.format !== 'files') return clean(await arrays[manifest.format](placed), manifest)
  const own = openTree(path)
  const { tree, notes, foreign } = manifest.splits
    ? { tree: own, notes: [], foreign: false }
    : await adapt(own, labelOf(manifest))
  if (manifest.label !== undefined && manifest.kind !== 'series' && !foreign) throw noColumns(placed.path)
  const { load, files } = manifest.task === 'forecast' ? forecasts(placed) : kinds[manifest.kind]
  const decoded = await cached(cacheDir, cacheKey(placed, tree), async () => clean(await load(tree, placed), manifest))
  const left = foreign ? undefined : passedOver(tree, files, manifest.splits ? [basename(manifest.splits.file)] : [])
  const said = left === undefined ? notes : [...notes, `passed over, not read as ${manifest.kind}: ${left}`]
  return { ...decoded, notes: [...decoded.notes, ...said] }
}

const arrays = {
  idx: loadIdx,
  cifar10: loadCifar,
  npz: loadNpz,
  table: (placed: Placed) =>
    placed.manifest.label === undefined && placed.manifest.table?.shape ? loadTable(placed) : loadRows(placed),
} as const
const kinds = {
  image: { load: loadImages, files: imageFiles },
  audio: { load: loadAudio, files: soundFiles },
  series: { load: loadSeries, files: seriesFiles },
} as const

/** Rows ahead are a road of their own: labels are values of the same recording. */
function forecasts({ manifest, path }: Placed) {
  const wrong = (message: string, remedy: string) => usageError(`${path}: ${message}`, remedy)
  if (manifest.kind !== 'series') throw wrong(`a forecast of ${manifest.kind}`, 'set kind to "series"')
  if (!manifest.forecast)
    throw wrong(
      'a forecast of nothing',
      'say what in dataset.json: "forecast": { "target": "COLUMN", "horizon": 4, "history": 24 }',
    )
  if (manifest.forecast.calendar && manifest.forecast.time === undefined)
    throw wrong('a calendar without a time', 'name the column: forecast.time')
  return { load: loadForecast, files: forecastFiles }
}

/** Over every byte of the files, the split list and the manifest. */
function cacheKey({ manifest, resolve: at }: Placed, tree: FileTree): string {
  const hash = createHash('sha256')
  hash.update(hashJson([preprocessingVersion, cacheVersion, manifest]))
  for (const file of tree.files) {
    hash.update(`\0${file.path}\0`)
    if (file.known) hash.update(hashJson([file.known.labels, file.known.split]))
    try {
      hash.update(file.read())
    } catch (cause) {
      hash.update(`unreadable ${(cause as Error).message}`)
    }
  }
  if (manifest.splits) hash.update(readPlain(at(manifest.splits.file)))
  return hash.digest('hex').slice(0, 24)
}

/** Takes out classes that the manifest does not list, and duplicates where it says so. */
function clean(data: Decoded, manifest: Manifest): Decoded {
  let wanted = data
  if (manifest.classes && manifest.classes.join('\n') !== data.classes.join('\n')) wanted = relabel(data, manifest.classes)
  const { classOf } = taskOf(data.task)
  const all = examplesOf(wanted)
  const listed = classOf ? all.filter((i) => classOf(wanted.labels, i) >= 0) : all
  if (listed.length < all.length)
    wanted = pick(wanted, listed, `${all.length - listed.length} examples of other classes were left out`)
  if (!manifest.removeDuplicates) return wanted
  // of a set of equals, the one in test stays, else the one in val, else the first
  const rank = (i: number) => -(wanted.given?.[i] ?? 0)
  const dropped = new Set(duplicateSets(wanted).flatMap((set) => [...set].sort((a, b) => rank(a) - rank(b) || a - b).slice(1)))
  const keep = examplesOf(wanted).filter((i) => !dropped.has(i))
  return pick(wanted, keep, `${dropped.size} examples that equal or closely resemble another were left out`)
}

const examplesOf = ({ labels }: Decoded): number[] => Array.from({ length: countOf(labels) }, (_, i) => i)

function relabel(data: Decoded, classes: readonly string[]): Decoded {
  const missing = classes.filter((c) => !data.classes.includes(c))
  if (missing.length) throw usageError(`${data.name}: no class "${missing[0]}"`, `its classes are ${data.classes.join(', ')}`)
  const labels = oneEach(data.labels.values.map((l) => classes.indexOf(data.classes[l] ?? '')))
  return { ...data, classes, labels }
}
