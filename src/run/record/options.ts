import { availableParallelism } from 'node:os'
import { basename, resolve } from 'node:path'
import { z } from 'zod'
import type { Supply } from '../../device/power.ts'
import { type Importance, importances } from '../../quant/importance.ts'
import { type StrategyName, strategyNames } from '../../search/strategies.ts'
import { type ObjectiveName, objectiveNames } from '../../search/trial.ts'
import { usualMetric } from '../../task/lookup.ts'
import type { Metric } from '../../task/metric.ts'
import { metricForms, metricFromText, metricSchema, metricText } from '../../task/schema.ts'
import { type TaskName, tasks } from '../../task/tasks.ts'
import type { EngineName } from '../../train/engine.ts'
import { parseBytes, parseMicrojoules, parseMilliseconds, parseSeconds } from '../../util/units.ts'
import {
  isGiven,
  type Kind,
  list,
  listOf,
  type OptionRow,
  oneOf,
  pick,
  pointsOrOff,
  positive,
  quantity,
  shareBelowOne,
  shareOrPercent,
  someOf,
  supplyKind,
  text,
  wholeNumber,
} from './option-kinds.ts'

export const engineNames = ['wasm', 'tensorflow', 'fake'] as const satisfies readonly EngineName[]

/** A study with every default filled in: what decides its results. Stored in the header; may not change on resume. */
export type StudyConfig = {
  readonly study: string
  readonly data: string
  /** Column with the label, in a table; absent = by its usual name. */
  readonly label?: string
  readonly targets: readonly string[]
  readonly space: string
  readonly seed: string
  /** `plugin`: one that the library was handed. */
  readonly strategy: StrategyName | 'plugin'
  readonly objectives: readonly ObjectiveName[]
  readonly metric: Metric
  readonly engine: EngineName
  readonly fastMath: boolean
  /** `auto` = train one, `none`, or the path of a model or of logits in .npy */
  readonly teacher: string
  readonly lag: number
  /** Which channels pruning keeps. */
  readonly importance: Importance
  /** Rounds in which polish prunes a network again, from its unpruned form; 0 = it goes on from the trial's. */
  readonly pruneRounds: number
  /** Before the classifier, in training. */
  readonly dropout: number
  /** Points that int8 may lose against float before remedies are tried; null = never. */
  readonly int8Tolerance: number | null
  /** Whether networks of the space may have weights in 4 bits. */
  readonly int4: boolean
  readonly maxLatencyMs?: number
  readonly maxRamBytes?: number
  readonly maxFlashBytes?: number
  readonly maxEnergyUj?: number
  /** What the boards are fed with; absent = as their power was measured. */
  readonly supply?: Supply
  /** How a network would be used: battery, inferences an hour, draw between them, energy to wake up and to sense; and how long it must last. */
  readonly batteryMwh?: number
  readonly perHour?: number
  readonly sleepMw?: number
  readonly wakeUj?: number
  readonly minBatteryDays?: number
  readonly reserveRamBytes?: number
  readonly reserveFlashBytes?: number
  /** Networks trained longer at the end; 0 = none; absent = as many as the plan finds time for. */
  readonly polish?: number
}

export const boundNames = [
  'maxLatencyMs',
  'maxRamBytes',
  'maxFlashBytes',
  'maxEnergyUj',
  'reserveRamBytes',
  'reserveFlashBytes',
] as const satisfies readonly (keyof StudyConfig)[]
/** What a study, or a question to one, bounds: memory, time and energy, and what firmware takes. */
export type Bounds = Pick<StudyConfig, (typeof boundNames)[number]>

/** The bounds among other options. */
export const boundsOf = (values: Bounds): Bounds =>
  Object.fromEntries(boundNames.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])))

/** How much and how fast, never what trial n is: may change on resume. */
export type StudyLimits = {
  readonly trials?: number
  readonly seconds?: number
  readonly workers: number
  readonly memoryBytes: number
}

/** The limits of one run. `extended`: `--trials` or `--time` was given on resume, so a search that had ended goes on. */
export type RunLimits = StudyLimits & { readonly extended?: boolean }

/** What defaults may depend on: known once the data are open. */
export type Known = { readonly data: string; readonly task: TaskName }

