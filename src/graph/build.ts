import type { Graph, Op, Shape } from './graph.ts'
import { rowOf } from './operators.ts'

/** A graph from its operators: shapes are inferred and checked. Throws RangeError naming the operator that does not fit. */
export function buildGraph(input: Shape, ops: readonly Op[]): Graph {
  const shapes: Shape[] = [input]
  ops.forEach((op, i) => {
    if (op.inputs.some((t) => !Number.isInteger(t) || t < 0 || t > i))
      throw new RangeError(`operator ${i} (${op.kind}) reads a tensor that does not exist yet`)
    try {
      shapes.push(
        rowOf(op).shape(
          op as never,
          op.inputs.map((t) => shapes[t]!),
        ),
      )
    } catch (cause) {
      throw new RangeError(`operator ${i}: ${(cause as Error).message}`, { cause })
    }
  })
  return { ops, shapes }
}
