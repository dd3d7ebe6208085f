import { type Graph, hasWeights, type Op, type TensorId } from '../graph/graph.ts'
import type { Weights } from '../graph/weights.ts'
import { clampInt32 } from './arithmetic.ts'
import type { TensorRanges } from './calibrate.ts'
import { type FoldedLayer, foldBatchNorm, kernelChannel } from './fold.ts'
import type { Range } from './histogram.ts'
import { rangeParams } from './input.ts'
import type { LayerParams, QuantizedModel, QuantParams } from './model.ts'
import { roundAway } from './multiplier.ts'
import { keepsParams, tiedTensors } from './rules.ts'
import { softmaxOutput } from './softmax.ts'

export type QuantiseOptions = {
  /** One scale per dense layer (TFLite operator version 4, every runtime knows it), or one per unit (version 12). Convolutions are always per channel. */
  readonly dense?: 'perTensor' | 'perChannel'
  /** Parameters of the input tensor, where they are known better than by calibration. */
  readonly input?: QuantParams
}

/**
 * Post-training quantisation by TFLite's int8 specification: weights symmetric in [-127, 127] per output channel, activations asymmetric per
 * tensor with an exact zero, int32 bias in units of input scale x weight scale, batch norm folded. Scales are float32 values, as in the file.
 * A hard sigmoid is folded into its layer: int8 itself clamps at the ends of a tensor of range [0, 1].
 * Throws RangeError where a range is missing or the rules of the runtime cannot be kept.
 */
export function quantise(graph: Graph, weights: Weights, ranges: TensorRanges, options: QuantiseOptions = {}): QuantizedModel {
  const folded = foldBatchNorm(graph, weights)
  const tensors = tensorParams(graph, ranges, options.input)
  const layers = graph.ops.map((op, i) =>
    hasWeights(op)
      ? quantiseLayer(op.kind, folded[i]!, tensors[op.inputs[0]!]!, op.kind === 'dense' && options.dense !== 'perChannel')
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
      tied[t] === leader && (t === 0 || !keepsParams(graph.ops[t - 1]!)) ? [t] : [],
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
  // XNNPACK adds only inputs whose scale is 1/1024 to 256 times the output's: a branch that gives next to nothing must be coarse enough.
  for (let i = graph.ops.length - 1; i >= 0; i--)
    if (graph.ops[i]!.kind === 'add') for (const t of graph.ops[i]!.inputs) widen(t, paramsOf(i + 1).scale / 900)
  graph.ops.forEach((op, i) => {
    if (op.kind === 'add') for (const t of op.inputs) widen(i + 1, paramsOf(t).scale / 200)
    // TFLite refuses 128
    if (op.kind === 'hardSwish') widen(i + 1, paramsOf(op.inputs[0]).scale / 120)
  })
  return graph.shapes.map((_, t) => paramsOf(t))
}

/** Parameters that an operator gives its output whatever it computes. */
const ownParams = (op: Op): QuantParams | undefined =>
  op.kind === 'softmax'
    ? softmaxOutput
    : hasWeights(op) && op.activation === 'hardSigmoid'
      ? rangeParams({ min: 0, max: 1 })
      : undefined

const union = (a: Range, b: Range): Range => ({ min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) })

/** The calibrated range, less what the activation function cannot give. */
function producedRange(graph: Graph, ranges: TensorRanges, t: TensorId): Range {
  const range = ranges[t]
  if (!range || !(range.min <= range.max)) throw new RangeError(`no range for tensor ${t}: calibrate with at least one example`)
  const op = graph.ops[t - 1]
  const activation = op && 'activation' in op ? op.activation : 'none'
  if (activation === 'none') return range
  return { min: 0, max: activation === 'relu6' ? Math.min(6, range.max) : range.max }
}

/** int8 weights and int32 bias of one layer. */
export function quantiseLayer(
  kind: 'conv2d' | 'depthwise' | 'dense',
  { kernel, bias }: FoldedLayer,
  input: QuantParams,
  perTensor: boolean,
): LayerParams {
  const channels = bias.length
  const channelOf = kernelChannel(kind, channels, kernel.length)
  const weightScales = scalesOf(kernel, bias, perTensor ? () => 0 : channelOf, perTensor ? 1 : channels, input.scale)
  const scaleOf = (c: number) => weightScales[perTensor ? 0 : c]!
  return {
    weights: Int8Array.from(kernel, (w, k) => Math.max(-127, Math.min(127, roundAway(w / scaleOf(channelOf(k)))))),
    weightScales,
    bias: Int32Array.from(bias, (b, c) => clampInt32(roundAway(b / Math.fround(input.scale * scaleOf(c))))),
  }
}

/**
 * Largest magnitude / 127 per channel, but never so small that the bias leaves 30 bits (TFLite's converter widens the same way):
 * a channel that batch norm has silenced has weights near zero and may keep a large bias.
 */
function scalesOf(
  kernel: Float32Array,
  bias: Float32Array,
  channelOf: (k: number) => number,
  count: number,
  inputScale: number,
): Float32Array {
  const largest = new Float64Array(count)
  for (let k = 0; k < kernel.length; k++) largest[channelOf(k)] = Math.max(largest[channelOf(k)]!, Math.abs(kernel[k]!))
  const floor = new Float64Array(count)
  for (let c = 0; c < bias.length; c++)
    floor[c % count] = Math.max(floor[c % count]!, Math.abs(bias[c]!) / (inputScale * 1073741824))
  return Float32Array.from(largest, (w, c) => Math.max(w / 127, floor[c]!) || 1)
}
