import { search } from '../../search/loop.ts'
import { makeCandidate } from '../../search/propose.ts'
import { neededLater } from '../../search/relative.ts'
import { strategies } from '../../search/strategies.ts'
import type { StrategyFactory } from '../../search/strategy.ts'
import { TinyfrontError, usageError } from '../../util/errors.ts'
import type { StudyEvent } from '../record/events.ts'
import type { StudyConfig } from '../record/options.ts'
import { sharesFor } from '../record/plan.ts'
import { jobBase, type StudyContext } from './context.ts'
import { type EvaluatePort, fakeEvaluator, trainingEvaluator } from './evaluate.ts'
import type { RunningTeacher } from './teacher.ts'
import { untaughtTrials } from './untaught.ts'

export type SearchPhasePorts = {
  /** Second Ctrl-C, or a search that is over: what runs is dropped and proposed again on resume. */
  readonly dropSignal: AbortSignal
  /** Called when the time is over: jobs that wait are refused. */
  readonly stopWaiting: () => void
  readonly ownStrategy?: StrategyFactory
}

/** The strategy that a study began with. */
function strategyOf({ study, strategy: name }: Pick<StudyConfig, 'study' | 'strategy'>, own?: StrategyFactory): StrategyFactory {
  if (name !== 'plugin') return strategies[name]
  if (own) return own
  throw usageError(
    `the study "${study}" was begun with a strategy of its own`,
    'go on through the library: resume(name, { plugins: { strategy } })',
  )
}

/** Weights above the cap that no later trial may begin with go after every so many trials. */
const trialsBetweenSweeps = 64

/** Weights that a trial left; where their file is gone, the trial is trained once more, which gives the same. */
async function keptWeights({ store, setup }: StudyContext, evaluate: EvaluatePort, address: string): Promise<Uint8Array> {
  if (!store.hasWeights(address)) {
    const trials = store.trials()
    const trial = trials.find((t) => t.weights === address)!
    const { weights } = await evaluate(makeCandidate(setup, trial, trial.n, trials))
    if (weights !== address)
      throw new TinyfrontError(
        'store',
        `the weights of trial ${trial.n} are gone, and training it again gave others`,
        `restore ${store.folder}/weights from a copy, or start anew with --fresh`,
      )
  }
  return store.weightsFile(address)
}

/** The search itself: proposals are trained, trials are stored in order, then told. */
export async function* searchPhase(
  context: StudyContext,
  teacher: RunningTeacher,
  { dropSignal, stopWaiting, ownStrategy }: SearchPhasePorts,
): AsyncGenerator<StudyEvent> {
  const { store, setup, executor, limits, elapsed, signal } = context
  const { config, plan } = store.header
  const kept = (address: string) => keptWeights(context, evaluate, address)
  const ports = {
    ...{ executor, base: jobBase(context), plan: plan.trial, seed: config.seed, keep: store.putWeights, kept },
    ...{ teacher, isUntaught: untaughtTrials(setup, store.trials(), teacher.work) },
  }
  const evaluate: EvaluatePort = config.engine === 'fake' ? fakeEvaluator(ports) : trainingEvaluator(ports)
  const shares = sharesFor(plan.polishMembers)
  const seconds = limits.seconds === undefined ? undefined : limits.seconds * (shares.teacher + shares.search)
  const searchOver = store.searchEnded() && !limits.extended
  const trials = searchOver ? 0 : (limits.trials ?? Number.POSITIVE_INFINITY)
  const searching = search(
    setup,
    strategyOf(config, ownStrategy)(setup),
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
        if (event.trial.n % trialsBetweenSweeps === 0) store.collectWeights(neededLater(setup, store.trials()))
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
