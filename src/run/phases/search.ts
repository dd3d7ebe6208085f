import { search } from '../../search/loop.ts'
import { strategies } from '../../search/strategies.ts'
import type { StudyEvent } from '../record/events.ts'
import { timeShares } from '../record/plan.ts'
import { jobBase, type StudyContext } from './context.ts'
import { fakeEvaluator, trainingEvaluator } from './evaluate.ts'
import type { RunningTeacher } from './teacher.ts'

export type SearchPhasePorts = {
  /** Second Ctrl-C, or a search that is over: what runs is dropped and proposed again on resume. */
  readonly dropSignal: AbortSignal
  /** Called when the time is over: jobs that wait are refused. */
  readonly stopWaiting: () => void
}

/** The search itself: proposals are trained, trials are stored in order, then told. */
export async function* searchPhase(
  context: StudyContext,
  teacher: RunningTeacher,
  { dropSignal, stopWaiting }: SearchPhasePorts,
): AsyncGenerator<StudyEvent> {
  const { store, setup, executor, limits, elapsed, signal } = context
  const { config, plan } = store.header
  const ports = { executor, base: jobBase(context), plan: plan.trial, teacher, seed: config.seed, keep: store.putWeights }
  const evaluate = config.engine === 'fake' ? fakeEvaluator(ports) : trainingEvaluator(ports)
  const seconds = limits.seconds === undefined ? undefined : limits.seconds * (timeShares.teacher + timeShares.search)
  const searchOver = store.searchEnded() && !limits.extended
  const trials = searchOver ? 0 : (limits.trials ?? Number.POSITIVE_INFINITY)
  const searching = search(
    setup,
    strategies[config.strategy](setup),
    { trials, history: store.trials() },
    {
      evaluate,
      dropSignal,
      ...(signal ? { signal } : {}),
      shouldStop: () => {
        if (seconds === undefined || elapsed() <= seconds) return undefined
        stopWaiting()
        return 'time'
      },
    },
  )
  let teacherTold = false
  for await (const event of searching) {
    if (!teacherTold && teacher.isReady()) {
      teacherTold = true
      yield* teacher.ended()
    }
    switch (event.type) {
      case 'trial:start':
        yield { type: 'trial:start', n: event.candidate.n, genome: event.candidate.text }
        break
      case 'trial:end':
        await store.appendTrial(event.trial, elapsed())
        yield event
        break
      case 'front:change': {
        const { target, trials, hypervolume } = event.front
        yield { type: 'front:change', target, n: event.n, size: trials.length, hypervolume }
        break
      }
      case 'search:end':
        if (event.reason !== 'interrupted' && !searchOver) await store.appendStop(event.reason, elapsed())
        yield event
    }
  }
}
