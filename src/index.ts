import type { BoardSpec, OwnDevice } from './device/load.ts'
import type { ExportFormat } from './export/bundle/formats.ts'
import type { NetworkView, StudyView } from './report/view.ts'
import { type CompareOptions, type Comparison, compareStudies, comparisonOf } from './run/after/compare-studies.ts'
import { type Exported, exportTrial } from './run/after/export-trial.ts'
import { type Look, openStudy } from './run/after/open-study.ts'
import { pickTrial } from './run/after/pick-trial.ts'
import { type Asked, type Predicted, predictTrial } from './run/after/predict.ts'
import { verifyNetwork } from './run/after/verify-network.ts'
import type { MakeExecutor } from './run/jobs/executor.ts'
import { type AskedStudy, askedLimits, askedStudy, completeLimits, resumedLimits, splitLimits } from './run/record/asked.ts'
import type { StudyEvent } from './run/record/events.ts'
import type { Check } from './run/record/notes.ts'
import { placeOf, readStudy } from './run/record/open.ts'
import type { RunLimits, StudyLimits } from './run/record/options.ts'
import { resumeStudy, type StudyWithData, startStudy } from './run/record/start.ts'
import { runStudy, type StudyPorts } from './run/run-study.ts'
import type { StrategyFactory } from './search/strategy.ts'

export { defineConfig, type ProjectFile, type ProjectOptions } from './cli/project/define.ts'
export type { BoardSpec, OwnDevice } from './device/load.ts'
export type { Duty } from './device/what-if.ts'
export type { CompareEntry, FrontMember, NetworkView, StudyView, TargetView } from './report/view.ts'
export type { CompareOptions, Comparison } from './run/after/compare-studies.ts'
export type { Exported } from './run/after/export-trial.ts'
export { type Look, type OpenStudy, openStudy } from './run/after/open-study.ts'
export type { Predicted, Prediction } from './run/after/predict.ts'
export { type CalibrateOptions, type CalibrationReport, calibrate } from './run/boards/calibrate.ts'
export { type ModelFile, readModelFile } from './run/boards/model-file.ts'
export { type Profile, type ProfileOptions, profile, type TargetProfile } from './run/boards/profile.ts'
export { type Executor, executorOn, type MakeExecutor, type Transport } from './run/jobs/executor.ts'
export { inlineExecutor } from './run/jobs/inline.ts'
export { threadExecutor } from './run/jobs/threads.ts'
export type { StudyEvent } from './run/record/events.ts'
export type { Check, PolishLine, TestLine, VerifyLine } from './run/record/notes.ts'
export type { Bounds, RunLimits, StudyConfig, StudyLimits } from './run/record/options.ts'
export { strategies } from './search/strategies.ts'
export type { SearchSetup, Strategy, StrategyFactory, View } from './search/strategy.ts'
export type { ObjectiveName, Proposal, Trial } from './search/trial.ts'
export { randomGenome } from './space/genome.ts'
export { defineTask } from './task/define.ts'
export type { Labels } from './task/labels.ts'
export type { Metric } from './task/metric.ts'
export { copyLabel, meanLabel, readNumbers } from './task/numbers.ts'
export type { Predictions } from './task/predictions.ts'
export type { MetricRow, Task } from './task/task.ts'
export { TinyfrontError } from './util/errors.ts'

type Place = {
  /** Where studies lie; `results` where absent. A study may also be shown by its folder, `elsewhere/demo`. */
  readonly results?: string
}
type OfTrial = Place & {
  /** The recommended one of the first board where absent. */
  readonly trial?: number
}

/** Parts of a study that you bring as objects. A board of your own is an object among `targets`. */
export type Plugins = {
  /** What proposes networks instead of a strategy by name. Who resumes the study brings it again. */
  readonly strategy?: StrategyFactory
  /** Where jobs run instead of worker threads. */
  readonly executor?: MakeExecutor
}

type Ports = Pick<StudyPorts, 'signal' | 'dropSignal' | 'kernels'> & { readonly plugins?: Plugins }

/** What a search needs: data and boards; the rest has the defaults of the command line (docs/cli.md). */
export type SearchOptions = Omit<AskedStudy, 'targets'> &
  Partial<StudyLimits> &
  Place &
  Ports & {
    readonly targets: readonly BoardSpec[]
    /** Puts a study of this name aside. */
    readonly fresh?: boolean
  }

/**
 * Searches networks for boards; yields the typed events that the command line itself uses. The study lies under `results/STUDY` afterwards.
 *
 * ```ts
 * for await (const event of search({ data: 'builtin:gestures', targets: ['stm32f446'], trials: 20 }))
 *   if (event.type === 'front:change') console.log(event.target, event.hypervolume)
 * ```
 * @throws TinyfrontError with `message`, `remedy` and `kind` for whatever a person can mend.
 */
