import { placeOf } from '../../run/record/open.ts'
import { studyOptions } from '../../run/record/options.ts'
import { listStudies } from '../../store/study-file.ts'
import { usageError } from '../../util/errors.ts'
import type { CommandRow } from '../commands.ts'
import { chooseStudy, sharedValues, studyNamed } from './choose.ts'
import { openProject } from './find.ts'
import type { Project, Values } from './read.ts'

export type Asked = { readonly args: readonly string[]; readonly values: Values }

/** A command as the project file of this folder completes it: what was typed stands above what the file says. */
export async function inProject(row: CommandRow, asked: Asked, folder: string): Promise<Asked> {
  const project = row.project === 'none' || asked.values.ignoreConfig ? undefined : await openProject(folder)
  const from = project === undefined ? {} : valuesFor(row, asked, project)
  const kept = Object.fromEntries(Object.entries(from).filter(([key]) => row.options.some((name) => name === key)))
  const values = { ...kept, ...asked.values }
  return placed(row, { args: argsFor(row, asked.args, project, values), values })
}

/** A study that is shown by its folder is named, and its place takes the place of `--results`. Of several studies each has its own. */
function placed(row: CommandRow, { args, values }: Asked): Asked {
  const [first, ...more] = args
  const several = row.arguments?.[0]?.includes('...')
  if (first === undefined || !takes(row, 'study') || several || first.endsWith('.tflite')) return { args, values }
  const { name, results } = placeOf(first, values.results ?? 'results')
  return { args: [name, ...more], values: first === name ? values : { ...values, results } }
}

const takes = (row: CommandRow, first: 'study' | 'path'): boolean => (row.arguments?.[0] ?? '').slice(1).startsWith(first)

/** What begins a study takes all. A study that exists knows its own boards and bounds: the file says what a new one is made with. */
function valuesFor(row: CommandRow, { args, values }: Asked, project: Project): Values {
  if (row.options.includes('strategy')) return chooseStudy(project, values.study)
  if (!takes(row, 'study')) return withoutStudy(sharedValues(project))
  const all = sharedValues(project, args[0])
  return Object.fromEntries(Object.entries(all).filter(([key]) => !(key in studyOptions)))
}

/** Data are looked at without their study, unless the person names one. */
function withoutStudy({ study: _, ...others }: Values): Values {
  return others
}

/** What was left out and the project knows: the study, or the data. */
function argsFor(row: CommandRow, args: readonly string[], project: Project | undefined, values: Values): readonly string[] {
  if (args.length > 0 || row.arguments === undefined || row.alone) return args
  if (takes(row, 'study')) return [project ? studyNamed(project) : noStudy(row, values.results ?? 'results')]
  const data = project && sharedValues(project).data
  // a study that was named knows its data
  if (!takes(row, 'path') || values.study !== undefined) return args
  if (data === undefined) throw usageError(`${row.name}: no path given`, `tinyfront ${row.name} PATH`)
  return [data]
}

function noStudy(row: CommandRow, results: string): never {
  const names = listStudies(results)
  throw usageError(
    `${row.name}: no study named`,
    names.length === 0
      ? 'start one with `tinyfront search`, or name its folder with --results'
      : `name one: tinyfront ${row.name} ${names[0]}${names.length > 1 ? ` (there are ${names.join(', ')})` : ''}`,
  )
}
