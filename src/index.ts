import { type AskedStudy, askedLimits, askedStudy, completeLimits, splitLimits } from './run/record/asked.ts'
import type { StudyEvent } from './run/record/events.ts'
import type { StudyLimits } from './run/record/options.ts'
import { startStudy } from './run/record/start.ts'
import { runStudy, type StudyPorts } from './run/run-study.ts'

export { defineConfig, type ProjectFile, type ProjectOptions } from './cli/project/define.ts'
export type { Duty } from './device/what-if.ts'
export type { FrontMember, NetworkView, StudyView, TargetView } from './report/view.ts'
export { type Look, type OpenStudy, openStudy } from './run/after/open-study.ts'
export { type CalibrateOptions, type CalibrationReport, calibrate } from './run/boards/calibrate.ts'
export { type ModelFile, readModelFile } from './run/boards/model-file.ts'
export { type Profile, type ProfileOptions, profile, type TargetProfile } from './run/boards/profile.ts'
export type { StudyEvent } from './run/record/events.ts'
export type { PolishLine, TestLine, VerifyLine } from './run/record/notes.ts'
export type { Bounds, RunLimits, StudyConfig, StudyLimits } from './run/record/options.ts'
export type { ObjectiveName, Trial } from './search/trial.ts'
export type { Metric } from './task/metric.ts'
export { TinyfrontError } from './util/errors.ts'

/** What a search needs: data and boards; the rest has the defaults of the command line (docs/cli.md). */
export type SearchOptions = AskedStudy &
  Partial<StudyLimits> & {
    readonly results?: string
    /** Puts a study of this name aside. */
    readonly fresh?: boolean
  } & StudyPorts

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
  const { results = 'results', fresh = false, signal, dropSignal, executor, kernels, ...rest } = options
  const { limits: given, others } = splitLimits(rest)
  const limits = completeLimits(askedLimits(given))
  const { store, dataset } = await startStudy(askedStudy(others), limits, results, { fresh })
  try {
    yield* runStudy(store, dataset, limits, {
      ...(signal ? { signal } : {}),
      ...(dropSignal ? { dropSignal } : {}),
      ...(executor ? { executor } : {}),
      ...(kernels ? { kernels } : {}),
    })
  } finally {
    await store.study.close()
  }
}