export async function* search(options: SearchOptions): AsyncGenerator<StudyEvent> {
  const { results = 'results', fresh = false, targets, signal, dropSignal, kernels, plugins, ...rest } = options
  const { limits: given, others } = splitLimits(rest)
  const limits = completeLimits(askedLimits(given))
  const devices = targets.filter((board): board is OwnDevice => typeof board !== 'string')
  const names = targets.map((board) => (typeof board === 'string' ? board : board.id))
  const asked = askedStudy({ ...others, targets: names, ...(plugins?.strategy ? { strategy: 'plugin' } : {}) })
  yield* follow(await startStudy(asked, limits, results, { fresh, devices }), limits, { signal, dropSignal, kernels, plugins })
}

export type ResumeOptions = Partial<StudyLimits> & Place & Ports

/** Goes on with a study exactly where it stopped; limits that are given take the place of those that it began with. */
export async function* resume(study: string, options: ResumeOptions = {}): AsyncGenerator<StudyEvent> {
  const { results, signal, dropSignal, kernels, plugins, ...given } = options
  const place = placeOf(study, results ?? 'results')
  const opened = await resumeStudy(place.name, place.results)
  yield* follow(opened, resumedLimits(opened.store.header.limits, askedLimits(given)), { signal, dropSignal, kernels, plugins })
}

/** A study from where it is to its end; its lock is let go of, however it ends. */
async function* follow(
  { store, dataset }: StudyWithData,
  limits: RunLimits,
  { signal, dropSignal, kernels, plugins }: { [K in keyof Ports]: Ports[K] | undefined },
): AsyncGenerator<StudyEvent> {
  try {
    yield* runStudy(store, dataset, limits, {
      ...(signal ? { signal } : {}),
      ...(dropSignal ? { dropSignal } : {}),
      ...(kernels ? { kernels } : {}),
      ...(plugins?.executor ? { executor: plugins.executor } : {}),
      ...(plugins?.strategy ? { ownStrategy: plugins.strategy } : {}),
    })
  } finally {
    await store.study.close()
  }
}

/** The fronts of a study, with the recommended network of every board; on other boards or under other bounds as well, for which nothing is trained. */
export async function front(study: string, { results, ...look }: Look & Place = {}): Promise<StudyView> {
  return (await openStudy(study, results === undefined ? {} : { results })).view(look)
}

/** A network of a study layer by layer: shapes, MACs, bytes, latency, and where RAM peaks. */
export async function show(study: string, { trial, results, ...look }: Look & OfTrial = {}): Promise<NetworkView> {
  return (await openStudy(study, results === undefined ? {} : { results })).network(trial, look)
}

/** Fronts of several boards or studies side by side, and which share of which front another one covers. */
export async function compare(studies: readonly string[], options: CompareOptions = {}): Promise<Comparison> {
  return comparisonOf((await compareStudies(studies, options)).view)
}

export type ExportModelOptions = OfTrial & {
  readonly format?: ExportFormat
  /** A folder; absent: into the study's own. */
  readonly out?: string
  /** What symbols and files of exported code begin with; absent = tinyfront (c-array: model). */
  readonly prefix?: string
  /** Share of the weights, the smallest, that become zero. */
  readonly sparsity?: number
  /** At most this many different weights a kernel. */
  readonly cluster?: number
}

/** Writes a network for a board: as .tflite, C, an Arduino, ESP-IDF or Zephyr project, or ONNX. */
export async function exportModel(study: string, options: ExportModelOptions = {}): Promise<Exported> {
  const { name, results } = placeOf(study, options.results ?? 'results')
  const store = await readStudy(results, name)
  const { format = 'tflite', sparsity = 0, out, cluster, prefix } = options
  return exportTrial(store, pickTrial(store, textOf(options.trial)), { format, sparsity, out, cluster, prefix }, results)
}

/** Checks a network of a study, or a .tflite file, against LiteRT, emulated Cortex-M cores and Vela, as far as they are installed. */
export async function verify(
  studyOrFile: string,
  options: OfTrial & { readonly boards?: readonly string[] } = {},
): Promise<readonly Check[]> {
  const place = studyOrFile.endsWith('.tflite')
    ? { name: studyOrFile, results: options.results ?? 'results' }
    : placeOf(studyOrFile, options.results ?? 'results')
  return (await verifyNetwork(place.name, textOf(options.trial), place.results, options.boards)).checks
}

/** What the int8 network of a trial, the one that would be flashed, says of files or of arrays. */
export async function predict(study: string, options: OfTrial & Asked): Promise<Predicted> {
  const { name, results } = placeOf(study, options.results ?? 'results')
  return predictTrial(await readStudy(results, name), textOf(options.trial), options, results)
}

const textOf = (trial: number | undefined): string | undefined => (trial === undefined ? undefined : String(trial))
