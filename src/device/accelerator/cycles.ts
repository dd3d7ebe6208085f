import { countOp } from '../../graph/count.ts'
import { elements, type Graph, outputOf } from '../../graph/graph.ts'
import type { Compute, Engine } from './schema.ts'

/** Cycles of the engine for operator i: coarse, from the shape of its blocks and its transfers. */
export function engineCycles(graph: Graph, i: number, engine: Engine): number {
  const op = graph.ops[i]!
  const output = graph.shapes[outputOf(i)]!
  const outputs = elements(output)
  const compute = computeOf(op.kind, engine)
  const { weights, biases } = countOp(graph, i)
  let moved = outputs
  for (const t of op.inputs) moved += elements(graph.shapes[t]!)
  const products = compute === undefined ? engine.elementCycles * outputs : productCycles(graph, i, compute)
  const written = compute === undefined ? 0 : engine.outputCycles * outputs
  const read = engine.weightCycles * (weights + 4 * biases)
  const transfer = engine.activationCycles * moved
  const work = engine.joined === 'sum' ? products + written + read + transfer : Math.max(products, written, read, transfer)
  return engine.scale * (work + engine.opCycles)
}

function computeOf(kind: Graph['ops'][number]['kind'], engine: Engine): Compute | undefined {
  switch (kind) {
    case 'conv2d':
      return engine.conv
    case 'depthwise':
      return engine.depthwise
    case 'dense':
      return engine.dense
    case 'averagePool':
    case 'maxPool':
    case 'mean':
      return engine.pool
    default:
      return undefined
  }
}

function productCycles(graph: Graph, i: number, compute: Compute): number {
  const op = graph.ops[i]!
  const input = graph.shapes[op.inputs[0]!]!
  const output = graph.shapes[outputOf(i)]!
  const taps = op.kind === 'mean' ? input[0] * input[1] : 'kernel' in op ? op.kernel[0] * op.kernel[1] : 1
  // a depthwise layer and a pool read one channel for each output, a dense layer all values
  const channels = op.kind === 'conv2d' ? input[2] : op.kind === 'dense' ? elements(input) : 1
  if ('macsPerCycle' in compute) return (elements(output) * taps * channels) / compute.macsPerCycle
  const { block, traversals } = compute
  let least = Number.POSITIVE_INFINITY
  for (const t of traversals) least = Math.min(least, Math.ceil(taps / t.taps) * Math.ceil(channels / t.channels) * t.cycles)
  return Math.ceil(output[0] / block[0]) * Math.ceil(output[1] / block[1]) * Math.ceil(output[2] / block[2]) * least
}
