import { elements, type Graph } from '../../graph/graph.ts'
import { hasWeights, isPerChannel, type TrainableOp, weightLevels } from '../../graph/traits.ts'
import type { Weights } from '../../graph/weights.ts'
import { momentsNamed, momentsOf } from '../checkpoint.ts'
import { dropoutFactors } from '../dropout.ts'
import type { Trainer, TrainerOptions } from '../engine.ts'
import { initialWeights } from '../initial-weights.ts'
import { keptShare, settledSteps } from '../running-statistics.ts'
import { logitsTensor } from '../trainable.ts'
import { backwardSteps } from './backward.ts'
import { forwardSteps, type Statistics } from './forward.ts'
import { type Layout, layerInput, planLayout } from './layout.ts'
import { lossStep } from './loss.ts'
import { readParameters, writeParameters } from './parameters.ts'
import { createUpdate, type Update } from './update.ts'
import type { Workspace } from './workspace.ts'

/** A network in training inside `workspace`. */
export function createTrainer(workspace: Workspace, graph: Graph, options: TrainerOptions): Trainer {
  const { k } = workspace
  const { batchSize } = options
  const bytes = planLayout(graph, batchSize, 0, options).bytes
  const base = workspace.take(bytes)
  const layout = planLayout(graph, batchSize, base, options)
  const { vectors, pool, outputs } = layout
  const logits = layout.places[logitsTensor(graph)]!
  const inputFloats = elements(graph.shapes[0]!)
  const run = runner(workspace, layout, options)
  const backward = backwardSteps(layout, k)
  const lossOf = lossStep(layout, k, options.loss)
  const update = createUpdate(layout, k, options.optimizer)
  const memory = memoryOf(workspace, layout, update)
  let batchSteps = 0
  let disposed = false
  prepare(workspace, layout, options)

  /** Calls `visit` for each chunk of at most a batch, with running statistics. */
  function infer(inputs: Float32Array, count: number, visit: (first: number, n: number) => void): void {
    checkAlive()
    for (let first = 0; first < count; first += batchSize) {
      const n = Math.min(batchSize, count - first)
      run(inputs.subarray(first * inputFloats, (first + n) * inputFloats), n, { from: 'running' })
      visit(first, n)
    }
  }

  function checkAlive(): void {
    if (disposed) throw new Error('this trainer was disposed of')
  }

  return {
    graph,
    step(batch, { learningRate, distillation, frozenBatchNorm: frozen = false, step = 0, clipNorm = 0 }) {
      checkAlive()
      const { count } = batch
      if (!(count >= 1 && count <= batchSize)) throw new RangeError(`a batch of ${count} where 1 to ${batchSize} were planned`)
      run(batch.inputs, count, frozen ? { from: 'running' } : { from: 'batch', keep: keptShare(batchSteps) }, step)
      if (!frozen) batchSteps++
      workspace.write(layout.targets, batch.targets, count * outputs)
      if (batch.teacherLogits) workspace.write(layout.teacher, batch.teacherLogits, count * outputs)
      const value = lossOf(batch, distillation)
      const gradient = pool + layout.backward.start
      k.restride(count * logits.pixels, logits.channels, logits.stride, layout.logitsGradient, gradient)
      for (const back of backward) back(count, frozen)
      update.step(learningRate, clipNorm)
      return value
    },
    predict(inputs, count) {
      const result = new Float32Array(count * outputs)
      infer(inputs, count, (first, n) => result.set(workspace.read(layout.logits, n * outputs), first * outputs))
      return result
    },
    observe(inputs, count, visit) {
      infer(inputs, count, (_first, n) => {
        for (let t = 0; t < graph.shapes.length; t++) visit(t, valuesOf(workspace, layout, t, n))
      })
    },
    weights: () => readParameters(layout, workspace.floats(), vectors.parameters, true),
    load(weights) {
      writeParameters(layout, workspace.floats(), vectors.parameters, true, weights)
      batchSteps = settledSteps
    },
    checkpoint: () => memory.save(batchSteps),
    restore(checkpoint) {
      batchSteps = memory.load(checkpoint)
    },
    resetOptimizer: update.reset,
    gradients: () => readParameters(layout, workspace.floats(), vectors.gradients, false),
    dispose() {
      if (!disposed) workspace.give(base, bytes)
      disposed = true
    },
  }
}