/** What has no default: who leaves it out reads two lines. */
export type Needed = 'data' | 'targets'

type StudyRow<K extends keyof StudyConfig> = OptionRow<Exclude<StudyConfig[K], undefined>> & {
  /** What studies had that began before the option existed. */
  readonly earlier?: StudyConfig[K]
} & (K extends Needed
    ? { readonly missing: readonly [what: string, remedy: string]; readonly default?: never }
    : { readonly missing?: never } & (undefined extends StudyConfig[K]
        ? { readonly default?: never }
        : { readonly default: StudyConfig[K] | ((known: Known) => StudyConfig[K]) }))
type LimitRow<T> = OptionRow<Exclude<T, undefined>> & { readonly default: T | ((asked: Partial<StudyLimits>) => T) }

/** Splits are drawn by it before the configuration is complete. */
export const defaultSeed = '0'

const bytes = (least: 0 | 1): Kind<number> =>
  quantity('bytes', parseBytes, 'B', least === 0 ? z.number().min(0) : z.number().positive())
const seconds = quantity('duration', parseSeconds, 's')
const milliseconds = quantity('time', parseMilliseconds, 'ms')
const microjoules = quantity('energy', parseMicrojoules, 'uJ')

/**
 * Every option of a study, once. The command line, `--help`, docs/cli.md, the library's defaults, the demo, the stored header and the report's
 * command are made from this table. Keys stand in the order in which headers store them.
 */
