import { z } from 'zod'
import type { TaskName } from '../../task/tasks.ts'
import { usageError } from '../../util/errors.ts'
import { parseValue } from '../../util/json-file.ts'
import { limitOptions, type Needed, type RunLimits, type StudyConfig, type StudyLimits, studyOptions } from './options.ts'

/** A study as the person asked for it: data and boards; defaults stand for the rest. */
export type AskedStudy = Pick<StudyConfig, Needed> & Partial<Omit<StudyConfig, Needed>>

type Values = Readonly<Record<string, unknown>>
/** The tables as the loops below see them; what their rows mean for `StudyConfig` and `StudyLimits` is checked where they are written. */
type Row = { readonly schema: z.ZodType; readonly default?: unknown; readonly missing?: unknown; readonly earlier?: unknown }
type Table = Readonly<Record<string, Row>>

/** A schema of one key a row. The type of the table says what the compiler cannot follow through `Object.entries`. */
const schemaOf = <T>(table: Table, of: (row: Row) => z.ZodType): z.ZodType<T> =>
  z.strictObject(Object.fromEntries(Object.entries(table).map(([key, row]) => [key, of(row)]))) as unknown as z.ZodType<T>

const askedStudySchema = schemaOf<Partial<StudyConfig>>(studyOptions, ({ schema }) => schema.optional())
const askedLimitsSchema = schemaOf<Partial<StudyLimits>>(limitOptions, ({ schema }) => schema.optional())

/** A study as its header stores it; studies that began before an option existed have what it was then. */
export const storedStudySchema = schemaOf<StudyConfig>(studyOptions, ({ schema, default: usual, missing, earlier }) => {
  if (earlier !== undefined) return schema.default(earlier)
  return usual === undefined && missing === undefined ? schema.optional() : schema
})
const storedLimitsSchema = schemaOf<Values>(limitOptions, ({ schema }) => schema.nullish())

const without = (nothing: null | undefined, values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([, v]) => v !== nothing))
const pickKeys = (table: Table, values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([key]) => key in table))

/** What was asked of a study, checked. */
export function askedStudy(values: Values): AskedStudy {
  const { data, targets, ...more } = parseValue(without(undefined, values), askedStudySchema, 'options', 'study')
  if (data === undefined) throw usageError(...studyOptions.data.missing)
  if (targets === undefined) throw usageError(...studyOptions.targets.missing)
  return { data, targets, ...more }
}

/** What was asked of limits, checked. */
export const askedLimits = (values: Values): Partial<StudyLimits> =>
  parseValue(without(undefined, values), askedLimitsSchema, 'options', 'study')

/** Limits on resume: what is asked stands above what the study began with; only what differs extends a search that had ended. */
export function resumedLimits(began: StudyLimits, asked: Partial<StudyLimits>): RunLimits {
  const extended = (['trials', 'seconds'] as const).some((key) => asked[key] !== undefined && asked[key] !== began[key])
  return { ...began, ...asked, extended }
}

/** Limits parted from everything else. */
export function splitLimits(values: Values): { readonly limits: Values; readonly others: Values } {
  const others = Object.fromEntries(Object.entries(values).filter(([key]) => !(key in limitOptions)))
  return { limits: pickKeys(limitOptions, values), others }
}

/** Of many options those of a study, and those that limit a run. */
export const studyPart = (values: Partial<StudyConfig>): Values => pickKeys(studyOptions, values)
export const limitPart = (values: Partial<StudyLimits>): Values => pickKeys(limitOptions, values)

const fill = (table: Table, asked: Values, known: unknown): Values =>
  Object.fromEntries(
    Object.entries(table).map(([key, { default: usual }]) => {
      const given = asked[key]
      if (given !== undefined) return [key, given]
      return [key, typeof usual === 'function' ? usual(known) : usual]
    }),
  )

/** The study with every default filled in. */
export const completeStudy = (asked: AskedStudy, task: TaskName): StudyConfig =>
  storedStudySchema.parse(without(undefined, fill(studyOptions, asked, { data: asked.data, task })))

/** The limits with every default filled in. */
export const completeLimits = (asked: Partial<StudyLimits>): StudyLimits =>
  askedLimitsSchema.parse(without(undefined, fill(limitOptions, asked, asked))) as StudyLimits

/** As a header stores it, beside the limits that the study began with: null where there was none. */
export const toStored = (config: StudyConfig, limits: StudyLimits): Values => ({
  ...config,
  ...Object.fromEntries(Object.keys(limitOptions).map((key) => [key, (limits as Values)[key] ?? null])),
})

/** What `toStored` made, read back. */
export function fromStored(stored: Values): { readonly config: StudyConfig; readonly limits: StudyLimits } {
  const { limits, others } = splitLimits(stored)
  const given = askedLimits(without(null, storedLimitsSchema.parse(limits)))
  return { config: storedStudySchema.parse(others), limits: completeLimits(given) }
}
