import {
  defaultInt8Tolerance,
  defaultLag,
  defaultTrials,
  type RunLimits,
  type StudyConfig,
  studyConfigSchema,
} from './run/record/config.ts'
import type { StudyEvent } from './run/record/events.ts'
import { startStudy } from './run/record/start.ts'
import { runStudy, type StudyPorts } from './run/run-study.ts'

export type { RunLimits, StudyConfig } from './run/record/config.ts'
export type { StudyEvent } from './run/record/events.ts'
export type { PolishLine, TestLine, VerifyLine } from './run/record/lines.ts'
export type { ObjectiveName, Trial } from './search/trial.ts'
export type { Metric } from './task/metric.ts'
export { TinyfrontError } from './util/errors.ts'

/** What a search needs: data and boards; the rest has defaults. */
export type SearchOptions = Pick<StudyConfig, 'data' | 'targets'> &
  Partial<Omit<StudyConfig, 'data' | 'targets'>> &
  Partial<RunLimits> & { readonly results?: string; readonly fresh?: boolean } & StudyPorts

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
  const {
    results = 'results',
    fresh = false,
    trials,
    seconds,
    workers = 1,
    memoryBytes = 0,
    signal,
    dropSignal,
    executor,
    kernels,
    ...rest
  } = options
  const config = studyConfigSchema.parse({
    study: 'study',
    space: 'auto',
    seed: '0',
    strategy: 'evolution',
    objectives: ['error', 'latency', 'ram', 'flash'],
    metric: { kind: 'accuracy' },
    engine: 'wasm',
    fastMath: false,
    teacher: 'auto',
    lag: defaultLag,
    int8Tolerance: defaultInt8Tolerance,
    ...rest,
  })
  const limits: RunLimits = {
    workers,
    memoryBytes,
    ...(seconds !== undefined ? { seconds } : {}),
    ...(trials !== undefined ? { trials } : seconds === undefined ? { trials: defaultTrials } : {}),
  }
  const { store, dataset } = await startStudy(config, limits, results, { fresh })
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
