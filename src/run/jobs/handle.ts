import type { SplitName } from '../../data/dataset.ts'
import { writeTflite } from '../../export/tflite-write.ts'
import { computeInt8With } from '../../quant/kernels.ts'
import { assessInt8 } from '../../train/assess.ts'
import { type Candidate, finishCandidate, startCandidate } from '../../train/candidate.ts'
import type { TrainContext } from '../../train/context.ts'
import type { Engine } from '../../train/engine.ts'
import { Diverged } from '../../train/fit.ts'
import type { Recipe } from '../../train/recipe.ts'
import { logitsOf, trainTeacher } from '../../train/teacher.ts'
import { wasmEngine } from '../../train/wasm/engine.ts'
import { formatBytes } from '../../util/units.ts'
import type { Job, JobOutput, JobResult, SharedLogits, WorkerSetup } from './job.ts'

/** Does one job; the same function serves worker threads and the inline executor. */
export function makeHandler(setup: WorkerSetup, clock: () => number): (job: Job) => Promise<JobResult> {
  let engine: Promise<Engine> | undefined
  return async (job) => {
    const from = clock()
    try {
      engine ??= loadEngine(setup)
      const output = perform(job, setup, await engine, clock)
      return { ok: true, output, busyMs: clock() - from } as JobResult
    } catch (error) {
      const reason = expectedFailure(error)
      if (reason === undefined) throw error
      return { ok: false, reason, busyMs: clock() - from }
    }
  }
}

/** TensorFlow is loaded only when asked for: it takes seconds and may be absent. */
async function loadEngine(setup: WorkerSetup): Promise<Engine> {
  if (setup.engine === 'tensorflow') return (await import('../../train/tensorflow/load.ts')).tensorflowEngine()
  const { fastMath, kernels = 'wasm' } = setup
  computeInt8With(kernels)
  return wasmEngine({ fastMath, kernels })
}

function perform(job: Job, setup: WorkerSetup, engine: Engine, clock: () => number): JobOutput[Job['kind']] {
  const context = (recipe: Recipe, teacherLogits?: SharedLogits, alsoFit?: SplitName): TrainContext => ({
    dataset: setup.dataset,
    metric: setup.metric,
    engine,
    recipe,
    clock,
    ...(teacherLogits ? { teacherLogits } : {}),
    ...(alsoFit ? { alsoFit } : {}),
  })
  switch (job.kind) {
    case 'teacher':
      return trainTeacher(context(job.recipe), job.graph, job.seed)
    case 'start':
      checkMemory(setup, engine, job.candidate, job.recipe)
      return startCandidate(context(job.recipe, job.teacherLogits, job.alsoFit), job.candidate, job.split)
    case 'finish': {
      const how = context(job.recipe, job.teacherLogits, job.alsoFit)
      const { quantized, ...rest } = finishCandidate(how, job.candidate, job.start, job.split)
      return { ...rest, tflite: writeTflite(quantized) }
    }
    case 'logits':
      return logitsOf(context(job.recipe), job.graph, job.weights)
    case 'assess': {
      const { quantized, ...rest } = assessInt8(context(job.recipe), job.graph, job.weights, job.split)
      return { ...rest, tflite: writeTflite(quantized) }
    }
  }
}

class TooLarge extends Error {}

function checkMemory(setup: WorkerSetup, engine: Engine, candidate: Candidate, recipe: Recipe): void {
  const needed = engine.memoryBytes(candidate.unpruned, recipe.batchSize)
  if (setup.memoryBytes > 0 && needed > setup.memoryBytes)
    throw new TooLarge(
      `memory: training takes ${formatBytes(needed)}, one worker has ${formatBytes(setup.memoryBytes)} (--memory)`,
    )
}

/** Failures that end a trial and nothing else. */
function expectedFailure(error: unknown): string | undefined {
  if (error instanceof Diverged || error instanceof TooLarge) return error.message
  if (error instanceof RangeError && /memory|allocation/i.test(error.message)) return `out of memory: ${error.message}`
  return undefined
}
