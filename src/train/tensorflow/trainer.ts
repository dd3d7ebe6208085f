import { elements, type Graph, inputShape } from '../../graph/graph.ts'
import type { Weights } from '../../graph/weights.ts'
import { momentsNamed, momentsOf } from '../checkpoint.ts'
import { dropoutFactors } from '../dropout.ts'
import type { Batch, StepOptions, Trainer, TrainerOptions } from '../engine.ts'
import { initialWeights } from '../initial-weights.ts'
import { keptShare, settledSteps } from '../running-statistics.ts'
import { classifier, logitsTensor, trainedOps } from '../trainable.ts'
import { batchNorm, frozenNorm } from './batch-norm.ts'
import { fakeInt8Rounding } from './fake-int8.ts'
import type { Scalar, Tensor, Tensor2D, Tensor4D, Tf } from './library.ts'
import { lossOf } from './loss.ts'
import { type Drop, forwardTensors, type Normalise } from './network.ts'
import { createParameters, type Parameters } from './parameters.ts'
import { createUpdate, type Update } from './update.ts'

/** A network in training on TensorFlow. Every tensor lives inside a `tidy`, or is disposed of with the trainer. */
export function createTrainer(tf: Tf, graph: Graph, options: TrainerOptions): Trainer {
  const { batchSize } = options
  const forward = forwardOf(tf, graph, options)
  const { parameters, outputs, logitsOf } = forward
  const { trained, of } = parameters
  const update = createUpdate(tf, trained, options.optimizer)
  const memory = memoryOf(tf, parameters, update)
  const inputFloats = elements(inputShape(graph))
  let gradients: readonly Tensor[] = []
  let batchSteps = 0
  let disposed = false

  /** Calls `visit` for each chunk of at most a batch, with running statistics. */
  function infer(inputs: Float32Array, count: number, visit: (tensors: Tensor4D[], from: number, n: number) => void): void {
    checkAlive()
    for (let from = 0; from < count; from += batchSize) {
      const n = Math.min(batchSize, count - from)
      tf.tidy(() => {
        visit(forward.run(inputs.subarray(from * inputFloats, (from + n) * inputFloats), n, frozenNorm(tf, of)), from, n)
      })
    }
  }

  function checkAlive(): void {
    if (disposed) throw new Error('this trainer was disposed of')
  }

  return {
    graph,
    step(batch, { learningRate, distillation, frozenBatchNorm = false, clipNorm = 0, step = 0 }) {
      checkAlive()
      const { count } = batch
      if (!(count >= 1 && count <= batchSize)) throw new RangeError(`a batch of ${count} where 1 to ${batchSize} were planned`)
      const normalise = frozenBatchNorm ? frozenNorm(tf, of) : batchNorm(tf, of, keptShare(batchSteps))
      return tf.tidy(() => {
        const { value, grads } = tf.variableGrads(
          () => forward.loss(batch, normalise, step, distillation),
          trained.map((p) => p.variable),
        )
        if (!frozenBatchNorm) batchSteps++
        tf.dispose([...gradients])
        // A layer that nothing reads has no gradient.
        gradients = trained.map(({ variable }) => tf.keep(grads[variable.name] ?? tf.zerosLike(variable as Tensor)))
        update.step(gradients, learningRate, clipNorm)
        return value.dataSync()[0]!
      })
    },
    predict(inputs, count) {
      const result = new Float32Array(count * outputs)
      infer(inputs, count, (tensors, from, n) => result.set(logitsOf(tensors, n).dataSync(), from * outputs))
      return result
    },
    observe(inputs, count, visit) {
      infer(inputs, count, (tensors) => {
        for (const [t, tensor] of forward.withSoftmax(tensors).entries()) visit(t, tensor.dataSync<'float32'>())
      })
    },
    weights: parameters.read,
    load(weights) {
      parameters.write(weights)
      batchSteps = settledSteps
    },
    checkpoint: () => memory.save(batchSteps),
    restore(checkpoint) {
      batchSteps = memory.load(checkpoint)
    },
    resetOptimizer: update.reset,
    gradients: () =>
      Object.fromEntries(
        trained.map((p, k) => [p.name, gradients[k] ? p.toNamed(gradients[k]) : new Float32Array(p.variable.size)]),
      ),
    dispose() {
      if (disposed) return
      disposed = true
      parameters.dispose()
      update.dispose()
      tf.dispose([...gradients])
    },
  }
}

