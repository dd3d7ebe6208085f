import { performance } from 'node:perf_hooks'
import type { Dataset } from '../data/dataset.ts'
import { frontOf } from '../search/front.ts'
import { search } from '../search/loop.ts'
import { strategies } from '../search/strategies.ts'
import type { StudySetup } from '../search/strategy.ts'
import { noteKernels } from '../store/kernels-note.ts'
import { chooseKernels, type KernelChoice } from '../train/wasm/choose.ts'
import { inlineExecutor, threadExecutor } from './jobs/executor.ts'
import type { WorkerSetup } from './jobs/job.ts'
import { fakeEvaluator, trainingEvaluator } from './phases/evaluate.ts'
import { finishFronts } from './phases/finish.ts'
import { startTeacher } from './phases/teacher.ts'
import type { RunLimits } from './record/config.ts'
import type { StudyEvent } from './record/events.ts'
import { timeShares } from './record/plan.ts'
import { setupOf } from './record/setup.ts'
import type { StudyStore } from './record/study-store.ts'

export type StudyPorts = {
  /** First Ctrl-C: begin nothing more, finish what runs, save. */
  readonly signal?: AbortSignal
  /** Second: drop what runs. */
  readonly dropSignal?: AbortSignal
  /** Run jobs in this thread (tests). */
  readonly inline?: boolean
  /** Which kernels train: the same bits, another speed. `auto` where absent. */
  readonly kernels?: KernelChoice
}

/**
 * One study from where its journal ends to the end: teacher, search, polish, test, verification. Yields what happens; a line is stored before it
 * is told. Stopping at any point and calling this again gives the results of never having stopped.
 */
export async function* runStudy(
  store: StudyStore,
  dataset: Dataset,
  limits: RunLimits,
  ports: StudyPorts = {},
): AsyncGenerator<StudyEvent> {
  const { config, plan } = store.header
  const started = performance.now()
  const elapsed = () => store.secondsBefore + (performance.now() - started) / 1000
  const drop = new AbortController()
  const kernels = config.engine === 'wasm' ? chooseKernels(ports.kernels ?? 'auto', config.fastMath) : undefined
  if (kernels) noteKernels(store.folder, kernels.said)
  const setup: WorkerSetup = {
    dataset,
    metric: config.metric,
    engine: config.engine,
    fastMath: config.fastMath,
    ...(kernels ? { kernels: kernels.kind } : {}),
    memoryBytes: Math.floor(limits.memoryBytes / limits.workers),
  }
  const executor = ports.inline || config.engine === 'fake' ? inlineExecutor(setup) : threadExecutor(setup, limits.workers)
  const stopWaiting = () => {
    drop.abort()
    executor.drain()
  }
  ports.signal?.addEventListener('abort', stopWaiting)
  ports.dropSignal?.addEventListener('abort', () => void executor.close())
  try {
    const trials = store.trials()
    yield {
      type: 'study:start',
      study: config.study,
      targets: store.header.targets.map((t) => t.target.id),
      space: store.header.space.name,
      workers: executor.workers,
      kernels: kernels?.said ?? null,
      plan,
      resumedTrials: trials.length,
      trials: limits.trials ?? plan.expectedTrials,
    }
    const studySetup = setupOf(store.header)
    const searchSeconds = limits.seconds === undefined ? undefined : limits.seconds * (timeShares.teacher + timeShares.search)
    const isOver = () => searchSeconds !== undefined && elapsed() > searchSeconds
    const teacher = startTeacher(store, dataset, studySetup.space, executor)
    yield* teacher.begun
    const evaluate =
      config.engine === 'fake'
        ? fakeEvaluator(config.metric, config.seed)
        : trainingEvaluator(executor, plan.trial, teacher, config.seed, (weights) => store.putWeights(weights))

    const searchOver = store.searchEnded() && !limits.extended
    const searching = search(
      studySetup,
      strategies[config.strategy](studySetup),
      { trials: searchOver ? 0 : (limits.trials ?? Number.POSITIVE_INFINITY), history: trials },
      {
        evaluate,
        dropSignal: drop.signal,
        ...(ports.signal ? { signal: ports.signal } : {}),
        shouldStop: () => {
          if (!isOver()) return undefined
          stopWaiting()
          return 'time'
        },
      },
    )
    let teacherTold = false
    let reason = 'trials'
    for await (const event of searching) {
      if (!teacherTold && teacher.isReady()) {
        teacherTold = true
        yield* teacher.ended()
      }
      if (event.type === 'trial:start') yield { type: 'trial:start', n: event.candidate.n, genome: event.candidate.text }
      else if (event.type === 'trial:end') {
        await store.appendTrial(event.trial, elapsed())
        yield event
      } else if (event.type === 'front:change')
        yield {
          type: 'front:change',
          target: event.front.target,
          n: event.n,
          size: event.front.trials.length,
          hypervolume: event.front.hypervolume,
        }
      else {
        reason = event.reason
        if (reason !== 'interrupted' && !searchOver) await store.appendStop(reason, elapsed())
        yield event
      }
    }
    const idleShare = executor.idleShare()
    const end = (state: 'complete' | 'interrupted' | 'nothing-fits'): StudyEvent => ({
      type: 'study:end',
      state,
      seconds: elapsed(),
      idleShare,
      idleShareInAll: executor.idleShare(),
    })
    const nothing = !store.trials().some((t) => t.state === 'trained')
    if (ports.signal?.aborted) {
      yield end('interrupted')
      return
    }
    if (nothing) {
      yield end('nothing-fits')
      return
    }
    executor.reopen()
    yield* finishFronts({
      store,
      dataset,
      setup: studySetup,
      executor,
      teacher: config.engine === 'fake' ? undefined : await teacher.ready,
      limits,
      elapsed,
      signal: ports.signal,
    })
    store.collectWeights(neededWeights(store, studySetup))
    yield end(ports.signal?.aborted ? 'interrupted' : 'complete')
  } finally {
    ports.signal?.removeEventListener('abort', stopWaiting)
    await executor.close()
  }
}

/** Weights of every front and of every polish: what export, and a polish after more trials, will ask for. */
function neededWeights(store: StudyStore, setup: StudySetup): ReadonlySet<string> {
  const trials = store.trials()
  const fronts = setup.targets.flatMap((target) => frontOf(trials, target, setup.objectives, setup.metric).trials)
  return new Set([...fronts.flatMap((t) => t.weights ?? []), ...store.polishes().map((p) => p.weights)])
}
