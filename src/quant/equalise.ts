import { type Graph, outputOf } from '../graph/graph.ts'
import { hasBatchNorm, kernelsOf, widthOf } from '../graph/traits.ts'
import { type FloatPart, type Weights, weightName } from '../graph/weights.ts'
import type { TensorRanges } from './calibrate.ts'
import { batchNormGain, kernelChannel, parameter } from './fold.ts'

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
    // input channels lie innermost in its kernels: so they do in those of convolutions, and of depthwise layers that have one output for each
    if (widthOf(graph, readers[0]!) === 'computed') return []
    const lowest = op.activation === 'relu6' ? (ranges?.[outputOf(i)]?.max ?? Infinity) / 6 : 0
    return lowest < 1 ? [{ i, j: readers[0]!, lowest }] : []
  })
  // Factors of repeated rounds multiply: the bound for ReLU6 holds for their product.
  const totals = pairs.map(({ i }) => new Float64Array(graph.shapes[outputOf(i)]![2]).fill(1))
  for (let round = 0; round < rounds; round++)
    pairs.forEach(({ i, j, lowest }, k) => {
      const first = outputRanges(graph, result, i)
      const second = inputRanges(graph, result, j, graph.shapes[outputOf(i)]![2])
      const total = totals[k]!
      const factors = total.map((t, c) => {
        const wanted = first[c]! > 0 && second[c]! > 0 ? Math.sqrt(first[c]! / second[c]!) : 1
        return Math.max(wanted * t, lowest) / t
      })
      factors.forEach((s, c) => {
        total[c]! *= s
      })
      scaleOutputs(result, i, factors)
      scaleInputs(graph, result, j, factors)
    })
  return result
}

function outputRanges(graph: Graph, weights: Weights, i: number): Float64Array {
  const gain = batchNormGain(weights, i)
  const ranges = new Float64Array(gain.length)
  for (const tensor of kernelsOf(graph, i)) {
    const channelOf = kernelChannel(tensor)
    parameter(weights, weightName(i, tensor.part)).forEach((w, k) => {
      const c = channelOf(k)
      ranges[c] = Math.max(ranges[c]!, Math.abs(w * gain[c]!))
    })
  }
  return ranges
}

/** Largest folded weight that reads each input channel. Input channels lie innermost in both kernel layouts. */
function inputRanges(graph: Graph, weights: Weights, j: number, inputs: number): Float64Array {
  const gain = batchNormGain(weights, j)
  const ranges = new Float64Array(inputs)
  for (const tensor of kernelsOf(graph, j)) {
    const outputOfTap = kernelChannel(tensor)
    parameter(weights, weightName(j, tensor.part)).forEach((w, k) => {
      ranges[k % inputs] = Math.max(ranges[k % inputs]!, Math.abs(w * gain[outputOfTap(k)]!))
    })
  }
  return ranges
}

function scaleOutputs(weights: Record<string, Float32Array>, i: number, factors: Float64Array): void {
  for (const part of ['gamma', 'beta'] as const satisfies readonly FloatPart[]) {
    const name = weightName(i, part)
    weights[name] = parameter(weights, name).map((v, c) => v / factors[c]!)
  }
}

function scaleInputs(graph: Graph, weights: Record<string, Float32Array>, j: number, factors: Float64Array): void {
  for (const { part } of kernelsOf(graph, j)) {
    const name = weightName(j, part)
    weights[name] = parameter(weights, name).map((w, k) => w * factors[k % factors.length]!)
  }
}