/** Memory as a training finds it: zeros, grids, initial weights. */
function prepare(workspace: Workspace, layout: Layout, { loss, seed }: TrainerOptions): void {
  const { k } = workspace
  const { grids } = layout.activations
  for (const vector of Object.values(layout.vectors)) k.fill(layout.floats, vector, 0)
  k.fill(layout.statistics.floats, layout.statistics.at, 0)
  if (grids) workspace.write(grids.at, grids.values, grids.values.length)
  writeParameters(layout, workspace.floats(), layout.vectors.parameters, true, initialWeights(layout.graph, seed))
  if (loss.kind === 'crossEntropy' && loss.classWeights) workspace.write(layout.classWeights, loss.classWeights, layout.outputs)
}

/** What a training remembers from step to step, as a checkpoint holds it. `load` gives the steps that batch norm has seen. */
function memoryOf({ floats }: Workspace, layout: Layout, { moments, updates, goOn }: Update) {
  const { parameters } = layout.vectors
  return {
    save: (batchSteps: number): Weights => ({
      ...readParameters(layout, floats(), parameters, true),
      ...momentsNamed(moments.map((vector) => readParameters(layout, floats(), vector, false))),
      steps: Float32Array.of(batchSteps, updates()),
    }),
    load(checkpoint: Weights): number {
      const saved = momentsOf(checkpoint, moments.length)
      writeParameters(layout, floats(), parameters, true, checkpoint)
      for (const [i, vector] of moments.entries()) writeParameters(layout, floats(), vector, false, saved.moments[i]!)
      goOn(saved.steps.updates)
      return saved.steps.ofBatchNorm
    },
  }
}

/** `step`: the number of a training step; absent otherwise. */
type Run = (inputs: Float32Array, count: number, statistics: Statistics, step?: number) => void

/** The forward pass of a batch, up to the logits without padding. */
function runner(workspace: Workspace, layout: Layout, options: TrainerOptions): Run {
  const { k } = workspace
  const { places, pool, activations, vectors } = layout
  const forward = forwardSteps(layout, k)
  const input = places[0]!
  const logits = places[logitsTensor(layout.graph)]!
  const inputFloats = input.pixels * input.channels

  function drop(count: number, step: number | undefined): void {
    const { op, factors } = layout.dropout!
    const { pixels, channels, stride } = layerInput(layout, op)
    const rows = count * pixels
    if (step === undefined) k.fill(rows * stride, factors, 1)
    else workspace.write(factors, dropoutFactors(options, step, rows, channels, stride), rows * stride)
  }

  /** Input and kernels as int8 or 4 bits hold them, with one scale or one a channel (`quant/quantise.ts`). */
  function fake(count: number): void {
    k.activateInPlace(count * input.pixels * input.stride, input.at, activations.of[0]!)
    for (const [i, { K, N, kernel, weights }] of layout.layers)
      k.snapColumns(K, N, vectors.parameters + kernel, hasOneScale(layout.ops[i]!) ? 1 : 0, weightLevels(layout.ops[i]!), weights)
  }

  return (inputs, count, statistics, step) => {
    const raw = input.stride === input.channels ? input.at : pool
    workspace.write(raw, inputs, count * inputFloats)
    if (raw !== input.at) k.restride(count * input.pixels, input.channels, input.stride, raw, input.at)
    if (activations.grids) fake(count)
    if (layout.dropout) drop(count, step)
    for (const operator of forward) operator(count, statistics)
    k.restride(count * logits.pixels, logits.stride, logits.channels, logits.at, layout.logits)
  }
}

const hasOneScale = (op: TrainableOp): boolean => hasWeights(op) && !isPerChannel(op)

/** Values of a tensor as the outside sees them, [n, h, w, c]; valid until something else is computed. */
function valuesOf({ k, read }: Workspace, layout: Layout, tensor: number, n: number): Float32Array {
  const { places, pool, spare } = layout
  const softmaxed = tensor > layout.ops.length
  const { pixels, channels, stride, at, affine, activation } = places[softmaxed ? logitsTensor(layout.graph) : tensor]!
  let from = at
  if (affine) k.normApply(n * pixels, stride, at, affine, activation, (from = pool))
  if (stride !== channels || softmaxed) {
    k.restride(n * pixels, stride, channels, from, spare)
    from = spare
  }
  if (softmaxed) k.softmax(n * pixels, channels, spare)
  return read(from, n * pixels * channels)
}
