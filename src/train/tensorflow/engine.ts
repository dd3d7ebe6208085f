import { elements, type Graph } from '../../graph/graph.ts'
import { hasBatchNorm, isTrainable, type TrainableKind } from '../../graph/traits.ts'
import { weightShapes } from '../../graph/weights.ts'
import type { Engine, MemoryOptions } from '../engine.ts'
import { classifier } from '../trainable.ts'
import type { Tf } from './library.ts'
import { createTrainer } from './trainer.ts'

/** The engine over a TensorFlow.js whose back end is ready: the same networks, losses and updates as the wasm engine, other kernels. */
export const makeTensorflowEngine = (tf: Tf): Engine => ({
  name: 'tensorflow',
  create: (graph, options) => createTrainer(tf, graph, options),
  memoryBytes,
})

/**
 * Arrays alive at once at the peak of a step, measured by the library's own account on random networks: of an output's size (the values that
 * gradients read and pass on), of an input's size where windows are cut out of padded images, of a parameter's size (its own, the gradient,
 * two moments, an update in the making), of what dropout reads, and of every value and parameter that is rounded to int8.
 */
const copies = { output: 8, normalised: 26, window: 6, parameter: 16, dropped: 4, rounded: 6 } as const

/** Whether an operator may have to cut windows out of a padded copy (`windows.ts`). */
const cutsWindows: Readonly<Record<TrainableKind, boolean>> = {
  conv2d: false,
  depthwise: true,
  dense: false,
  add: false,
  mul: false,
  averagePool: true,
  maxPool: false,
  mean: false,
  hardSwish: false,
}

/** TensorFlow allocates as it goes: an estimate on the safe side, 1 to 6 times the peak. The library itself (half a GB) and scratch in its kernels come on top. */
function memoryBytes(graph: Graph, { batchSize, dropout = 0, int8Aware = false }: MemoryOptions): number {
  const { ops, shapes } = graph
  let values = copies.output * elements(shapes[0]!)
  if (int8Aware) values += copies.rounded * shapes.reduce((sum, shape) => sum + elements(shape), 0)
  if (dropout > 0) values += copies.dropped * elements(shapes[classifier(graph).input]!)
  ops.forEach((op, i) => {
    values += elements(shapes[i + 1]!) * (hasBatchNorm(op) ? copies.normalised : copies.output)
    if (isTrainable(op) && cutsWindows[op.kind]) values += elements(shapes[op.inputs[0]!]!) * copies.window
  })
  let parameters = 0
  for (const shape of weightShapes(graph).values()) parameters += shape.reduce((a, b) => a * b, 1)
  return 4 * ((copies.parameter + (int8Aware ? copies.rounded : 0)) * parameters + batchSize * values)
}
