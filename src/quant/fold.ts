import { type Graph, hasBatchNorm, hasWeights, outputOf, scaleAndShift } from '../graph/graph.ts'
import { batchNormEpsilon, type Weights, weightName } from '../graph/weights.ts'

/** Kernel in the layout of `graph/weights.ts` and bias `[channels]`, batch norm folded into both. */
export type FoldedLayer = { readonly kernel: Float32Array; readonly bias: Float32Array }

/**
 * The float network that is quantised and exported: convolution and dense layers with bias only. By operator index; undefined for operators
 * without parameters. y = gamma (conv(x) - mean) / sqrt(variance + epsilon) + beta, computed in double, stored in float32. What hardSigmoid does before it
 * clamps is folded as well.
 */
export function foldBatchNorm(graph: Graph, weights: Weights): (FoldedLayer | undefined)[] {
  return graph.ops.map((op, i) => {
    if (!hasWeights(op)) return undefined
    const kernel = parameter(weights, weightName(i, 'kernel'))
    const { gain: own, shift } = scaleAndShift(op.activation)
    if (!hasBatchNorm(op)) {
      const bias = parameter(weights, weightName(i, 'bias'))
      return own === 1 ? { kernel, bias } : { kernel: kernel.map((w) => w * own), bias: bias.map((b) => b * own + shift) }
    }
    const channels = graph.shapes[outputOf(i)]![2]
    const channelOf = kernelChannel(op.kind, channels, kernel.length)
    const gain = batchNormGain(weights, i)
    const mean = parameter(weights, weightName(i, 'mean'))
    const beta = parameter(weights, weightName(i, 'beta'))
    return {
      kernel: kernel.map((w, k) => w * gain[channelOf(k)]! * own),
      bias: beta.map((b, c) => (b - mean[c]! * gain[c]!) * own + shift),
    }
  })
}

/** gamma / sqrt(variance + epsilon) per channel of convolution i. */
export function batchNormGain(weights: Weights, i: number): Float64Array {
  const variance = parameter(weights, weightName(i, 'variance'))
  return Float64Array.from(parameter(weights, weightName(i, 'gamma')), (g, c) => g / Math.sqrt(variance[c]! + batchNormEpsilon))
}

/** Output channel of kernel element k: depthwise kernels have channels last, all others first. */
export function kernelChannel(kind: 'conv2d' | 'depthwise' | 'dense', channels: number, length: number): (k: number) => number {
  const perChannel = length / channels
  return kind === 'depthwise' ? (k) => k % channels : (k) => Math.floor(k / perChannel)
}

export function parameter(weights: Weights, name: string): Float32Array {
  const values = weights[name]
  if (!values) throw new RangeError(`weights have no parameter ${name}`)
  return values
}
