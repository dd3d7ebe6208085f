import type { Graph, Op, TensorId } from '../graph/graph.ts'
import { operators } from '../graph/operators.ts'
import { activationOf, hasWeights, isPerChannel, weightBitsOf, weightLevels } from '../graph/traits.ts'
import type { Weights } from '../graph/weights.ts'
import { clampInt32 } from './arithmetic.ts'
import type { TensorRanges } from './calibrate.ts'
import { type FoldedKernel, type FoldedLayer, foldBatchNorm } from './fold.ts'
import type { Range } from './histogram.ts'
import { rangeParams } from './input.ts'
import type { LayerParams, QuantizedKernel, QuantizedModel, QuantParams } from './model.ts'
import { roundAway } from './multiplier.ts'
import { scaleRules, tiedTensors } from './rules.ts'

export type QuantiseOptions = {
  /** One scale per dense layer (TFLite operator version 4, every runtime knows it), or one per unit (version 12). Convolutions are always per channel. */
  readonly dense?: 'perTensor' | 'perChannel'
  /** Parameters of the input tensor, where they are known better than by calibration. */
  readonly input?: QuantParams
}

/**
 * Post-training quantisation by TFLite's int8 specification: weights symmetric in [-127, 127] per output channel ([-7, 7] in layers of 4 bits), activations asymmetric per
 * tensor with an exact zero, int32 bias in units of input scale x weight scale, batch norm folded. Scales are float32 values, as in the file.
 * A hard sigmoid is folded into its layer: int8 itself clamps at the ends of a tensor of range [0, 1].
 * Throws RangeError where a range is missing or the rules of the runtime cannot be kept.
 */
export function quantise(graph: Graph, weights: Weights, ranges: TensorRanges, options: QuantiseOptions = {}): QuantizedModel {
  const folded = foldBatchNorm(graph, weights)
  const tensors = tensorParams(graph, ranges, options.input)
  const layers = graph.ops.map((op, i) =>
    hasWeights(op)
      ? quantiseLayer(
          folded[i]!,
          tensors[op.inputs[0]!]!,
          !isPerChannel(op, options.dense === 'perChannel' && weightBitsOf(op) === 8),
          weightLevels(op),
        )
      : undefined,
  )
  return { graph: { ...graph, ops: graph.ops.map(withoutHardSigmoid) }, tensors, layers }
}

const withoutHardSigmoid = (op: Op): Op =>
  hasWeights(op) && op.activation === 'hardSigmoid' ? { ...op, activation: 'none' } : op

/** Scale and zero point of every tensor: tensors that no operator rescales share the union of their ranges. */
export function tensorParams(graph: Graph, ranges: TensorRanges, input?: QuantParams): QuantParams[] {
  const tied = tiedTensors(graph)
  const fixed = new Map<TensorId, QuantParams>()
  const free = new Map<TensorId, Range>()
  for (const leader of new Set(tied)) {
    const producers = graph.shapes.flatMap((_, t) =>
      tied[t] === leader && (t === 0 || !operators[graph.ops[t - 1]!.kind].keepsParams) ? [t] : [],
    )
    const known = producers.map((t) => (t === 0 ? input : ownParams(graph.ops[t - 1]!))).find((p) => p !== undefined)
    if (known && producers.length > 1)
      throw new RangeError(`tensors ${producers.join(', ')} must share one scale, but one of them is fixed`)
    if (known) fixed.set(leader, known)
    else free.set(leader, producers.map((t) => producedRange(graph, ranges, t)).reduce(union))
  }
  const paramsOf = (t: TensorId) => fixed.get(tied[t]!) ?? rangeParams(free.get(tied[t]!)!)
  const widen = (t: TensorId, scale: number) => {
    const range = free.get(tied[t]!)
    const factor = scale / paramsOf(t).scale
    if (range && factor > 1) free.set(tied[t]!, { min: range.min * factor, max: range.max * factor })
  }
  for (let i = graph.ops.length - 1; i >= 0; i--) {
    const { outputAtMost } = scaleRules[graph.ops[i]!.kind]
    if (outputAtMost !== undefined) for (const t of graph.ops[i]!.inputs) widen(t, paramsOf(i + 1).scale / outputAtMost)
  }
  graph.ops.forEach((op, i) => {
    const { inputAtMost } = scaleRules[op.kind]
    if (inputAtMost !== undefined) for (const t of op.inputs) widen(i + 1, paramsOf(t).scale / inputAtMost)
  })
  return graph.shapes.map((_, t) => paramsOf(t))
}

/** Parameters that an operator gives its output whatever it computes. */
const ownParams = (op: Op): QuantParams | undefined =>
  scaleRules[op.kind].output ?? (activationOf(op) === 'hardSigmoid' ? rangeParams({ min: 0, max: 1 }) : undefined)

const union = (a: Range, b: Range): Range => ({ min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) })

/** The calibrated range, less what the activation function cannot give. */
function producedRange(graph: Graph, ranges: TensorRanges, t: TensorId): Range {
  const range = ranges[t]
  if (!range || !(range.min <= range.max)) throw new RangeError(`no range for tensor ${t}: calibrate with at least one example`)
  const activation = activationOf(graph.ops[t - 1])
  if (activation === 'none') return range
  return { min: 0, max: activation === 'relu6' ? Math.min(6, range.max) : range.max }
}

/** Weights with so many levels on either side of zero and int32 bias of one layer. */
export function quantiseLayer({ kernels, bias }: FoldedLayer, input: QuantParams, perTensor: boolean, levels = 127): LayerParams {
  const [first, ...others] = kernels
  const main = quantiseKernel(first, bias, input.scale, perTensor, levels)
  const scaleOf = (c: number) => main.weightScales[perTensor ? 0 : c]!
  return {
    // what multiplies a state has no bias of its own
    kernels: [
      main,
      ...others.map((kernel) =>
        quantiseKernel(
          kernel,
          bias.map(() => 0),
          1,
          perTensor,
          levels,
        ),
      ),
    ],
    bias: Int32Array.from(bias, (b, c) => clampInt32(roundAway(b / Math.fround(input.scale * scaleOf(c))))),
  }
}

function quantiseKernel(
  { values, channelOf }: FoldedKernel,
  bias: Float32Array,
  inputScale: number,
  perTensor: boolean,
  levels: number,
): QuantizedKernel {
  const weightScales = scalesOf(values, bias, perTensor ? () => 0 : channelOf, perTensor ? 1 : bias.length, inputScale, levels)
  const scaleOf = (k: number) => weightScales[perTensor ? 0 : channelOf(k)]!
  return {
    weights: Int8Array.from(values, (w, k) => Math.max(-levels, Math.min(levels, roundAway(w / scaleOf(k))))),
    weightScales,
  }
}

/**
 * Largest magnitude / levels per channel, but never so small that the bias leaves 30 bits (TFLite's converter widens the same way):
 * a channel that batch norm has silenced has weights near zero and may keep a large bias.
 */
function scalesOf(
  kernel: Float32Array,
  bias: Float32Array,
  channelOf: (k: number) => number,
  count: number,
  inputScale: number,
  levels: number,
): Float32Array {
  const largest = new Float64Array(count)
  for (let k = 0; k < kernel.length; k++) largest[channelOf(k)] = Math.max(largest[channelOf(k)]!, Math.abs(kernel[k]!))
  const floor = new Float64Array(count)
  for (let c = 0; c < bias.length; c++)
    floor[c % count] = Math.max(floor[c % count]!, Math.abs(bias[c]!) / (inputScale * 1073741824))
  return Float32Array.from(largest, (w, c) => Math.max(w / levels, floor[c]!) || 1)
}
