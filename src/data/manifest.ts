import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { taskSchema } from '../task/schema.ts'
import { readJson } from '../util/json-file.ts'

const side = z.int().min(1).max(1024)
const column = z.union([z.string(), z.int().min(0)])
const share = z.number().min(0).max(1)

const splitList = z.strictObject({
  file: z.string().describe('CSV with a header, relative to the manifest'),
  path: z.string().default('path').describe('column with the path of an example (or `row`: the row of a table, from 0)'),
  label: z
    .union([z.string(), z.array(z.string()).min(1)])
    .optional()
    .describe('column with the class, or columns with the numbers sought; absent = the folder, or a column of the recordings'),
  split: z
    .string()
    .optional()
    .describe('column with train, val or test (or `train:0-500;test:500-900`: ranges of rows); other words leave an example out'),
  group: z.string().optional().describe('column with the speaker, subject or machine, who never stands in two splits'),
  scale: z.string().optional().describe('column with a factor for all values of a recording'),
})

const image = z.strictObject({
  size: z
    .union([side, z.tuple([side, side])])
    .optional()
    .describe('height and width; absent = their own size up to 128, else 96 x 96'),
  channels: z.enum(['rgb', 'gray']).optional(),
  fit: z.enum(['stretch', 'crop']).default('stretch').describe('how another aspect ratio is brought to the size'),
})

const audio = z.strictObject({
  seconds: z.number().min(0.1).max(30).optional().describe('length of a clip; longer ones are cut, shorter ones padded'),
  windowMs: z.number().min(5).max(200).default(30),
  hopMs: z.number().min(2).max(200).default(20),
  mels: z.int().min(4).max(128).default(40),
  lowHz: z.number().min(0).optional(),
  highHz: z.number().min(100).optional(),
  background: z.string().default('_background_noise_').describe('folder with noise recordings, mixed into training examples'),
})

const window = z.strictObject({
  length: z.int().min(2).max(65536).default(128).describe('rows per window'),
  hop: z.int().min(1).optional().describe('rows from one window to the next; absent = half a window'),
  channels: z
    .array(column)
    .min(1)
    .optional()
    .describe('names or numbers of the columns; absent = all numbers but time and label'),
  label: z
    .union([column, z.array(column).min(1)])
    .optional()
    .describe('column with the class of a row, or columns with its numbers; a window has the class of most of its rows'),
  purity: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe("least share of a window's rows that have its class; windows on the border of two classes with less are left out"),
  sampleRate: z.number().positive().optional(),
  triads: z
    .array(z.int().min(0))
    .optional()
    .describe('first channel of each three-axis sensor; absent = channels whose names end in x, y, z side by side'),
  magnitudes: z
    .boolean()
    .default(true)
    .describe(
      'give the network the length of each three-axis vector as a further channel: it does not depend on how the board is worn',
    ),
  subtractMean: z.boolean().default(false).describe("take each channel's mean out of each window"),
})

const forecast = z.strictObject({
  target: z.union([column, z.array(column).min(1)]).describe('column that is forecast, or several'),
  horizon: z.union([z.int().min(1), z.array(z.int().min(1)).min(1)]).describe('how many rows ahead, or several such numbers'),
  history: z.int().min(2).max(4096).default(24).describe('rows that the network sees'),
  hop: z.int().min(1).default(1).describe('rows from one window to the next'),
  channels: z
    .array(column)
    .min(1)
    .optional()
    .describe('columns that the network sees beside the targets; absent = all numbers but time'),
  time: column.optional().describe('column with the time: ISO, or seconds; windows do not cross leaps of it'),
  calendar: z
    .boolean()
    .default(false)
    .describe('give the network sine and cosine of the hour and of the day of the week, from the time'),
  borders: z
    .tuple([z.int().min(1), z.int().min(1)])
    .optional()
    .describe('rows at which validation and test begin; absent = 70 % and 85 % of each recording'),
  maxGap: z
    .int()
    .min(0)
    .default(3)
    .describe('rows of missing values that are bridged by straight lines; longer gaps cut a recording'),
})

