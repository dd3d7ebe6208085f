import { type Graph, outputOf } from '../graph/graph.ts'
import { operators } from '../graph/operators.ts'
import { hasWeights, isTrainable, type TrainableOp, widthOf } from '../graph/traits.ts'

/** A final softmax belongs to the loss. */
const endsInLoss = ({ ops }: Graph): boolean => ops.length > 0 && operators[ops.at(-1)!.kind].trainable === 'inLoss'

/** The tensor that holds the logits. */
export const logitsTensor = (graph: Graph): number => {
  const last = graph.ops.length - 1
  return endsInLoss(graph) ? graph.ops[last]!.inputs[0]! : outputOf(last)
}

/** The layer that makes the logits, before which dropout stands. Throws RangeError where they come from something else. */
export function classifier(graph: Graph): { readonly op: number; readonly input: number } {
  const op = logitsTensor(graph) - 1
  const layer = graph.ops[op]
  if (!layer || !hasWeights(layer)) throw new RangeError('dropout stands before a classifier, and no layer makes these logits')
  return { op, input: layer.inputs[0] }
}

/** Operators to run. Throws RangeError naming the first that cannot train. */
export function trainedOps(graph: Graph): readonly TrainableOp[] {
  const ops = endsInLoss(graph) ? graph.ops.slice(0, -1) : graph.ops
  return ops.map((op, i) => {
    if (!isTrainable(op)) {
      const why = operators[op.kind].trainable === 'inLoss' ? 'before the end of the network ' : ''
      throw new RangeError(`operator ${i}: ${op.kind} ${why}cannot be trained`)
    }
    // depthwise kernels have one output for each input
    if (hasWeights(op) && widthOf(graph, i) === 'computed')
      throw new RangeError(`operator ${i}: ${op.kind} ${multiplierOf(op)}cannot be trained`)
    return op
  })
}

const multiplierOf = (op: TrainableOp): string => ('multiplier' in op ? `with multiplier ${op.multiplier} ` : '')