export const studyOptions: { readonly [K in keyof StudyConfig]-?: StudyRow<K> } = {
  study: {
    ...text('name', z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'letters, digits, ".", "_" and "-", at most 64')),
    flag: '--study',
    alsoCalled: ['name'],
    group: 'data',
    help: 'name of the study',
    default: ({ data }) => studyNameFor(data),
    otherwise: 'from data',
  },
  data: {
    ...text('path|builtin:name', z.string().min(1)),
    flag: '--data',
    group: 'data',
    help: 'folder, archive, table, dataset.json, or builtin:keywords|gestures|shapes|bearings',
    env: 'TINYFRONT_DATA',
    missing: ['no data given', 'pass --data FOLDER, or try --data builtin:keywords'],
  },
  label: {
    ...text('column', z.string().min(1)),
    flag: '--label',
    group: 'data',
    help: 'column of a table with the label; several, comma-separated, are numbers to be predicted together',
    otherwise: 'by its usual name',
  },
  targets: {
    ...list,
    flag: '--device',
    alsoCalled: ['board', 'boards', 'target', 'mcu'],
    group: 'boards',
    help: 'boards, comma-separated: name, name:runtime or a device file',
    env: 'TINYFRONT_DEVICE',
    missing: ['no board given', 'pass --device, for example --device stm32f446,esp32-s3; see tinyfront list devices'],
  },
  space: {
    ...text('name|file'),
    flag: '--space',
    group: 'expert',
    help: 'search space; auto goes by the kind of data',
    default: 'auto',
  },
  seed: { ...text('text'), flag: '--seed', group: 'expert', help: 'same seed, same front', default: defaultSeed },
  strategy: {
    ...oneOf('strategy', strategyNames),
    schema: z.enum([...strategyNames, 'plugin']),
    write: (name) => name,
    flag: '--strategy',
    group: 'expert',
    help: 'thrifty spends CPU seconds where they gain most: relatives’ weights, longer trainings of what promises, small networks first; evolution guesses errors before it trains, nsga2 is the same without the guess, random the baseline',
    default: 'thrifty',
  },
  objectives: {
    ...someOf('objective', objectiveNames),
    // a battery lasts the longer, the less energy an inference takes: one order of networks under two names
    read: (typed) => listOf(typed).map((name) => (name === 'battery' ? 'energy' : pick('objective', objectiveNames, name))),
    flag: '--objectives',
    group: 'budget',
    help: `what to minimise: ${objectiveNames.join(', ')}; battery means energy`,
    default: ['error', 'latency', 'ram', 'flash'],
  },
  metric: {
    schema: metricSchema,
    value: 'name',
    read: metricFromText,
    write: metricText,
    flag: '--metric',
    group: 'data',
    help: metricForms().join(', '),
    default: ({ task }) => usualMetric(task),
    otherwise: Object.entries(tasks)
      .map(([name, { usualMetric: kind }]) => `${kind} for ${name}`)
      .join(', '),
  },
  engine: {
    ...oneOf('engine', engineNames),
    flag: '--engine',
    group: 'expert',
    help: 'wasm, tensorflow or fake',
    default: 'wasm',
  },
  fastMath: {
    ...isGiven,
    flag: '--fast-math',
    group: 'expert',
    help: 'relaxed SIMD: faster, but bits may differ between processors',
    default: false,
  },
  teacher: {
    ...text('none|auto|path'),
    flag: '--teacher',
    group: 'expert',
    help: 'distillation teacher: logits in .npy, a SavedModel folder, or a model.json of TensorFlow.js',
    default: 'auto',
  },
  lag: {
    ...wholeNumber(0, 4096),
    flag: '--lag',
    group: 'expert',
    help: 'trial n learns from trials 0 to n-lag-1: as many more can be in training at once',
    default: 8,
  },
  importance: {
    ...oneOf('importance', importances),
    flag: '--importance',
    group: 'expert',
    help: 'which channels pruning keeps, by: l1 (kernels), gamma (batch norm) or taylor (change of the loss)',
    default: 'gamma',
    earlier: 'gamma',
  },
  pruneRounds: {
    ...wholeNumber(0, 10),
    flag: '--prune-rounds',
    group: 'expert',
    help: 'polish prunes networks again, from their unpruned form in this many rounds; 0 = it goes on from the pruned ones',
    default: 0,
    earlier: 0,
  },
  dropout: {
    ...shareBelowOne,
    flag: '--dropout',
    group: 'expert',
    help: 'share of what the classifier reads that each training step leaves out; worth trying where data are few',
    default: 0,
    earlier: 0,
  },
  int8Tolerance: {
    ...pointsOrOff,
    flag: '--int8-tolerance',
    group: 'expert',
    help: 'points that int8 may lose against float before it is mended by equalisation and quantisation-aware training; or off',
    default: 1,
    earlier: null,
  },
  int4: {
    ...isGiven,
    flag: '--int4',
    alsoCalled: ['4bit', 'weight-bits'],
    group: 'expert',
    help: 'weights in 4 bits become a choice of the space, where a board’s runtime runs them: TensorFlow Lite Micro, generated C',
    default: false,
    earlier: false,
  },
  maxLatencyMs: {
    ...milliseconds,
    flag: '--max-latency',
    alsoCalled: ['latency'],
    group: 'budget',
    help: 'bound on latency (20ms)',
  },
  maxRamBytes: {
    ...bytes(1),
    flag: '--max-ram',
    alsoCalled: ['ram', 'sram'],
    group: 'budget',
    help: 'bound on RAM (64kB = 64,000; 64KiB = 65,536)',
  },
  maxFlashBytes: { ...bytes(1), flag: '--max-flash', alsoCalled: ['flash', 'rom'], group: 'budget', help: 'bound on flash' },
  maxEnergyUj: {
    ...microjoules,
    flag: '--max-energy',
    alsoCalled: ['energy'],
    group: 'budget',
    help: 'bound on energy per inference (500uJ)',
  },
  supply: {
    ...supplyKind,
    flag: '--supply',
    group: 'boards',
    help: 'what the boards are fed with, for energy (1.8V, 3.0V-ldo, 3.0V-smps)',
    otherwise: 'as measured',
  },
  batteryMwh: {
    ...positive,
    flag: '--battery-mwh',
    group: 'budget',
    help: 'capacity of a battery, for battery life (225 mAh at 3 V: 675)',
  },
  perHour: { ...positive, flag: '--per-hour', group: 'budget', help: 'inferences per hour, for battery life' },
  sleepMw: {
    ...positive,
    flag: '--sleep-mw',
    group: 'budget',
    help: 'what the board draws between inferences',
    otherwise: '0',
  },
  wakeUj: {
    ...positive,
    flag: '--wake-uj',
    group: 'budget',
    help: 'energy of waking up, sensing and sending at each inference, in microjoules',
    otherwise: '0',
  },
  minBatteryDays: {
    ...positive,
    flag: '--min-battery-days',
    alsoCalled: ['battery-life', 'min-battery', 'lifetime'],
    group: 'budget',
    help: 'bound on battery life; wants --battery-mwh and --per-hour',
  },
  reserveRamBytes: {
    ...bytes(0),
    flag: '--reserve-ram',
    group: 'budget',
    help: 'RAM that firmware and stack take',
    otherwise: 'by device',
  },
  reserveFlashBytes: {
    ...bytes(0),
    flag: '--reserve-flash',
    group: 'budget',
    help: 'flash that firmware takes',
    otherwise: 'by device',
  },
  polish: {
    ...wholeNumber(0, 64),
    flag: '--polish',
    group: 'time',
    help: 'networks of the fronts to train longer at the end',
    otherwise: '4, more where time is left',
  },
}

