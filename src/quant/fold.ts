import { type Graph, scaleAndShift } from '../graph/graph.ts'
import { hasBatchNorm, hasWeights, type KernelTensor, kernelsOf, sizeOf } from '../graph/traits.ts'
import { batchNormEpsilon, type Weights, weightName } from '../graph/weights.ts'

/** One weight tensor in the layout of `graph/weights.ts`, and the output channel of its element k. */
export type FoldedKernel = { readonly values: Float32Array; readonly channelOf: (k: number) => number }
/** Weight tensors and bias `[channels]`, batch norm folded into both. */
export type FoldedLayer = { readonly kernels: readonly [FoldedKernel, ...FoldedKernel[]]; readonly bias: Float32Array }

/**
 * The float network that is quantised and exported: convolution and dense layers with bias only. By operator index; undefined for operators
 * without parameters. y = gamma (conv(x) - mean) / sqrt(variance + epsilon) + beta, computed in double, stored in float32. What hardSigmoid does before it
 * clamps is folded as well.
 */
export function foldBatchNorm(graph: Graph, weights: Weights): (FoldedLayer | undefined)[] {
  return graph.ops.map((op, i) => {
    if (!hasWeights(op)) return undefined
    const { gain: own, shift } = scaleAndShift(op.activation)
    const norm = hasBatchNorm(op) ? batchNormGain(weights, i) : undefined
    const kernels = kernelsOf(graph, i).map((tensor) => {
      const values = parameter(weights, weightName(i, tensor.part))
      const channelOf = kernelChannel(tensor)
      if (norm) return { values: values.map((w, k) => w * norm[channelOf(k)]! * own), channelOf }
      return { values: own === 1 ? values : values.map((w) => w * own), channelOf }
    }) as [FoldedKernel, ...FoldedKernel[]]
    if (!norm) {
      const bias = parameter(weights, weightName(i, 'bias'))
      return { kernels, bias: own === 1 ? bias : bias.map((b) => b * own + shift) }
    }
    const mean = parameter(weights, weightName(i, 'mean'))
    const beta = parameter(weights, weightName(i, 'beta'))
    return { kernels, bias: beta.map((b, c) => (b - mean[c]! * norm[c]!) * own + shift) }
  })
}

/** gamma / sqrt(variance + epsilon) per channel of convolution i. */
export function batchNormGain(weights: Weights, i: number): Float64Array {
  const variance = parameter(weights, weightName(i, 'variance'))
  return Float64Array.from(parameter(weights, weightName(i, 'gamma')), (g, c) => g / Math.sqrt(variance[c]! + batchNormEpsilon))
}

/** Output channel of element k of a weight tensor. */
export function kernelChannel({ channels, shape }: Pick<KernelTensor, 'channels' | 'shape'>): (k: number) => number {
  if (channels === 'first') {
    const perChannel = sizeOf(shape) / shape[0]!
    return (k) => Math.floor(k / perChannel)
  }
  const count = shape.at(-1)!
  return (k) => k % count
}

export function parameter(weights: Weights, name: string): Float32Array {
  const values = weights[name]
  if (!values) throw new RangeError(`weights have no parameter ${name}`)
  return values
}
