import { Option } from 'commander'
import { z } from 'zod'
import { type ExportFormat, exportFormats } from '../export/bundle/formats.ts'
import type { BoardPrice } from '../run/boards/holders.ts'
import {
  isGiven,
  type Kind,
  listOf,
  numberOf,
  type OptionRow,
  oneOf,
  optionGroups,
  positive,
  quantity,
  readOption,
  shareBelowOne,
  text,
  wholeNumber,
} from '../run/record/option-kinds.ts'
import {
  limitOptions,
  type QueueOptions,
  queueOptions,
  type StudyConfig,
  type StudyLimits,
  studyOptions,
} from '../run/record/options.ts'
import { type KernelChoice, kernelChoices } from '../train/wasm/choose.ts'
import { usageError } from '../util/errors.ts'
import { parseBytes, parseSeconds } from '../util/units.ts'

export type Hits = readonly [hits: number, of: number]

/** "2/3": in how many of the last answers a class must lead. */
const agreement: Kind<Hits> = {
  schema: z.tuple([z.int().min(1).max(64), z.int().min(1).max(64)]),
  value: 'k/n',
  read(typed) {
    const [, k, n] = /^(\d{1,2})\/(\d{1,2})$/.exec(typed.trim()) ?? []
    const hits = [Number(k), Number(n)] as const
    if (!(hits[0] >= 1 && hits[0] <= hits[1])) throw usageError(`"${typed}" is not so many of so many`, 'write for example 2/3')
    return hits
  },
  write: ([k, n]) => `${k}/${n}`,
}

/** "rp2040=0.8,mine.json=3.2" -> name of a board (and runtime) and its price. */
const prices: Kind<readonly BoardPrice[]> = {
  schema: z.array(z.tuple([z.string(), z.number()])),
  value: 'list',
  read: (typed) =>
    listOf(typed).map((entry): [string, number] => {
      const at = entry.lastIndexOf('=')
      const price = numberOf(entry.slice(at + 1))
      if (at < 1 || !(price > 0) || !Number.isFinite(price))
        throw usageError(`"${entry}" is not a board and its price`, 'write for example --price rp2040=0.8,stm32f446=3.2')
      return [entry.slice(0, at), price]
    }),
  write: (pairs) => pairs.map(([board, price]) => `${board}=${price}`).join(','),
}

/** What commands are told beside a study and its limits, and what stays the same from command to command: a project file may hold it. */
export type StandingOptions = QueueOptions & {
  readonly kernels: KernelChoice
  readonly results: string
  readonly format: ExportFormat
  readonly price?: readonly BoardPrice[]
}

/** What one command is told, once. */
type OnceOptions = {
  readonly fresh: boolean
  readonly anyway: boolean
  readonly out?: string
  readonly cluster?: number
  readonly sparsity: number
  readonly prefix?: string
  readonly emit?: string
  readonly serial?: string
  readonly graph?: string
  readonly yes: boolean
  readonly ignoreConfig: boolean
  readonly ui: boolean
  readonly port: number
  readonly name?: string
  readonly cache?: string
  readonly cacheBytes: number
  readonly graceSeconds: number
  readonly metrics?: string
  readonly release?: string
  readonly track?: string
  readonly every: number
  readonly smooth: number
  readonly threshold: number
  readonly hits: Hits
  readonly rest: number
  readonly falseAlarms?: number
  readonly json: boolean
  readonly quiet: boolean
  readonly debug: boolean
}
export type CommandOptions = StandingOptions & OnceOptions

type CommandRow<T> = OptionRow<Exclude<T, undefined>> & { readonly short?: `-${string}` } & (undefined extends T
    ? { readonly default?: never }
    : { readonly default: T })

type CommandTable<T> = { readonly [K in keyof T]-?: CommandRow<T[K]> }

const standingOptions: CommandTable<StandingOptions> = {
  ...queueOptions,
  kernels: {
    ...oneOf('kernels', kernelChoices),
    flag: '--kernels',
    group: 'expert',
    help: "auto, native (made by this machine's C compiler, about twice as fast) or wasm: the same bits",
    default: 'auto',
  },
  results: {
    ...text('folder'),
    flag: '--results',
    help: 'where studies lie',
    env: 'TINYFRONT_RESULTS',
    default: 'results',
  },
  format: { ...oneOf('format', exportFormats), flag: '--format', help: exportFormats.join(', '), default: 'tflite' },
  price: {
    ...prices,
    flag: '--price',
    help: 'what boards cost you, to name the cheapest that holds the network: rp2040=0.8,stm32f446=3.2',
  },
}

