import type { OptionRow } from '../../run/record/option-kinds.ts'
import { TinyfrontError, usageError } from '../../util/errors.ts'
import { type OptionName, type Options, projectOptions } from '../options.ts'
import { optionMeant } from '../suggest.ts'

/** Values of options, as commands take them. */
export type Values = Partial<Options>

/** A project file that was read: what all studies have, and what each has of its own. */
export type Project = {
  readonly file: string
  readonly shared: Values
  readonly studies: Readonly<Record<string, Values>>
}

/** The rows as loops see them. */
type Row = Pick<OptionRow<unknown>, 'schema' | 'value' | 'read'>
const rowOf = (key: string): Row | undefined =>
  Object.hasOwn(projectOptions, key) ? (projectOptions as Record<string, Row>)[key] : undefined

const keys = Object.keys(projectOptions) as (keyof typeof projectOptions)[]
/** A study in `studies` is named by its key, and all lie in one place. */
const ownKeys = keys.filter((key) => key !== 'study' && key !== 'results')

/** @throws TinyfrontError that names the file, the key and the remedy. */
export function readProject(held: unknown, file: string): Project {
  const { $schema: _, studies = {}, ...shared } = objectOf(held, file, '')
  const named = Object.entries(objectOf(studies, file, 'studies: '))
  if (named.length > 0 && 'study' in shared)
    throw usageError(`${file}: study: its studies have names already, under "studies"`, 'remove the key "study"')
  return {
    file,
    shared: valuesOf(shared, file, '', keys),
    studies: Object.fromEntries(
      named.map(([name, own]) => {
        optionValue(projectOptions.study, name, `${file}: studies`)
        const at = `studies.${name}`
        return [name, valuesOf(objectOf(own, file, `${at}: `), file, `${at}.`, ownKeys)]
      }),
    ),
  }
}

function objectOf(value: unknown, file: string, at: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw usageError(`${file}: ${at}not an object with options`, 'write for example { "data": "./photos", "targets": ["rp2040"] }')
}

function valuesOf(held: Record<string, unknown>, file: string, at: string, known: readonly OptionName[]): Values {
  const given = Object.entries(held).filter(([, value]) => value !== undefined)
  return Object.fromEntries(
    given.map(([key, value]) => {
      const row = known.some((name) => name === key) ? rowOf(key) : undefined
      if (!row) throw unknownKey(file, `${at}${key}`, optionMeant(key, known))
      return [key, optionValue(row, value, `${file}: ${at}${key}`)]
    }),
  )
}

const unknownKey = (file: string, key: string, meant: string | undefined): TinyfrontError =>
  usageError(`${file}: unknown key ${key}`, meant ? `did you mean "${meant}"?` : 'remove it, or see docs/project-file.md')

/** A text is read as on the command line ("64kB", "rp2040,esp32-s3"); everything else must be of the option's type. */
function optionValue({ schema, value: placeholder, read }: Row, held: unknown, where: string): unknown {
  const value = typeof held === 'string' && placeholder !== null ? readText(read, held, where) : held
  const checked = schema.safeParse(value)
  if (checked.success) return checked.data
  const [issue] = checked.error.issues
  const example =
    placeholder === null
      ? 'true or false'
      : `${typeof held === 'string' ? '' : 'the type of this option, or '}a text as on the command line`
  throw usageError(`${where}: ${issue!.message}`, `write ${example}; see docs/project-file.md`)
}

function readText(read: Row['read'], text: string, where: string): unknown {
  try {
    return read(text)
  } catch (error) {
    if (error instanceof TinyfrontError) throw usageError(`${where}: ${error.message}`, error.remedy)
    throw error
  }
}
