import type { Graph, OpKind } from '../graph/graph.ts'
import { hasWeights, type Op, outputOf } from '../graph/graph.ts'

/** Why an operator cannot train, or undefined where it can. */
const refusal: { readonly [K in OpKind]: (op: Extract<Op, { kind: K }>) => string | undefined } = {
  conv2d: () => undefined,
  depthwise: (op) => (op.multiplier === 1 ? undefined : `with multiplier ${op.multiplier}`),
  dense: () => undefined,
  add: () => undefined,
  averagePool: () => undefined,
  maxPool: () => undefined,
  mean: () => undefined,
  softmax: () => 'before the end of the network',
  mul: () => undefined,
  reshape: () => '',
  pad: () => '',
  concat: () => '',
  quantize: () => '',
  hardSwish: () => undefined,
}

/** The tensor that holds the logits: a final softmax belongs to the loss. */
export const logitsTensor = (graph: Graph): number => {
  const last = graph.ops.length - 1
  return graph.ops[last]?.kind === 'softmax' ? graph.ops[last].inputs[0] : outputOf(last)
}

/** The layer that makes the logits, before which dropout stands. Throws RangeError where they come from something else. */
export function classifier(graph: Graph): { readonly op: number; readonly input: number } {
  const op = logitsTensor(graph) - 1
  const layer = graph.ops[op]
  if (!layer || !hasWeights(layer)) throw new RangeError('dropout stands before a classifier, and no layer makes these logits')
  return { op, input: layer.inputs[0] }
}

/** Operators to run: all but a final softmax. */
export const trainedOps = (graph: Graph): readonly Op[] =>
  graph.ops.at(-1)?.kind === 'softmax' ? graph.ops.slice(0, -1) : graph.ops

/** Throws RangeError naming the first operator that cannot train. */
export function checkTrainable(graph: Graph): void {
  trainedOps(graph).forEach((op, i) => {
    const why = refusal[op.kind](op as never)
    if (why !== undefined) throw new RangeError(`operator ${i}: ${op.kind} ${why} cannot be trained`.replace('  ', ' '))
  })
}
