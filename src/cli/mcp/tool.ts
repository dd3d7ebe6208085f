import { z } from 'zod'
import { usageError } from '../../util/errors.ts'
import type { CommandRow } from '../commands.ts'
import { optionsSchema } from '../option-schema.ts'
import { type OptionName, optionTable } from '../options.ts'
import { inside } from './inside.ts'

/** What a command's place for a word is called in a tool's input, and what stands there. */
const places: Readonly<Record<string, { readonly key: string; readonly says: string }>> = {
  study: { key: 'study', says: 'name of a study, or its folder; absent = that of the project file' },
  'study-or-file': { key: 'study', says: 'name of a study, or a .tflite file' },
  trial: { key: 'trial', says: 'number of a trial, "recommended" where predict asks; absent = the recommended one' },
  files: { key: 'files', says: 'sounds, pictures, recordings or tables, or folders of them' },
  path: { key: 'path', says: 'folder, archive or table with the data, or builtin:NAME' },
  model: { key: 'model', says: 'a .tflite file' },
  what: { key: 'what', says: 'devices, spaces, studies or data' },
}

/** How the talk goes, and what lies on other machines, is no business of an agent. */
const notForAgents: readonly OptionName[] = [
  'json',
  'quiet',
  'debug',
  'ignoreConfig',
  'yes',
  'queue',
  'blobs',
  'audit',
  'leaseSeconds',
]

type Place = { readonly key: string; readonly says: string; readonly needed: boolean; readonly many: boolean }
const placesOf = ({ arguments: args = [] }: CommandRow): Place[] =>
  args.map((text) => {
    const bare = text.replace(/[<>[\].]/g, '')
    return { ...(places[bare] ?? { key: bare, says: bare }), needed: text.startsWith('<'), many: text.includes('...') }
  })

const optionsFor = ({ options }: CommandRow): OptionName[] => options.filter((name) => !notForAgents.includes(name))

/** "data inspect" -> "inspect" */
export const toolName = ({ name }: CommandRow): string => name.split(' ').at(-1)!

/** What a tool takes: the words and options of its command, from the tables that the parser is made from. */
export function inputSchema(row: CommandRow) {
  const word = z.union([z.string().min(1), z.int().min(0)])
  const words = placesOf(row).map(({ key, says, needed, many }) => {
    const schema = (many ? z.array(word).min(1) : word).describe(says)
    return [key, needed ? schema : schema.optional()] as const
  })
  return z.strictObject({ ...optionsSchema(optionsFor(row)).shape, ...Object.fromEntries(words) })
}

/** The command line that does what a tool was asked for, `--json` among it. Nothing in it leads out of `root`. */
export function commandLine(row: CommandRow, input: Readonly<Record<string, unknown>>, root: string): string[] {
  const options = optionsFor(row).flatMap((name) => {
    const {
      flag,
      value: placeholder,
      write,
    } = optionTable[name] as { flag: string; value: string | null; write: (x: unknown) => string }
    const given = input[name]
    if (given === undefined || given === false) return []
    if (placeholder === null) return [flag]
    return [`${flag}=${inside(root, typeof given === 'string' ? given : write(given))}`]
  })
  const words = placesOf(row).map(({ key }) => input[key])
  const gap = words.findIndex((word, i) => word === undefined && words.slice(i).some((later) => later !== undefined))
  if (gap >= 0) throw usageError(`${toolName(row)}: no ${placesOf(row)[gap]!.key} given`, 'name it as well')
  const typed = words.flat().filter((word) => word !== undefined)
  return [...row.name.split(' '), '--json', ...options, '--', ...typed.map((word) => inside(root, String(word)))]
}
