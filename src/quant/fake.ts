import { type Graph, hasWeights, outputOf } from '../graph/graph.ts'
import { type Weights, weightName } from '../graph/weights.ts'
import { kernelChannel, parameter } from './fold.ts'
import { roundAway } from './multiplier.ts'

/**
 * The float weights that int8 can hold: kernels snapped to their grid, everything else as it was. For quantisation-aware fine-tuning, which
 * computes with snapped weights and updates the exact ones (straight-through estimator, Bengio et al. 2013).
 * Folding batch norm scales a channel's kernel and its grid alike, so the grid of the bare kernel is the grid of the folded one.
 */
export function snapWeights(graph: Graph, weights: Weights, dense: 'perTensor' | 'perChannel' = 'perTensor'): Weights {
  const result: Record<string, Float32Array> = { ...weights }
  graph.ops.forEach((op, i) => {
    if (!hasWeights(op)) return
    const name = weightName(i, 'kernel')
    const kernel = parameter(weights, name)
    const channels = graph.shapes[outputOf(i)]![2]
    const perTensor = op.kind === 'dense' && dense === 'perTensor'
    result[name] = snapKernel(kernel, perTensor ? () => 0 : kernelChannel(op.kind, channels, kernel.length), channels)
  })
  return result
}

function snapKernel(kernel: Float32Array, channelOf: (k: number) => number, channels: number): Float32Array {
  const largest = new Float32Array(channels)
  for (let k = 0; k < kernel.length; k++) largest[channelOf(k)] = Math.max(largest[channelOf(k)]!, Math.abs(kernel[k]!))
  return kernel.map((w, k) => {
    const scale = Math.fround(largest[channelOf(k)]! / 127) || 1
    return Math.max(-127, Math.min(127, roundAway(w / scale))) * scale
  })
}
