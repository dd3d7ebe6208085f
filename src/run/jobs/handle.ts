import type { Dataset } from '../../data/dataset.ts'
import { writeTflite } from '../../export/tflite-write.ts'
import { computeInt8With } from '../../quant/kernels.ts'
import { fakeResult } from '../../search/fake.ts'
import { assessInt8 } from '../../train/assess.ts'
import type { TrainContext } from '../../train/context.ts'
import type { Engine } from '../../train/engine.ts'
import { Diverged } from '../../train/fit.ts'
import { trainingBytes } from '../../train/memory.ts'
import { finishNetwork, startNetwork } from '../../train/network.ts'
import { logitsOf, trainTeacher } from '../../train/teacher.ts'
import { wasmEngine } from '../../train/wasm/engine.ts'
import { sha256 } from '../../util/hash.ts'
import type { KernelKind } from '../../util/native.ts'
import { formatBytes } from '../../util/units.ts'
import { type Blob, type Blobs, blobs, fileBlob, floatsBlob, floatsOf, noBlobs, weightsBlob, weightsOf } from './blobs.ts'
import type { Job, JobOf, JobOutput, JobResult } from './job.ts'

/** What a worker has before the first job; samples lie in shared memory. */
export type WorkerSetup = {
  readonly dataset: Dataset
  /** Which build of the kernels computes: the same bits. WebAssembly's where absent. */
  readonly kernels?: KernelKind
  /** Bytes that one worker's trainer may plan for; 0 = no bound. */
  readonly memoryBytes: number
}

/** Does one job; the same function serves every kind of worker. */
export function makeHandler(setup: WorkerSetup, clock: () => number): (job: Job, inputs: Blobs) => Promise<JobResult> {
  const { kernels = 'wasm' } = setup
  computeInt8With(kernels)
  const engines = new Map<string, Promise<Engine>>()
  const engineOf = (job: Job): Promise<Engine> => {
    const key = `${job.engine} ${job.fastMath}`
    const engine = engines.get(key) ?? loadEngine(job, kernels)
    engines.set(key, engine)
    return engine
  }
  return async (job, inputs) => {
    const from = clock()
    if (job.kind === 'fake') {
      const { score, steps } = fakeResult(job, job.metric, job.seed)
      return { ok: true, output: { score, steps }, blobs: noBlobs, busyMs: clock() - from }
    }
    try {
      const { output, made } = perform(job, inputs, setup, await engineOf(job), clock)
      return { ok: true, output, blobs: blobs(...made), busyMs: clock() - from }
    } catch (error) {
      const failure = expectedFailure(error)
      if (failure === undefined) throw error
      return { ok: false, ...failure, busyMs: clock() - from }
    }
  }
}

/** TensorFlow is loaded only when asked for: it takes seconds and may be absent. */
async function loadEngine({ engine, fastMath }: Job, kernels: KernelKind): Promise<Engine> {
  if (engine === 'tensorflow') return (await import('../../train/tensorflow/load.ts')).tensorflowEngine()
  return wasmEngine({ fastMath, kernels })
}

type Done = { readonly output: JobOutput[Job['kind']]; readonly made: readonly Blob[] }

function perform(
  job: Exclude<Job, { kind: 'fake' }>,
  inputs: Blobs,
  setup: WorkerSetup,
  engine: Engine,
  clock: () => number,
): Done {
  if (job.data !== setup.dataset.fingerprint) throw new Error(`a job of data ${job.data} came to a worker of other data`)
  const context: TrainContext = {
    dataset: setup.dataset,
    metric: job.metric,
    engine,
    recipe: job.recipe,
    clock,
    ...('teacherLogits' in job && job.teacherLogits ? { teacherLogits: floatsOf(inputs, job.teacherLogits) } : {}),
    ...('alsoFit' in job && job.alsoFit ? { alsoFit: job.alsoFit } : {}),
  }
  switch (job.kind) {
    case 'teacher': {
      const { from, to } = job
      const part = { from, to, ...(job.checkpoint ? { checkpoint: weightsOf(inputs, job.checkpoint) } : {}) }
      const { checkpoint, result } = trainTeacher(context, job.graph, job.seed, part)
      const kept = weightsBlob(checkpoint)
      if (!result) return { output: { checkpoint: kept.address, said: null }, made: [kept] }
      const logits = floatsBlob(result.logits)
      return { output: { checkpoint: kept.address, said: { logits: logits.address, score: result.score } }, made: [kept, logits] }
    }
    case 'start': {
      checkMemory(setup, engine, job)
      const { weights, steps } = startNetwork(context, job.network, job.split)
      const blob = weightsBlob(weights)
      return { output: { weights: blob.address, steps }, made: [blob] }
    }
    case 'finish': {
      if (job.start.relative) checkMemory(setup, engine, job)
      const start = { ...job.start, weights: weightsOf(inputs, job.start.weights) }
      const { quantized, weights, ...rest } = finishNetwork(context, job.network, start, job.split)
      const kept = weightsBlob(weights)
      const tflite = sha256(writeTflite(quantized))
      return { output: { ...rest, weights: kept.address, tflite }, made: [kept] }
    }
    case 'logits': {
      const blob = floatsBlob(logitsOf(context, job.graph, weightsOf(inputs, job.weights)))
      return { output: { logits: blob.address }, made: [blob] }
    }
    case 'assess': {
      const { quantized, ...rest } = assessInt8(context, job.graph, weightsOf(inputs, job.weights), job.split)
      const file = fileBlob(writeTflite(quantized))
      return { output: { ...rest, tflite: file.address }, made: [file] }
    }
  }
}

class TooLarge extends Error {}

function checkMemory(setup: WorkerSetup, engine: Engine, { network, recipe }: Pick<JobOf<'start'>, 'network' | 'recipe'>): void {
  const needed = trainingBytes(engine, network, recipe)
  if (setup.memoryBytes > 0 && needed > setup.memoryBytes)
    throw new TooLarge(
      `memory: training takes ${formatBytes(needed)}, one worker has ${formatBytes(setup.memoryBytes)} (--memory)`,
    )
}

/** Failures that end a trial and nothing else. */
function expectedFailure(error: unknown): { readonly reason: string; readonly cause: 'training' | 'worker' } | undefined {
  if (error instanceof Diverged) return { reason: error.message, cause: 'training' }
  if (error instanceof TooLarge) return { reason: error.message, cause: 'worker' }
  if (error instanceof RangeError && /memory|allocation/i.test(error.message))
    return { reason: `out of memory: ${error.message}`, cause: 'worker' }
  return undefined
}