const onceOptions: CommandTable<OnceOptions> = {
  fresh: { ...isGiven, flag: '--fresh', help: 'start over: puts a study of this name aside, as NAME~1', default: false },
  anyway: {
    ...isGiven,
    flag: '--anyway',
    help: 'compare studies although their data, metrics or engines differ',
    default: false,
  },
  out: {
    ...text('path'),
    flag: '--out',
    help: 'where to write: a folder (export), a device file (calibrate), a page (data view)',
    otherwise: 'into the study; ID-calibrated.json; NAME-view.html',
  },
  cluster: {
    ...wholeNumber(2, 255),
    flag: '--cluster',
    help: 'at most this many different weights a kernel (2 to 255): smaller once compressed, not faster',
  },
  sparsity: {
    ...shareBelowOne,
    flag: '--sparsity',
    help: 'share of the weights, the smallest, that become zero (0.5): smaller once compressed, not faster',
    default: 0,
  },
  prefix: {
    ...text('name', z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,30}$/, 'a letter, then letters, digits and "_", at most 31')),
    flag: '--prefix',
    help: 'what symbols and files of exported code begin with, so that two networks fit into one firmware',
    otherwise: 'tinyfront; c-array: model',
  },
  emit: { ...text('folder'), flag: '--emit', help: 'write small networks to time on a board, as .tflite and C with a sketch' },
  serial: {
    ...text('file'),
    flag: '--serial',
    help: 'what boards print that run the sketches of --emit: a log, or the serial port (until Ctrl-C); goes into the table first',
  },
  graph: { ...text('file.json'), flag: '--graph', help: 'layers of a network without weights, instead of a .tflite file' },
  yes: { ...isGiven, flag: '--yes', short: '-y', help: 'ask nothing: take what was found and the defaults', default: false },
  ignoreConfig: {
    ...isGiven,
    flag: '--ignore-config',
    help: 'pass over the tinyfront.config.ts, .js or .json of this folder',
    default: false,
  },
  ui: { ...isGiven, flag: '--ui', help: 'show the search in the browser while it runs', default: false },
  track: {
    ...text('file'),
    flag: '--track',
    help: 'what can be heard in the recording: lines of start, end (seconds) and label, as tables or Audacity write them',
  },
  every: { ...wholeNumber(1, 1000), flag: '--every', help: 'hops of the front end between two runs of the network', default: 2 },
  smooth: { ...wholeNumber(1, 255), flag: '--smooth', help: 'answers that are averaged before one decides', default: 3 },
  threshold: { ...shareBelowOne, flag: '--threshold', help: 'least averaged score of a detection', default: 0.8 },
  hits: { ...agreement, flag: '--hits', help: 'in how many of the last answers a class must lead', default: [2, 3] },
  rest: { ...wholeNumber(0, 10_000), flag: '--rest', help: 'answers after a detection in which there is no other', default: 5 },
  falseAlarms: {
    ...positive,
    flag: '--false-alarms',
    help: 'choose the least threshold with at most so many false alarms an hour in this recording, by --track',
  },
  port: { ...wholeNumber(0, 65535), flag: '--port', help: 'port of the page on this machine; 0 = any that is free', default: 0 },
  name: {
    ...text('machine', z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'letters, digits, ".", "_" and "-", at most 100')),
    flag: '--name',
    group: 'cluster',
    help: 'what this machine is called; workers of one name share a fate when their bits differ',
    otherwise: 'its host name',
  },
  cache: {
    ...text('folder', z.string().min(1)),
    flag: '--cache',
    group: 'cluster',
    help: 'where a worker keeps data sets',
    otherwise: '~/.cache/tinyfront',
  },
  cacheBytes: {
    ...quantity('bytes', parseBytes, 'B'),
    flag: '--cache-size',
    group: 'cluster',
    help: 'a worker keeps no more than this, the longest unused goes first',
    default: 10e9,
  },
  graceSeconds: {
    ...quantity('duration', parseSeconds, 's', z.number().min(0)),
    flag: '--grace',
    group: 'cluster',
    help: 'a worker that is told to stop lets its trainings end for so long, then hands them back',
    default: 20,
  },
  metrics: {
    ...text('[host:]port', z.string().regex(/^(.+:)?[0-9]{1,5}$/, 'a port, or a host and a port')),
    flag: '--metrics',
    group: 'cluster',
    help: 'serve numbers for Prometheus here, at 127.0.0.1 unless a host is named',
  },
  release: { ...text('machine'), flag: '--release', help: 'trust this machine again' },
  json: { ...isGiven, flag: '--json', help: 'JSON on stdout', default: false },
  quiet: { ...isGiven, flag: '--quiet', short: '-q', help: 'no progress on stderr', default: false },
  debug: { ...isGiven, flag: '--debug', help: 'stack traces', default: false },
}

