import { boundNames, limitOptions, queueOptions, studyOptions } from '../run/record/options.ts'
import type { OptionName, Run } from './options.ts'

export type CommandRow = {
  readonly name: string
  readonly description: string
  readonly arguments?: readonly string[]
  readonly options: readonly OptionName[]
  /** `none`: what the project file says is nothing to it. */
  readonly project?: 'none'
  /** Without a study it is about all of them. */
  readonly alone?: true
  /** An agent may run it (`tinyfront mcp`): it looks, or it makes something. */
  readonly agent?: 'reads' | 'writes'
  readonly load: () => Promise<Run>
}

const namesOf = <T extends object>(table: T): (keyof T & OptionName)[] => Object.keys(table) as (keyof T & OptionName)[]
const battery = ['supply', 'batteryMwh', 'perHour', 'sleepMw', 'wakeUj'] as const
const everywhere = ['results', 'ignoreConfig', 'json', 'quiet', 'debug'] as const
const limits = namesOf(limitOptions)
const cluster = namesOf(queueOptions)
const study = [...namesOf(studyOptions), ...limits]

/** Every command, once. */
export const commandTable: readonly CommandRow[] = [
  {
    name: 'init',
    description: 'look at your data, ask five questions, and write the project file that every command reads',
    options: [
      'data',
      'label',
      'metric',
      'targets',
      ...boundNames,
      'seconds',
      'study',
      'yes',
      'results',
      'json',
      'quiet',
      'debug',
    ],
    project: 'none',
    load: async () => (await import('./commands/init.ts')).runInit,
  },
  {
    name: 'search',
    agent: 'writes',
    description: 'search networks for boards on your data',
    options: [...study, ...cluster, 'kernels', 'fresh', 'ui', 'port', ...everywhere],
    load: async () => (await import('./commands/search.ts')).runSearch,
  },
  {
    name: 'resume',
    agent: 'writes',
    description: 'go on with a study, exactly where it stopped',
    arguments: ['[study]'],
    options: [...limits, ...cluster, 'kernels', 'ui', 'port', ...everywhere],
    load: async () => (await import('./commands/search.ts')).runResume,
  },
  {
    name: 'demo',
    description: 'search on embedded data for three boards, in minutes',
    options: ['workers', 'kernels', ...everywhere],
    load: async () => (await import('./commands/demo.ts')).runDemo,
  },
  {
    name: 'worker',
    description: 'train for studies that other machines search: waits for a study, takes its jobs, then waits for the next',
    options: [
      'queue',
      'study',
      'data',
      'workers',
      'memoryBytes',
      'kernels',
      'name',
      'blobs',
      'cache',
      'cacheBytes',
      'graceSeconds',
      'metrics',
      'results',
      'json',
      'quiet',
      'debug',
    ],
    load: async () => (await import('./commands/worker.ts')).runWorker,
  },
  {
    name: 'workers',
    description: 'who works at a queue: doing what, since when, how fast, what went wrong last',
    options: ['queue', 'release', 'json', 'debug'],
    load: async () => (await import('./commands/workers.ts')).runWorkers,
  },
  {
    name: 'plan',
    agent: 'reads',
    description: 'what a search would do: size of the space, what fits, how long; trains nothing',
    options: [...study, ...everywhere],
    load: async () => (await import('./commands/plan.ts')).runPlan,
  },
  {
    name: 'front',
    agent: 'reads',
    description:
      'the fronts of a study, or its trials re-priced for another board, and what a little more memory or time would buy',
    arguments: ['[study]'],
    options: ['targets', ...boundNames, ...everywhere],
    load: async () => (await import('./commands/front.ts')).runFront,
  },
  {
    name: 'compare',
    agent: 'reads',
    description: 'several boards of a study, or several studies, side by side',
    arguments: ['<study...>'],
    options: ['targets', 'anyway', ...boundNames, ...everywhere],
    load: async () => (await import('./commands/compare.ts')).runCompare,
  },
  {
    name: 'show',
    agent: 'reads',
    description:
      'a network layer by layer: shapes, MACs, bytes, latency, where RAM peaks, the smallest and the cheapest board for it, battery life',
    arguments: ['[study]', '[trial]'],
    options: ['targets', 'price', ...battery, ...everywhere],
    load: async () => (await import('./commands/show.ts')).runShow,
  },
  {
    name: 'export',
    agent: 'writes',
    description: 'write a network for a board',
    arguments: ['[study]', '[trial]'],
    options: ['format', 'prefix', 'cluster', 'sparsity', 'out', 'targets', ...everywhere],
    load: async () => (await import('./commands/export.ts')).runExport,
  },
  {
    name: 'verify',
    agent: 'reads',
    description: 'check a network against LiteRT, emulated Cortex-M and, for an Ethos-U, Vela',
    arguments: ['[study-or-file]', '[trial]'],
    options: ['targets', ...everywhere],
    load: async () => (await import('./commands/verify.ts')).runVerify,
  },
  {
    name: 'predict',
    agent: 'reads',
    description:
      'what the int8 network of a trial (or "recommended") says of new sounds, pictures, recordings or tables, folders of them as well',
    arguments: ['<study>', '<trial>', '<files...>'],
    options: [...everywhere],
    load: async () => (await import('./commands/predict.ts')).runPredict,
  },
  {
    name: 'stream',
    agent: 'reads',
    description:
      'what the firmware of a trial (or "recommended") would detect in a recording, hop by hop; with a track, what it misses and takes for something',
    arguments: ['<study>', '<trial>', '<file>'],
    options: ['track', 'every', 'smooth', 'threshold', 'hits', 'rest', 'falseAlarms', ...everywhere],
    load: async () => (await import('./commands/stream.ts')).runStream,
  },
  {
    name: 'profile',
    agent: 'reads',
    description:
      'what any int8 or float .tflite model costs (float as if quantised to int8) on boards, which operator dominates, and what would make it cheaper',
    arguments: ['[model]'],
    options: [
      'graph',
      'targets',
      'maxLatencyMs',
      'maxEnergyUj',
      'reserveRamBytes',
      'reserveFlashBytes',
      'price',
      ...battery,
      ...everywhere,
    ],
    load: async () => (await import('./commands/profile.ts')).runProfile,
  },
  {
    name: 'calibrate',
    description: 'fit latency to networks that you timed on your own board, or write networks to time',
    arguments: ['[measurements.csv]'],
    options: ['targets', 'out', 'emit', 'serial', ...everywhere],
    load: async () => (await import('./commands/calibrate.ts')).runCalibrate,
  },
  {
    name: 'scorecard',
    description: 'how wrong latency predictions are, target by target',
    options: ['json', 'debug'],
    load: async () => (await import('./commands/scorecard.ts')).runScorecard,
  },
  {
    name: 'report',
    description: 'write the HTML report of a study',
    arguments: ['[study]'],
    options: [...everywhere],
    load: async () => (await import('./commands/report.ts')).runReport,
  },
  {
    name: 'ui',
    description: 'studies in the browser: live fronts, every trial, what fits, export, start and stop; for this machine alone',
    arguments: ['[study]'],
    alone: true,
    options: ['queue', 'port', 'results', 'ignoreConfig', 'quiet', 'debug'],
    load: async () => (await import('./commands/ui.ts')).runUi,
  },
  {
    name: 'list',
    agent: 'reads',
    description: 'devices, spaces, studies or data',
    arguments: ['<what>'],
    options: [...everywhere],
    load: async () => (await import('./commands/list.ts')).runList,
  },
  {
    name: 'completion',
    description: 'the script that completes commands, options, boards, spaces and studies in bash, zsh or fish',
    arguments: ['<shell>', '[words...]'],
    options: ['debug'],
    project: 'none',
    load: async () => (await import('./commands/completion.ts')).runCompletion,
  },
  {
    name: 'mcp',
    description: 'serve an agent: commands as tools of the Model Context Protocol over stdin and stdout, for this folder',
    options: ['debug'],
    project: 'none',
    load: async () => (await import('./commands/mcp.ts')).runMcp,
  },
  {
    name: 'data inspect',
    agent: 'reads',
    description: 'what a data set holds, and what is wrong with it',
    arguments: ['[path]'],
    options: ['label', 'seed', ...everywhere],
    load: async () => (await import('./commands/data-inspect.ts')).runDataInspect,
  },
  {
    name: 'data view',
    description:
      'the data as one HTML page: examples of each class, a map by likeness, duplicates, lengths; after a study (--study) the labels that its networks doubt',
    arguments: ['[path]'],
    options: ['study', 'label', 'seed', 'out', ...everywhere],
    load: async () => (await import('./commands/data-view.ts')).runDataView,
  },
]
