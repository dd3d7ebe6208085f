import { countGraph, countOp } from '../graph/count.ts'
import type { Graph } from '../graph/graph.ts'
import { packedBytes } from '../graph/traits.ts'
import type { QuantizedModel } from './model.ts'

/** Bytes of the parameters in each number format, batch norm folded; scales and file structure are not counted. */
export type WeightBytes = {
  readonly float32: number
  readonly float16: number
  /** int8 weights, float32 biases, activations computed in float32 */
  readonly dynamicRange: number
  /** weights in 8 or 4 bits, int32 biases */
  readonly int8: number
}

export function weightBytes(graph: Graph): WeightBytes {
  const { params } = countGraph(graph)
  let dynamicRange = 0
  let int8 = 0
  for (let i = 0; i < graph.ops.length; i++) {
    const { weights, weightBytes, biases } = countOp(graph, i)
    dynamicRange += weights + 4 * biases
    int8 += weightBytes + 4 * biases
  }
  return { float32: 4 * params, float16: 2 * params, dynamicRange, int8 }
}

/**
 * Bytes of all kernels when each is Huffman-coded (Han et al. 2016) or left as it is, whatever is smaller. A code book is a byte for each value that occurs
 * and one for the length of its code.
 */
export function codedBytes({ graph, layers }: Pick<QuantizedModel, 'graph' | 'layers'>): number {
  let bytes = 0
  const kernels = layers.flatMap((layer, i) => (layer?.kernels ?? []).map(({ weights }) => ({ weights, op: graph.ops[i]! })))
  for (const { weights, op } of kernels) {
    const counts = new Array<number>(256).fill(0)
    for (const q of weights) counts[q + 128]!++
    bytes += Math.min(
      packedBytes(op, weights.length),
      2 * counts.filter((n) => n > 0).length + Math.ceil(huffmanBits(counts) / 8),
    )
  }
  return bytes
}

/** Bits of a message with these symbol counts under an optimal prefix code. A message of one symbol takes one bit each. */
export function huffmanBits(counts: readonly number[]): number {
  const heap = counts.filter((n) => n > 0).sort((a, b) => a - b)
  if (heap.length === 1) return heap[0]!
  let bits = 0
  while (heap.length > 1) {
    const merged = heap.shift()! + heap.shift()!
    bits += merged
    const at = heap.findIndex((n) => n > merged)
    heap.splice(at < 0 ? heap.length : at, 0, merged)
  }
  return bits
}