/** Every option of every command. Feeds the parser, `--help` and docs/cli.md. */
export const optionTable = { ...studyOptions, ...limitOptions, ...standingOptions, ...onceOptions }

/** The rows that a project file may hold. */
export const projectOptions = { ...studyOptions, ...limitOptions, ...standingOptions }
export type OptionName = keyof typeof optionTable

/** What a command was told. Options of a study and its limits are those that the person gave; their defaults come later. */
export type Options = Partial<StudyConfig> & Partial<StudyLimits> & CommandOptions

/** Does the work of a command; returns the exit code. */
export type Run = (args: readonly string[], options: Options) => Promise<number>

/** The rows as loops see them. */
type AnyRow = OptionRow<unknown> & { readonly short?: string; readonly default?: unknown }
const rowOf = (name: OptionName): AnyRow => optionTable[name] as AnyRow

/** "--device <list>" */
export function flagsOf(name: OptionName): string {
  const { short, flag, value } = rowOf(name)
  return `${short === undefined ? '' : `${short}, `}${flag}${value === null ? '' : ` <${value}>`}`
}

/** What holds where the flag is not given; undefined where nothing is to be said. */
export function defaultText(name: OptionName): string | undefined {
  const { default: usual, otherwise, value, write } = rowOf(name)
  if (otherwise !== undefined) return otherwise
  return usual === undefined || value === null ? undefined : write(usual)
}

/** These options by group, in the order of `optionGroups`; those of no group last. */
export function inGroups(names: readonly OptionName[]): { readonly heading: string | undefined; readonly names: OptionName[] }[] {
  const groups = [...Object.entries(optionGroups), [undefined, undefined] as const]
  return groups
    .map(([group, heading]) => ({ heading, names: names.filter((name) => rowOf(name).group === group) }))
    .filter((g) => g.names.length > 0)
}

/** Options for commander, which keeps the texts: it would take a null that a text means for a text that is missing. `valuesOf` reads them. */
export const parserOptions = (names: readonly OptionName[]): Option[] =>
  inGroups(names).flatMap(({ heading, names }) =>
    names.map((name) => {
      const { help, env } = rowOf(name)
      const usual = defaultText(name)
      const made = new Option(flagsOf(name), usual === undefined ? help : `${help} (default: ${usual})`)
      if (env !== undefined) made.env(env)
      return heading === undefined ? made : made.helpGroup(`${heading}:`)
    }),
  )

/** The type of the table's rows says what the compiler cannot follow through a loop: none that has a default is missing. */
const commandDefaults = Object.fromEntries(
  Object.entries({ ...standingOptions, ...onceOptions }).flatMap(([name, row]) =>
    row.default === undefined ? [] : [[name, row.default]],
  ),
) as unknown as CommandOptions

/** What the person said, read by the rows of the table; `given` maps flags (as commander names them) to texts. */
export function valuesOf(
  names: readonly OptionName[],
  given: Readonly<Record<string, string | boolean | undefined>>,
): Partial<Options> {
  const read = names.flatMap((name) => {
    const typed = given[new Option(flagsOf(name)).attributeName()]
    return typed === undefined ? [] : [[name, readOption(rowOf(name), String(typed))]]
  })
  return Object.fromEntries(read)
}

/** A value as it would be typed; undefined where nobody said it. */
export function optionText(name: OptionName, values: Partial<Options>): string | undefined {
  const value = values[name]
  return value === undefined ? undefined : rowOf(name).write(value)
}

/** With what a command has where nobody said otherwise. */
export const withDefaults = (values: Partial<Options>): Options => ({ ...commandDefaults, ...values })