/** Trials of a search that is bounded by nothing else. */
const trialsWithoutTime = 60

/** The options that `resume` takes as well. */
export const limitOptions: { readonly [K in keyof StudyLimits]-?: LimitRow<StudyLimits[K]> } = {
  trials: {
    ...wholeNumber(1),
    flag: '--trials',
    group: 'time',
    help: 'networks to train in the search',
    default: (asked) => (asked.seconds === undefined ? trialsWithoutTime : undefined),
    otherwise: `${trialsWithoutTime}, with --time as many as it holds`,
  },
  seconds: {
    ...seconds,
    flag: '--time',
    alsoCalled: ['duration', 'timeout', 'budget'],
    group: 'time',
    help: 'time for everything: teacher, search, polish, verification (10m, 1.5h)',
    default: undefined,
  },
  workers: {
    ...wholeNumber(1),
    flag: '--workers',
    alsoCalled: ['threads', 'jobs', 'j'],
    group: 'time',
    help: 'worker threads',
    env: 'TINYFRONT_WORKERS',
    default: availableParallelism,
    otherwise: 'processor cores',
  },
  memoryBytes: {
    ...bytes(0),
    flag: '--memory',
    group: 'time',
    help: 'memory that all workers may plan for; 0B = no bound',
    default: 0,
  },
}

/** Where the jobs of a run go. Said anew for every run and stored nowhere: the address of a queue may hold a password. */
export type QueueOptions = {
  readonly queue?: string
  /** A folder that all machines see, or `s3://bucket/folder`; absent = in Redis. */
  readonly blobs?: string
  readonly audit: number
  readonly leaseSeconds: number
}
type QueueRow<T> = OptionRow<Exclude<T, undefined>> &
  (undefined extends T ? { readonly default?: never } : { readonly default: T })

export const queueOptions: { readonly [K in keyof QueueOptions]-?: QueueRow<QueueOptions[K]> } = {
  queue: {
    ...text('address'),
    flag: '--queue',
    group: 'cluster',
    help: 'hand the trainings to workers on other machines: redis://host:6379, rediss://user:password@host:6380 or unix:///path (scale.md)',
    env: 'TINYFRONT_QUEUE',
  },
  blobs: {
    ...text('folder|s3://…', z.string().min(1)),
    flag: '--blobs',
    group: 'cluster',
    help: 'where data and weights lie for all machines: a folder that they share, or a bucket',
    otherwise: 'in Redis',
    env: 'TINYFRONT_BLOBS',
  },
  audit: {
    ...shareOrPercent,
    flag: '--audit',
    group: 'cluster',
    help: 'share of the trainings that a second machine does as well, to compare the bits',
    default: 0,
  },
  leaseSeconds: {
    ...quantity('duration', parseSeconds, 's', z.number().min(0.5).max(600)),
    flag: '--lease',
    group: 'cluster',
    help: 'a worker that is silent for so long is thought dead, and its job goes to another',
    default: 30,
  },
}

/** `builtin:keywords` -> "keywords"; a path -> its last part without extensions. */
export const studyNameFor = (data: string): string =>
  (data.startsWith('builtin:') ? data.slice(8) : basename(resolve(data)))
    .replace(/\.(tar\.gz|tgz|zip|json|(csv|tsv|txt|parquet|npz)(\.gz)?)$/, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64) || 'study'
