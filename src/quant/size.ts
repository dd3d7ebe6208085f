import { countGraph, countOp } from '../graph/count.ts'
import type { Graph } from '../graph/graph.ts'
import type { Weights } from '../graph/weights.ts'

/** Bytes of the parameters in each number format, batch norm folded; scales and file structure are not counted. */
export type WeightBytes = {
  readonly float32: number
  readonly float16: number
  /** int8 weights, float32 biases, activations computed in float32 */
  readonly dynamicRange: number
  /** int8 weights, int32 biases */
  readonly int8: number
}

export function weightBytes(graph: Graph): WeightBytes {
  const { params } = countGraph(graph)
  let int8 = 0
  for (let i = 0; i < graph.ops.length; i++) {
    const { weights, biases } = countOp(graph, i)
    int8 += weights + 4 * biases
  }
  return { float32: 4 * params, float16: 2 * params, dynamicRange: int8, int8 }
}

/**
 * Bytes of all kernels after weight sharing and Huffman coding (Han et al. 2016): per kernel 16 shared values by k-means from a linear start,
 * a code book of float32 values with their code lengths (one byte each), and a coded index per weight.
 */
export function clusteredBytes(weights: Weights, clusters = 16): number {
  let bytes = 0
  for (const [name, kernel] of Object.entries(weights)) {
    if (!name.endsWith('/kernel')) continue
    const { counts } = cluster(kernel, clusters)
    bytes += counts.filter((n) => n > 0).length * 5 + Math.ceil(huffmanBits(counts) / 8)
  }
  return bytes
}

/** One-dimensional k-means, 20 rounds of Lloyd's algorithm. `codes[k]` is the centroid of value k. */
export function cluster(values: Float32Array, clusters: number) {
  let [low, high] = [Infinity, -Infinity]
  for (const v of values) {
    low = Math.min(low, v)
    high = Math.max(high, v)
  }
  const centroids = Float64Array.from({ length: clusters }, (_, i) => low + ((high - low) * i) / Math.max(1, clusters - 1))
  const codes = new Uint8Array(values.length)
  const counts = new Array<number>(clusters).fill(0)
  for (let round = 0; round < 20; round++) {
    const sums = new Float64Array(clusters)
    counts.fill(0)
    for (let k = 0; k < values.length; k++) {
      const code = nearest(centroids, values[k]!)
      codes[k] = code
      counts[code]!++
      sums[code]! += values[k]!
    }
    for (let i = 0; i < clusters; i++) if (counts[i]! > 0) centroids[i] = sums[i]! / counts[i]!
  }
  return { centroids, codes, counts }
}

function nearest(centroids: Float64Array, v: number): number {
  let best = 0
  for (let i = 1; i < centroids.length; i++) if (Math.abs(centroids[i]! - v) < Math.abs(centroids[best]! - v)) best = i
  return best
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
