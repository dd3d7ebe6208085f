import { elements, type Graph, hasBatchNorm } from '../../graph/graph.ts'
import { weightShapes } from '../../graph/weights.ts'
import type { Engine } from '../engine.ts'
import type { Tf } from './library.ts'
import { createTrainer } from './trainer.ts'

/** The engine over a TensorFlow.js whose back end is ready: the same networks, losses and updates as the wasm engine, other kernels. */
export const makeTensorflowEngine = (tf: Tf): Engine => ({
  name: 'tensorflow',
  create: (graph, options) => createTrainer(tf, graph, options),
  memoryBytes,
})

/** Arrays of an output's size alive at once at the peak of a step: the values that gradients read, and what they pass on. */
const copies = { plain: 3, batchNorm: 9 } as const
/** A parameter, its gradient, two moments, and the update in the making. */
const parameterCopies = 8

/**
 * TensorFlow allocates as it goes, so this is a bound from the arrays that gradients keep, tested against the library's own account of its
 * tensors. What the library itself takes (some 400 MB) and scratch inside its kernels come on top.
 */
function memoryBytes(graph: Graph, batchSize: number): number {
  let parameters = 0
  for (const shape of weightShapes(graph).values()) parameters += shape.reduce((a, b) => a * b, 1)
  let values = copies.plain * elements(graph.shapes[0]!)
  graph.ops.forEach((op, i) => {
    const own = elements(graph.shapes[i + 1]!) * (hasBatchNorm(op) ? copies.batchNorm : copies.plain)
    values += own
  })
  return 4 * (parameterCopies * parameters + batchSize * values)
}
