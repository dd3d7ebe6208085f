import { InvalidArgumentError, Option } from 'commander'
import { importances } from '../quant/importance.ts'
import { defaultInt8Tolerance } from '../run/record/config.ts'
import { type ObjectiveName, objectiveNames } from '../search/trial.ts'
import { metricForms, metricFromText } from '../task/schema.ts'
import { nearestName, TinyfrontError, usageError } from '../util/errors.ts'
import { parseBytes, parseMicrojoules, parseMilliseconds, parseSeconds } from '../util/units.ts'

type Row = {
  readonly flags: string
  readonly description: string
  readonly parse?: (text: string) => unknown
  readonly fallback?: unknown
  readonly env?: string
}

const list = (text: string) =>
  text
    .split(',')
    .map((s) => s.trim())
    .filter(Boolean)
const oneOf =
  <T extends string>(what: string, known: readonly T[]) =>
  (text: string): T => {
    if ((known as readonly string[]).includes(text)) return text as T
    const near = nearestName(text, known)
    throw usageError(`${what} "${text}" is not known`, near ? `did you mean "${near}"?` : `choose one of ${known.join(', ')}`)
  }

function wholeNumber(least: number, most = Number.POSITIVE_INFINITY) {
  return (text: string): number => {
    const n = Number(text)
    const bound = most === Number.POSITIVE_INFINITY ? `of at least ${least}` : `from ${least} to ${most}`
    if (!Number.isInteger(n) || n < least || n > most)
      throw usageError(`"${text}" is not a whole number ${bound}`, 'write for example 40')
    return n
  }
}

function shareBelowOne(text: string): number {
  const share = Number(text)
  if (text.trim() === '' || !(share >= 0 && share < 1)) throw usageError(`"${text}" is not a share`, 'write for example 0.5')
  return share
}

function positive(text: string): number {
  const x = Number(text)
  if (!(x > 0) || !Number.isFinite(x)) throw usageError(`"${text}" is not a number above 0`, 'write for example 675')
  return x
}

function pointsOrOff(text: string): number | null {
  const points = Number(text)
  if (text === 'off') return null
  if (text.trim() === '' || !(points >= 0) || !Number.isFinite(points))
    throw usageError(`"${text}" is not a number of points`, 'write for example 0.5; 0 mends any loss, off none')
  return points
}

/** "rp2040=0.8,mine.json=3.2" -> name of a board (and runtime) and its price. */
function parsePrices(text: string): [board: string, price: number][] {
  return list(text).map((entry) => {
    const at = entry.lastIndexOf('=')
    const price = Number(entry.slice(at + 1))
    if (at < 1 || !(price > 0) || !Number.isFinite(price))
      throw usageError(`"${entry}" is not a board and its price`, 'write for example --price rp2040=0.8,stm32f446=3.2')
    return [entry.slice(0, at), price]
  })
}

const parseObjectives = (text: string): ObjectiveName[] => list(text).map(oneOf('objective', objectiveNames))

