import { type Graph, outputOf } from './graph.ts'
import { rowOf } from './operators.ts'
import { packedBytes, sizeOf, weightBitsOf } from './traits.ts'

export type OpCount = {
  readonly macs: number
  readonly weights: number
  readonly biases: number
  readonly weightBytes: number
  readonly pairedBytes: number
}

/**
 * MACs, weights with their bytes in 8 or 4 bits, and int32 biases of operator i. `pairedBytes`: as our generated C keeps them, a byte for the weights
 * of 4 bits of two output channels.
 */
export function countOp(graph: Graph, i: number): OpCount {
  const op = graph.ops[i]!
  const row = rowOf(op)
  let weights = 0
  let weightBytes = 0
  let pairedBytes = 0
  const input = graph.shapes[op.inputs[0]!]!
  const output = graph.shapes[outputOf(i)]!
  for (let k = 0; k < row.kernels.length; k++) {
    const size = sizeOf(row.kernels[k]!.shape(op as never, input, output))
    weights += size
    weightBytes += packedBytes(op, size)
    pairedBytes += weightBitsOf(op) === 4 ? ((output[2] + 1) >> 1) * (size / output[2]) : size
  }
  return {
    macs: row.macs(op as never, input, output),
    weights,
    weightBytes,
    pairedBytes,
    biases: row.biases(op as never, output),
  }
}

/** MACs and parameters (weights and biases, batch norm folded) of the whole network. */
export function countGraph(graph: Graph): { macs: number; params: number } {
  let macs = 0
  let params = 0
  for (let i = 0; i < graph.ops.length; i++) {
    const c = countOp(graph, i)
    macs += c.macs
    params += c.weights + c.biases
  }
  return { macs, params }
}
