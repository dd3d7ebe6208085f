import { performance } from 'node:perf_hooks'
import type { Dataset } from '../data/dataset.ts'
import { frontOf } from '../search/front.ts'
import type { StrategyFactory } from '../search/strategy.ts'
import { noteKernels } from '../store/kernels-note.ts'
import { chooseKernels, type KernelChoice } from '../train/wasm/choose.ts'
import type { MakeExecutor } from './jobs/executor.ts'
import { inlineExecutor } from './jobs/inline.ts'
import { threadExecutor } from './jobs/threads.ts'
import type { StudyContext } from './phases/context.ts'
import { finishFronts } from './phases/finish.ts'
import { searchPhase } from './phases/search.ts'
import { startTeacher } from './phases/teacher.ts'
import type { StudyEvent } from './record/events.ts'
import type { RunLimits } from './record/options.ts'
import { setupOf } from './record/setup.ts'
import type { StudyStore } from './record/study-store.ts'

export type StudyPorts = {
  /** First Ctrl-C: begin nothing more, finish what runs, save. */
  readonly signal?: AbortSignal
  /** Second: drop what runs. */
  readonly dropSignal?: AbortSignal
  /** Where jobs run; absent = worker threads. */
  readonly executor?: MakeExecutor
  /** What proposes networks, in a study that began with one of its own. */
  readonly ownStrategy?: StrategyFactory
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
  const { config, plan, targets, space } = store.header
  const { workers, trials = plan.expectedTrials } = limits
  const started = performance.now()
  const elapsed = () => store.secondsBefore + (performance.now() - started) / 1000
  const makeExecutor = ports.executor ?? (config.engine === 'fake' ? inlineExecutor : threadExecutor)
  const kernels = config.engine === 'wasm' ? chooseKernels(ports.kernels ?? 'auto', config.fastMath) : undefined
  if (kernels) noteKernels(store.folder, kernels.said)
  const memoryBytes = Math.floor(limits.memoryBytes / workers)
  const executor = makeExecutor({ dataset, memoryBytes, ...(kernels ? { kernels: kernels.kind } : {}) }, workers)
  const context: StudyContext = { store, dataset, setup: setupOf(store.header), executor, limits, elapsed, signal: ports.signal }
  const drop = new AbortController()
  const stopWaiting = () => {
    drop.abort()
    executor.drain()
  }
  ports.signal?.addEventListener('abort', stopWaiting)
  ports.dropSignal?.addEventListener('abort', () => void executor.close())
  try {
    const resumedTrials = store.trials().length
    const boards = targets.map((t) => t.target.id)
    const { study } = config
    yield {
      type: 'study:start',
      study,
      targets: boards,
      space: space.name,
      workers: executor.workers,
      kernels: kernels?.said ?? null,
      ...(config.engine === 'fake' ? { fake: true as const } : {}),
      plan,
      resumedTrials,
      trials,
    }
    const teacher = startTeacher(context)
    yield* teacher.begun
    yield* searchPhase(context, teacher, {
      dropSignal: drop.signal,
      stopWaiting,
      ...(ports.ownStrategy ? { ownStrategy: ports.ownStrategy } : {}),
    })
    const idleShare = executor.idleShare()
    const end = (state: 'complete' | 'interrupted' | 'nothing-fits'): StudyEvent => ({
      type: 'study:end',
      state,
      seconds: elapsed(),
      idleShare,
      idleShareInAll: executor.idleShare(),
    })
    if (ports.signal?.aborted) return yield end('interrupted')
    if (!store.trials().some((t) => t.state === 'trained')) return yield end('nothing-fits')
    executor.reopen()
    yield* finishFronts({ ...context, teacher: config.engine === 'fake' ? undefined : await teacher.ready() })
    store.collectWeights(neededWeights(context))
    yield end(ports.signal?.aborted ? 'interrupted' : 'complete')
  } finally {
    ports.signal?.removeEventListener('abort', stopWaiting)
    await executor.close()
  }
}

/** Weights of every front and of every polish: what export, and a polish after more trials, will ask for. */
function neededWeights({ store, setup }: StudyContext): ReadonlySet<string> {
  const trials = store.trials()
  const fronts = setup.targets.flatMap((target) => frontOf(trials, target, setup.objectives, setup.metric).trials)
  return new Set([...fronts.flatMap((t) => t.weights ?? []), ...store.polishes().map((p) => p.weights)])
}