/** What a training remembers from step to step, as a checkpoint holds it. `load` gives the steps that batch norm has seen. */
function memoryOf(tf: Tf, { trained, read, write }: Parameters, { moments, updates, goOn }: Update) {
  return {
    save: (batchSteps: number): Weights => ({
      ...read(),
      ...momentsNamed(moments.map((moment) => Object.fromEntries(trained.map((p, k) => [p.name, p.toNamed(moment[k]!)])))),
      steps: Float32Array.of(batchSteps, updates()),
    }),
    load(checkpoint: Weights): number {
      const saved = momentsOf(checkpoint, moments.length)
      write(checkpoint)
      tf.tidy(() => {
        for (const [i, moment] of moments.entries())
          for (const [k, p] of trained.entries()) moment[k]!.assign(p.toStored(saved.moments[i]![p.name]!))
      })
      goOn(saved.steps.updates)
      return saved.steps.ofBatchNorm
    },
  }
}

/** The network with its initial weights, and its forward pass. */
function forwardOf(tf: Tf, graph: Graph, options: TrainerOptions) {
  const ops = trainedOps(graph)
  const classify = options.dropout ? classifier(graph) : undefined
  const rounding = options.fakeInt8 && fakeInt8Rounding(tf, graph, options.fakeInt8)
  const logitsAt = logitsTensor(graph)
  const outputs = elements(graph.shapes[logitsAt]!)
  const parameters = createParameters(tf, graph)
  parameters.write(initialWeights(graph, options.seed))

  function dropOf(count: number, step: number): Drop | undefined {
    if (!classify) return undefined
    const [h, w, c] = graph.shapes[classify.input]!
    return { op: classify.op, factors: tf.tensor4d(dropoutFactors(options, step, count * h * w, c), [count, h, w, c]) }
  }

  /** Every tensor up to the logits. `step`: the number of a training step; absent otherwise. */
  function run(inputs: Float32Array, count: number, normalise: Normalise, step?: number): Tensor4D[] {
    const input = tf.tensor4d(first(inputs, count * elements(inputShape(graph))), [count, ...inputShape(graph)])
    const drop = step === undefined ? undefined : dropOf(count, step)
    return forwardTensors(tf, { graph, ops }, parameters.of, input, normalise, rounding, drop)
  }

  const rows = (values: Float32Array, count: number): Tensor2D => tf.tensor2d(first(values, count * outputs), [count, outputs])
  const logitsOf = (tensors: readonly Tensor4D[], count: number): Tensor2D => tf.reshape(tensors[logitsAt]!, [count, outputs])

  return {
    parameters,
    outputs,
    run,
    logitsOf,
    loss: (batch: Batch, normalise: Normalise, step: number, distillation: StepOptions['distillation']): Scalar =>
      lossOf(tf, options.loss, {
        logits: logitsOf(run(batch.inputs, batch.count, normalise, step), batch.count),
        targets: rows(batch.targets, batch.count),
        teacher: batch.teacherLogits && rows(batch.teacherLogits, batch.count),
        distillation,
      }),
    /** Every tensor of the graph, a softmax that the loss took over included. */
    withSoftmax: (tensors: readonly Tensor4D[]): readonly Tensor4D[] =>
      graph.ops.length > ops.length ? [...tensors, tf.softmax(tensors[logitsAt]!)] : tensors,
  }
}

function first(values: Float32Array, count: number): Float32Array {
  if (values.length < count) throw new RangeError(`${values.length} values where ${count} are needed`)
  return values.length === count ? values : values.subarray(0, count)
}
