import { type Graph, hasBatchNorm, type OpOf, outputOf } from '../graph/graph.ts'
import { type FloatPart, type Weights, weightName } from '../graph/weights.ts'
import type { TensorRanges } from './calibrate.ts'
import { batchNormGain, kernelChannel, parameter } from './fold.ts'

type Convolution = OpOf<'conv2d' | 'depthwise'>
const rounds = 10

/**
 * Cross-layer equalisation (Nagel et al. 2019): where one convolution feeds only another, channel i of the first is divided by s[i] and the
 * second's kernel multiplied by it, s[i] = sqrt(r1[i] / r2[i]) with r the ranges of the folded kernels, repeated until chains settle. The float
 * function stays the same, because ReLU and identity commute with a positive factor; the tensor between gets channels of similar range.
 *
 * A layer with a hard sigmoid is left alone. ReLU6 does not commute. Such a tensor is touched only where `ranges` (full, uncut) prove that it stays below 6, before and after.
 */
export function equalise(graph: Graph, weights: Weights, ranges?: TensorRanges): Weights {
  const result: Record<string, Float32Array> = {}
  for (const [name, values] of Object.entries(weights)) result[name] = values.slice()
  const pairs = graph.ops.flatMap((op, i) => {
    const readers = graph.ops.flatMap((reader, j) => (reader.inputs.some((t) => t === outputOf(i)) ? [j] : []))
    const next = graph.ops[readers[0]!]
    if (!hasBatchNorm(op) || op.activation === 'hardSigmoid' || readers.length !== 1 || !next || !hasBatchNorm(next)) return []
    if (next.kind === 'depthwise' && next.multiplier !== 1) return []
    const lowest = op.activation === 'relu6' ? (ranges?.[outputOf(i)]?.max ?? Infinity) / 6 : 0
    return lowest < 1 ? [{ i, op, j: readers[0]!, next, lowest }] : []
  })
  // Factors of repeated rounds multiply: the bound for ReLU6 holds for their product.
  const totals = pairs.map(({ i }) => new Float64Array(graph.shapes[outputOf(i)]![2]).fill(1))
  for (let round = 0; round < rounds; round++)
    pairs.forEach(({ i, op, j, next, lowest }, k) => {
      const first = outputRanges(graph, result, i, op)
      const second = inputRanges(graph, result, j, next)
      const total = totals[k]!
      const factors = total.map((t, c) => {
        const wanted = first[c]! > 0 && second[c]! > 0 ? Math.sqrt(first[c]! / second[c]!) : 1
        return Math.max(wanted * t, lowest) / t
      })
      factors.forEach((s, c) => {
        total[c]! *= s
      })
      scaleOutputs(result, i, factors)
      scaleInputs(graph, result, j, next, factors)
    })
  return result
}

function outputRanges(graph: Graph, weights: Weights, i: number, op: Convolution): Float64Array {
  const channels = graph.shapes[outputOf(i)]![2]
  const kernel = parameter(weights, weightName(i, 'kernel'))
  const gain = batchNormGain(weights, i)
  const channelOf = kernelChannel(op.kind, channels, kernel.length)
  const ranges = new Float64Array(channels)
  kernel.forEach((w, k) => {
    const c = channelOf(k)
    ranges[c] = Math.max(ranges[c]!, Math.abs(w * gain[c]!))
  })
  return ranges
}

/** Largest folded weight that reads each input channel. Input channels lie innermost in both kernel layouts. */
function inputRanges(graph: Graph, weights: Weights, j: number, op: Convolution): Float64Array {
  const inputs = graph.shapes[op.inputs[0]]![2]
  const outputs = graph.shapes[outputOf(j)]![2]
  const kernel = parameter(weights, weightName(j, 'kernel'))
  const gain = batchNormGain(weights, j)
  const outputOfTap = kernelChannel(op.kind, outputs, kernel.length)
  const ranges = new Float64Array(inputs)
  kernel.forEach((w, k) => {
    ranges[k % inputs] = Math.max(ranges[k % inputs]!, Math.abs(w * gain[outputOfTap(k)]!))
  })
  return ranges
}

function scaleOutputs(weights: Record<string, Float32Array>, i: number, factors: Float64Array): void {
  for (const part of ['gamma', 'beta'] as const satisfies readonly FloatPart[]) {
    const name = weightName(i, part)
    weights[name] = parameter(weights, name).map((v, c) => v / factors[c]!)
  }
}

function scaleInputs(
  graph: Graph,
  weights: Record<string, Float32Array>,
  j: number,
  op: Convolution,
  factors: Float64Array,
): void {
  const inputs = graph.shapes[op.inputs[0]]![2]
  const name = weightName(j, 'kernel')
  weights[name] = parameter(weights, name).map((w, k) => w * factors[k % inputs]!)
}
