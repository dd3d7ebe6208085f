import { elements, type Graph } from '../../graph/graph.ts'
import { dropoutFactors } from '../dropout.ts'
import type { Batch, StepOptions, Trainer, TrainerOptions } from '../engine.ts'
import { initialWeights } from '../initial-weights.ts'
import { keptShare, settledSteps } from '../running-statistics.ts'
import { logitsTensor } from '../trainable.ts'
import { backwardSteps } from './backward.ts'
import { forwardSteps, type Statistics } from './forward.ts'
import { layerInput, planLayout } from './layout.ts'
import { lossStep } from './loss.ts'
import { readParameters, writeParameters } from './parameters.ts'
import { createUpdate } from './update.ts'
import type { Workspace } from './workspace.ts'

/** A network in training inside `workspace`. */
export function createTrainer(workspace: Workspace, graph: Graph, options: TrainerOptions): Trainer {
  const { k } = workspace
  const { batchSize, loss } = options
  const bytes = planLayout(graph, batchSize, 0, options).bytes
  const base = workspace.take(bytes)
  const layout = planLayout(graph, batchSize, base, options)
  const forward = forwardSteps(layout, k)
  const backward = backwardSteps(layout, k)
  const lossOf = lossStep(layout, k, loss)
  const update = createUpdate(layout, k, options.optimizer)
  const { vectors, places, pool, spare, outputs, activations } = layout
  const { grids } = activations
  const input = places[0]!
  const logits = places[logitsTensor(graph)]!
  const inputFloats = elements(graph.shapes[0]!)
  let batchSteps = 0
  let disposed = false

  for (const vector of Object.values(vectors)) k.fill(layout.floats, vector, 0)
  k.fill(layout.statistics.floats, layout.statistics.at, 0)
  if (grids) workspace.write(grids.at, grids.values, grids.values.length)
  writeParameters(layout, workspace.floats(), initialWeights(graph, options.seed))
  if (loss.kind === 'crossEntropy' && loss.classWeights) workspace.write(layout.classWeights, loss.classWeights, outputs)

  /** `step`: the number of a training step; absent otherwise. */
  function run(inputs: Float32Array, count: number, statistics: Statistics, step?: number): void {
    if (disposed) throw new Error('this trainer was disposed of')
    const raw = input.stride === input.channels ? input.at : pool
    workspace.write(raw, inputs, count * inputFloats)
    if (raw !== input.at) k.restride(count * input.pixels, input.channels, input.stride, raw, input.at)
    if (grids) fake(count)
    if (layout.dropout) drop(count, step)
    for (const operator of forward) operator(count, statistics)
    k.restride(count * logits.pixels, logits.stride, logits.channels, logits.at, layout.logits)
  }

  function drop(count: number, step: number | undefined): void {
    const { op, factors } = layout.dropout!
    const { pixels, channels, stride } = layerInput(layout, op)
    const rows = count * pixels
    if (step === undefined) k.fill(rows * stride, factors, 1)
    else workspace.write(factors, dropoutFactors(options, step, rows, channels, stride), rows * stride)
  }

  /** Input and kernels as int8 holds them. A dense layer has one scale, convolutions have one a channel (`quant/quantise.ts`). */
  function fake(count: number): void {
    k.activateInPlace(count * input.pixels * input.stride, input.at, activations.of[0]!)
    for (const [i, { K, N, kernel, weights }] of layout.layers)
      k.snapColumns(K, N, vectors.parameters + kernel, layout.ops[i]!.kind === 'dense' ? 1 : 0, weights)
  }

  /** Calls `visit` for each chunk of at most a batch, with running statistics. */
  function infer(inputs: Float32Array, count: number, visit: (first: number, n: number) => void): void {
    for (let first = 0; first < count; first += batchSize) {
      const n = Math.min(batchSize, count - first)
      run(inputs.subarray(first * inputFloats, (first + n) * inputFloats), n, { from: 'running' })
      visit(first, n)
    }
  }

  function step(batch: Batch, stepOptions: StepOptions): number {
    const { count } = batch
    if (!(count >= 1 && count <= batchSize)) throw new RangeError(`a batch of ${count} where 1 to ${batchSize} were planned`)
    const frozen = stepOptions.frozenBatchNorm === true
    const keep = keptShare(batchSteps)
    run(batch.inputs, count, frozen ? { from: 'running' } : { from: 'batch', keep }, stepOptions.step ?? 0)
    if (!frozen) batchSteps++
    workspace.write(layout.targets, batch.targets, count * outputs)
    if (batch.teacherLogits) workspace.write(layout.teacher, batch.teacherLogits, count * outputs)
    const value = lossOf(batch, stepOptions.distillation)
    k.restride(count * logits.pixels, logits.channels, logits.stride, layout.logitsGradient, pool + layout.backward.start)
    for (const back of backward) back(count, frozen)
    update.step(stepOptions.learningRate, stepOptions.clipNorm ?? 0)
    return value
  }

  /** Values of a tensor as the outside sees them, [n, h, w, c]. */
  function valuesOf(tensor: number, n: number): Float32Array {
    const softmaxed = tensor > layout.ops.length
    const { pixels, channels, stride, at, affine, activation } = softmaxed ? logits : places[tensor]!
    let from = at
    if (affine) k.normApply(n * pixels, stride, at, affine, activation, (from = pool))
    if (stride !== channels || softmaxed) {
      k.restride(n * pixels, stride, channels, from, spare)
      from = spare
    }
    if (softmaxed) k.softmax(n * pixels, channels, spare)
    return workspace.read(from, n * pixels * channels)
  }

  return {
    graph,
    step,
    predict(inputs, count) {
      const result = new Float32Array(count * outputs)
      infer(inputs, count, (first, n) => result.set(workspace.read(layout.logits, n * outputs), first * outputs))
      return result
    },
    observe(inputs, count, visit) {
      infer(inputs, count, (_first, n) => {
        for (let t = 0; t < graph.shapes.length; t++) visit(t, valuesOf(t, n))
      })
    },
    weights: () => readParameters(layout, workspace.floats(), vectors.parameters, true),
    load(weights) {
      writeParameters(layout, workspace.floats(), weights)
      batchSteps = settledSteps
    },
    resetOptimizer: update.reset,
    gradients: () => readParameters(layout, workspace.floats(), vectors.gradients, false),
    dispose() {
      if (!disposed) workspace.give(base, bytes)
      disposed = true
    },
  }
}
