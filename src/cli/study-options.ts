import { availableParallelism } from 'node:os'
import { basename } from 'node:path'
import { defaultLag, defaultTrials, type RunLimits, type StudyConfig, studyConfigSchema } from '../run/record/config.ts'
import type { Metric } from '../task/metric.ts'
import { usageError } from '../util/errors.ts'
import { parseValue } from '../util/json-file.ts'

type Options = Record<string, unknown>

/** `builtin:keywords` -> "keywords"; a path -> its last part without extensions. */
const studyNameFor = (data: string): string =>
  (data.startsWith('builtin:') ? data.slice(8) : basename(data))
    .replace(/\.(tar\.gz|tgz|zip|json)$/, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-') || 'study'

/** The study that these options ask for, every default filled in. */
export function studyConfig(options: Options): StudyConfig {
  if (!options.data) throw usageError('no data given', 'pass --data FOLDER, or try --data builtin:keywords')
  if (!options.device)
    throw usageError('no board given', 'pass --device, for example --device stm32f446,esp32-s3; see tinyfront list devices')
  const data = String(options.data)
  const metric = (options.metric as Metric | undefined) ?? { kind: 'accuracy' }
  const config = {
    study: options.study ?? studyNameFor(data),
    data,
    targets: options.device,
    space: options.space ?? 'auto',
    seed: String(options.seed),
    strategy: options.strategy,
    objectives: options.objectives ?? ['error', 'latency', 'ram', 'flash'],
    metric,
    engine: options.engine,
    fastMath: options.fastMath === true,
    teacher: options.teacher,
    lag: defaultLag,
    importance: options.importance,
    pruneRounds: options.pruneRounds,
    dropout: options.dropout,
    int8Tolerance: options.int8Tolerance,
    ...(options.polish === undefined ? {} : { polish: options.polish }),
    maxLatencyMs: options.maxLatency,
    maxRamBytes: options.maxRam,
    maxFlashBytes: options.maxFlash,
    maxEnergyUj: options.maxEnergy,
    reserveRamBytes: options.reserveRam,
    reserveFlashBytes: options.reserveFlash,
  }
  const given = Object.fromEntries(Object.entries(config).filter(([, v]) => v !== undefined))
  return parseValue(given, studyConfigSchema, 'options', 'study')
}

/** How much and how fast. Without `--trials` and `--time` a search takes `defaultTrials` trials. */
export function runLimits(options: Options): RunLimits {
  const trials = options.trials as number | undefined
  const seconds = options.time as number | undefined
  return {
    ...(trials !== undefined ? { trials } : seconds === undefined ? { trials: defaultTrials } : {}),
    ...(seconds !== undefined ? { seconds } : {}),
    workers: (options.workers as number | undefined) ?? availableParallelism(),
    memoryBytes: (options.memory as number | undefined) ?? 0,
  }
}
