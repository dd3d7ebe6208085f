import { z } from 'zod'
import type { Supply } from '../../device/power.ts'
import { regulators } from '../../device/schema.ts'
import { nearestName, TinyfrontError, usageError } from '../../util/errors.ts'

/** A kind of value: how it is checked, read from what a person types, and written so that reading gives the same value. */
export type Kind<T> = {
  readonly schema: z.ZodType<T>
  /** What stands for the value in a flag's help; null = a switch, which is given or not. */
  readonly value: string | null
  readonly read: (text: string) => T
  readonly write: (value: T) => string
  /** The words there are, where they can be counted; `several` = comma-separated. */
  readonly known?: readonly string[]
  readonly several?: true
}

/** Groups of `--help`, in this order. */
export const optionGroups = {
  data: 'Data',
  boards: 'Boards',
  budget: 'Budget',
  time: 'Time',
  cluster: 'Many machines',
  expert: 'Expert',
} as const

/** One option of the command line: everything that is said of it anywhere. */
export type OptionRow<T> = Kind<T> & {
  readonly flag: `--${string}`
  readonly group?: keyof typeof optionGroups
  readonly help: string
  /** Environment variable that stands in for the flag. */
  readonly env?: string
  /** What people call it elsewhere: suggested, never taken. */
  readonly alsoCalled?: readonly string[]
  /** What holds where the flag is not given, if that is no fixed value. */
  readonly otherwise?: string
}

/** The value of an option from its text; the error names the flag. */
export function readOption<T>(row: OptionRow<T>, text: string): T {
  let value: T
  try {
    value = row.read(text)
  } catch (error) {
    if (error instanceof TinyfrontError) throw usageError(`${row.flag}: ${error.message}`, error.remedy)
    throw error
  }
  const checked = row.schema.safeParse(value)
  if (checked.success) return checked.data
  throw usageError(
    `${row.flag}: "${text}" cannot be taken: ${checked.error.issues[0]!.message}`,
    `see ${row.flag} in docs/cli.md, or tinyfront search --help`,
  )
}

export const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((s) => s.trim())
    .filter(Boolean)

/** NaN where the text is no number; an empty text is none. */
export const numberOf = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text))

export const text = (value: string, schema: z.ZodType<string> = z.string()): Kind<string> => ({
  schema,
  value,
  read: (typed) => typed,
  write: (stored) => stored,
})

export const isGiven: Kind<boolean> = { schema: z.boolean(), value: null, read: () => true, write: () => '' }

export const list: Kind<readonly string[]> = {
  schema: z.array(z.string()).min(1),
  value: 'list',
  read: listOf,
  write: (names) => names.join(','),
  several: true,
}

export const positive: Kind<number> = {
  schema: z.number().positive(),
  value: 'n',
  read(typed) {
    const x = numberOf(typed)
    if (!(x > 0) || !Number.isFinite(x)) throw usageError(`"${typed}" is not a number above 0`, 'write for example 675')
    return x
  },
  write: String,
}

/** One of these names; a misspelt one is told the nearest. */
export function pick<T extends string>(what: string, known: readonly T[], typed: string): T {
  const found = known.find((name) => name === typed)
  if (found !== undefined) return found
  const near = nearestName(typed, known)
  throw usageError(`${what} "${typed}" is not known`, near ? `did you mean "${near}"?` : `choose one of ${known.join(', ')}`)
}

export const oneOf = <T extends string>(what: string, known: readonly T[]): Kind<T> => ({
  schema: z.enum(known),
  value: 'name',
  read: (typed) => pick(what, known, typed),
  write: (name) => name,
  known,
})

export const someOf = <T extends string>(what: string, known: readonly T[]): Kind<readonly T[]> => ({
  schema: z.array(z.enum(known)).min(1),
  value: 'list',
  read: (typed) => listOf(typed).map((name) => pick(what, known, name)),
  write: (names) => names.join(','),
  known,
  several: true,
})

export const wholeNumber = (least: number, most = Number.MAX_SAFE_INTEGER): Kind<number> => ({
  schema: z.int().min(least).max(most),
  value: 'n',
  read(typed) {
    const n = numberOf(typed)
    const bound = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
    if (!Number.isInteger(n) || n < least || n > most)
      throw usageError(`"${typed}" is not a whole number ${bound}`, `write for example ${Math.min(most, Math.max(least, 40))}`)
    return n
  },
  write: String,
})

export const shareBelowOne: Kind<number> = {
  schema: z.number().min(0).lt(1),
  value: 'share',
  read(typed) {
    const share = numberOf(typed)
    if (!(share >= 0 && share < 1)) throw usageError(`"${typed}" is not a share`, 'write for example 0.5')
    return share
  },
  write: String,
}

/** "2%" or 0.02. */
export const shareOrPercent: Kind<number> = {
  schema: z.number().min(0).max(1),
  value: 'share',
  read(typed) {
    const percent = typed.trim().endsWith('%')
    const share = numberOf(percent ? typed.trim().slice(0, -1) : typed) / (percent ? 100 : 1)
    if (!(share >= 0 && share <= 1)) throw usageError(`"${typed}" is not a share`, 'write for example 2%')
    return share
  },
  write: (share) => `${100 * share}%`,
}

/** Points, or `off` for null. */
export const pointsOrOff: Kind<number | null> = {
  schema: z.number().min(0).nullable(),
  value: 'points',
  read(typed) {
    if (typed === 'off') return null
    const points = numberOf(typed)
    if (!(points >= 0) || !Number.isFinite(points))
      throw usageError(`"${typed}" is not a number of points`, 'write for example 0.5; 0 mends any loss, off none')
    return points
  },
  write: (points) => (points === null ? 'off' : String(points)),
}

/** A number with a unit; written in the unit that reads back exactly. */
export const quantity = (
  value: string,
  read: (text: string) => number,
  unit: string,
  schema: z.ZodType<number> = z.number().positive(),
): Kind<number> => ({ schema, value, read, write: (x) => `${x}${unit}` })

/** "3.0V" or "3.0V-smps": what a board is fed with. */
export const supplyKind: Kind<Supply> = {
  schema: z.strictObject({ volts: z.number().positive(), regulator: z.enum(regulators).optional() }) as z.ZodType<Supply>,
  value: 'volts',
  read(typed) {
    const [, volts, regulator] = /^(\d+(?:\.\d+)?)\s*V?(?:-(ldo|smps|external-smps))?$/i.exec(typed.trim()) ?? []
    if (!(Number(volts) > 0))
      throw usageError(`"${typed}" is no supply`, 'write for example 3.0V, or 3.0V-smps (ldo, smps, external-smps)')
    return {
      volts: Number(volts),
      ...(regulator ? { regulator: regulator.toLowerCase() as NonNullable<Supply['regulator']> } : {}),
    }
  },
  write: ({ volts, regulator }) => `${volts}V${regulator === undefined || regulator === 'unknown' ? '' : `-${regulator}`}`,
}