/** Every option of every command, once: flag, meaning, reading, default, environment variable. Feeds the parser, `--help` and docs/cli.md. */
export const optionTable = {
  data: {
    flags: '--data <path|builtin:name>',
    description: 'folder, archive, dataset.json, or builtin:keywords|gestures|shapes|bearings',
    env: 'TINYFRONT_DATA',
  },
  device: {
    flags: '--device <list>',
    description: 'boards, comma-separated: name, name:runtime or a device file',
    parse: list,
    env: 'TINYFRONT_DEVICE',
  },
  space: { flags: '--space <name|file>', description: 'search space (default: by kind of data)' },
  study: { flags: '--study <name>', description: 'name of the study (default: from data)' },
  trials: { flags: '--trials <n>', description: 'networks to train in the search', parse: wholeNumber(1) },
  time: {
    flags: '--time <duration>',
    description: 'time for everything: teacher, search, polish, verification (10m, 1.5h)',
    parse: parseSeconds,
  },
  maxLatency: { flags: '--max-latency <time>', description: 'bound on latency (20ms)', parse: parseMilliseconds },
  maxRam: { flags: '--max-ram <bytes>', description: 'bound on RAM (64kB = 64,000; 64KiB = 65,536)', parse: parseBytes },
  maxFlash: { flags: '--max-flash <bytes>', description: 'bound on flash', parse: parseBytes },
  maxEnergy: { flags: '--max-energy <energy>', description: 'bound on energy per inference (500uJ)', parse: parseMicrojoules },
  reserveRam: {
    flags: '--reserve-ram <bytes>',
    description: 'RAM that firmware and stack take (default: by device)',
    parse: parseBytes,
  },
  reserveFlash: {
    flags: '--reserve-flash <bytes>',
    description: 'flash that firmware takes (default: by device)',
    parse: parseBytes,
  },
  objectives: {
    flags: '--objectives <list>',
    description: `what to minimise: ${objectiveNames.join(', ')} (default: error,latency,ram,flash)`,
    parse: parseObjectives,
  },
  metric: {
    flags: '--metric <name>',
    description: metricForms.join(', '),
    parse: metricFromText,
  },
  strategy: {
    flags: '--strategy <name>',
    description: 'evolution or random',
    parse: oneOf('strategy', ['evolution', 'random'] as const),
    fallback: 'evolution',
  },
  workers: {
    flags: '--workers <n>',
    description: 'worker threads (default: processor cores)',
    parse: wholeNumber(1),
    env: 'TINYFRONT_WORKERS',
  },
  memory: { flags: '--memory <bytes>', description: 'memory that all workers may plan for', parse: parseBytes },
  seed: { flags: '--seed <text>', description: 'same seed, same front', fallback: '0' },
  engine: {
    flags: '--engine <name>',
    description: 'wasm, tensorflow or fake',
    parse: oneOf('engine', ['wasm', 'tensorflow', 'fake'] as const),
    fallback: 'wasm',
  },
  fastMath: { flags: '--fast-math', description: 'relaxed SIMD: faster, but bits may differ between processors' },
  kernels: {
    flags: '--kernels <name>',
    description: "auto, native (made by this machine's C compiler, about twice as fast) or wasm: the same bits",
    parse: oneOf('kernels', ['auto', 'native', 'wasm'] as const),
    fallback: 'auto',
  },
  teacher: {
    flags: '--teacher <none|auto|path>',
    description: 'distillation teacher: logits in .npy, a SavedModel folder, or a model.json of TensorFlow.js',
    fallback: 'auto',
  },
  importance: {
    flags: '--importance <name>',
    description: 'which channels pruning keeps, by: l1 (kernels), gamma (batch norm) or taylor (change of the loss)',
    parse: oneOf('importance', importances),
    fallback: 'gamma',
  },
  pruneRounds: {
    flags: '--prune-rounds <n>',
    description:
      'polish prunes networks again, from their unpruned form in this many rounds; 0 = it goes on from the pruned ones',
    parse: wholeNumber(0),
    fallback: 0,
  },
  dropout: {
    flags: '--dropout <share>',
    description: 'share of what the classifier reads that each training step leaves out; worth trying where data are few',
    parse: shareBelowOne,
    fallback: 0,
  },
  int8Tolerance: {
    flags: '--int8-tolerance <points>',
    description:
      'points that int8 may lose against float before it is mended by equalisation and quantisation-aware training; or off',
    parse: pointsOrOff,
    fallback: defaultInt8Tolerance,
  },
  polish: { flags: '--polish <n>', description: 'networks of the fronts to train longer at the end', parse: wholeNumber(0) },
  results: { flags: '--results <folder>', description: 'where studies lie', fallback: 'results', env: 'TINYFRONT_RESULTS' },
  fresh: { flags: '--fresh', description: 'start over: deletes the study of this name' },
  format: { flags: '--format <name>', description: 'tflite, c, c-array, arduino, esp-idf, zephyr, onnx', fallback: 'tflite' },
  out: {
    flags: '--out <path>',
    description:
      'where to write: a folder (export; default: into the study), a device file (calibrate; default: ID-calibrated.json)',
  },
  cluster: {
    flags: '--cluster <n>',
    description: 'at most this many different weights a kernel (2 to 255): smaller once compressed, not faster',
    parse: wholeNumber(2, 255),
  },
  sparsity: {
    flags: '--sparsity <share>',
    description: 'share of the weights, the smallest, that become zero (0.5): smaller once compressed, not faster',
    parse: shareBelowOne,
  },
  emit: { flags: '--emit <folder>', description: 'write small networks to time on a board, as .tflite and C with a sketch' },
  graph: { flags: '--graph <file.json>', description: 'layers of a network without weights, instead of a .tflite file' },
  batteryMwh: {
    flags: '--battery-mwh <n>',
    description: 'capacity of a battery, for battery life (225 mAh at 3 V: 675)',
    parse: positive,
  },
  perHour: { flags: '--per-hour <n>', description: 'inferences per hour, for battery life', parse: positive },
  sleepMw: { flags: '--sleep-mw <n>', description: 'what the board draws between inferences (default: 0)', parse: positive },
  price: {
    flags: '--price <list>',
    description: 'what boards cost you, to name the cheapest that holds the network: rp2040=0.8,stm32f446=3.2',
    parse: parsePrices,
  },
  json: { flags: '--json', description: 'JSON on stdout' },
  quiet: { flags: '-q, --quiet', description: 'no progress on stderr' },
  debug: { flags: '--debug', description: 'stack traces' },
} as const satisfies Record<string, Row>

export type OptionName = keyof typeof optionTable

/** A commander option from its row. Values that cannot be read throw a TinyfrontError, which main prints. */
export function option(name: OptionName): Option {
  const row: Row = optionTable[name]
  const made = new Option(row.flags, row.description)
  if (row.env) made.env(row.env)
  if (row.fallback !== undefined) made.default(row.fallback)
  if (row.parse) made.argParser((text: string) => parseOrExplain(row, text))
  return made
}

function parseOrExplain(row: Row, text: string): unknown {
  try {
    return row.parse!(text)
  } catch (error) {
    if (error instanceof TinyfrontError) throw usageError(`${row.flags.split(' ')[0]}: ${error.message}`, error.remedy)
    throw new InvalidArgumentError(String(error))
  }
}