const table = z.strictObject({
  train: z.string(),
  val: z.string().optional(),
  test: z.string().optional(),
  shape: z
    .tuple([side, side, side])
    .optional()
    .describe(
      'a row holds one example of this shape, then its label; absent = columns are taken by name, and "label" names the label',
    ),
  columns: z
    .array(column)
    .min(1)
    .optional()
    .describe('names or numbers of the columns that the network sees; absent = all numbers that are nothing else'),
  oneHot: z.boolean().default(false).describe('the label is one column per class, of which one is 1'),
})

const augmentation = z.strictObject({
  flip: z.boolean().optional(),
  shift: share.optional(),
  gain: share.optional(),
  offset: share.optional(),
  noise: share.optional(),
  mask: share.optional(),
  mixup: z.number().min(0).max(0.5).optional().describe('largest share of another example blended in'),
  rotate: z.number().min(0).max(3.15).optional().describe('largest turn of three-axis sensors, in radians'),
})

/** `dataset.json`: says what cannot be guessed from the files. Every key but `kind` may be left out. */
export const manifestSchema = z.strictObject({
  $schema: z.string().optional(),
  name: z.string().optional(),
  kind: z.enum(['image', 'audio', 'series']),
  task: taskSchema.default('classification'),
  format: z.enum(['files', 'idx', 'cifar10', 'table', 'npz']).default('files'),
  path: z.string().default('.').describe('folder or archive with the examples, relative to the manifest'),
  label: z
    .union([column, z.array(column).min(1)])
    .optional()
    .describe('column of a table (or of metadata.csv, or parquet) with the class, or columns with the numbers sought: --label'),
  classNames: z
    .union([z.array(z.string()), z.string()])
    .optional()
    .describe('names of the numeric labels 0, 1, ..., or a text file with them'),
  classes: z.array(z.string()).min(2).optional().describe('the classes to use, in this order; absent = all'),
  splits: splitList.optional(),
  groupPattern: z.string().optional().describe('regular expression on the path; what its first bracket finds is the group'),
  removeDuplicates: z
    .boolean()
    .default(false)
    .describe('keep one of the examples that are equal or look alike; test before val before train'),
  image: image.prefault({}),
  audio: audio.prefault({}),
  window: window.prefault({}),
  table: table.optional(),
  forecast: forecast.optional().describe('task forecast: what is forecast, how far ahead, from how much'),
  augmentation: augmentation.optional(),
})
export type Manifest = z.infer<typeof manifestSchema>

/** A manifest with its paths made absolute. */
export type Placed = { readonly manifest: Manifest; readonly path: string; readonly resolve: (relative: string) => string }

/** Reads a manifest file; relative paths in it count from its own folder. */
export function readManifest(file: string): Placed {
  const manifest = readJson(file, manifestSchema as z.ZodType<Manifest>, 'data set manifest')
  const base = dirname(resolve(file))
  return { manifest, path: resolve(base, manifest.path), resolve: (relative) => resolve(base, relative) }
}

/** A manifest made of nothing but what was found in `path`. */
export function guessedManifest(found: z.input<typeof manifestSchema>, path: string): Placed {
  const base = statSync(path).isDirectory() ? path : dirname(path)
  return { manifest: manifestSchema.parse(found), path, resolve: (relative) => resolve(base, relative) }
}

/** The label columns that the manifest names. */
export const labelOf = ({ label }: Manifest): (string | number)[] | undefined =>
  label === undefined ? undefined : [label].flat()

/** Names of numeric labels, from the manifest or from `classes.txt` beside the data. */
export function classNamesOf({ manifest, path, resolve: at }: Placed): readonly string[] | undefined {
  const { classNames } = manifest
  if (Array.isArray(classNames)) return classNames
  const file = classNames ? at(classNames) : resolve(path, 'classes.txt')
  if (!existsSync(file)) return undefined
  return readFileSync(file, 'utf8')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean)
}
