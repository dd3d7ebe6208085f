import type { OptionRow } from '../record/option-kinds.ts'
import { limitOptions, type StudyConfig, type StudyLimits, studyOptions } from '../record/options.ts'

/** The command that makes this study again. Options that have their fixed default are left out; defaults that depend on data or machine are spelt out. */
export function commandOf(config: StudyConfig, limits: StudyLimits): string {
  return ['tinyfront search', ...flagsOf(studyOptions, config), ...flagsOf(limitOptions, limits)].join(' ')
}

type Row = OptionRow<unknown> & { readonly default?: unknown }

/** A value and its row stand under one key of two objects, which the compiler does not follow through a loop. */
const flagsOf = <T extends object>(table: { readonly [K in keyof T]-?: unknown }, values: T): string[] =>
  Object.entries(table).flatMap(([key, row]) => flagOf(row as Row, values[key as keyof T]))

function flagOf({ flag, default: usual, value: placeholder, write }: Row, value: unknown): string[] {
  if (value === undefined || JSON.stringify(value) === JSON.stringify(usual)) return []
  return [placeholder === null ? flag : `${flag} ${quoted(write(value))}`]
}

/** The command that goes on with a study. */
export const resumeCommand = (study: string, results: string): string =>
  `tinyfront resume ${study}${results === 'results' ? '' : ` --results ${quoted(results)}`}`

/** As a POSIX shell takes it for one word. */
const quoted = (word: string): string => (/^[\w.,:/=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
