import type { Graph, Op, OpKind, TensorId } from '../graph/graph.ts'
import { operators } from '../graph/operators.ts'
import { activationOf, hasWeights, isPerChannel, weightBitsOf } from '../graph/traits.ts'
import { canHardSwish } from './hard-swish.ts'
import type { LayerParams, QuantizedModel, QuantParams } from './model.ts'
import { softmaxOutput } from './softmax.ts'

/** What TFLite's kernels demand of the scales around an operator. */
type ScaleRule = {
  /** Its output has these parameters whatever it computes. */
  readonly output?: QuantParams
  /** An input's scale is at most so many times the output's, and the output's at most so many times an input's. */
  readonly inputAtMost?: number
  readonly outputAtMost?: number
  /** What else its kernel cannot compute. */
  refusal?(input: QuantParams, output: QuantParams): string | undefined
}

export const scaleRules: Readonly<Record<OpKind, ScaleRule>> = {
  conv2d: {},
  depthwise: {},
  dense: {},
  // XNNPACK adds only inputs whose scale is 1/1024 to 256 times the output's: a branch that gives next to nothing must be coarse enough
  add: { inputAtMost: 200, outputAtMost: 900 },
  mul: {},
  averagePool: {},
  maxPool: {},
  mean: {},
  softmax: { output: softmaxOutput },
  reshape: {},
  pad: {},
  concat: {},
  quantize: {},
  hardSwish: {
    inputAtMost: 120, // TFLite refuses 128
    refusal: (input, output) =>
      canHardSwish(input, output) ? undefined : 'the input of hardSwish is 128 times as coarse as its output, or coarser',
  },
}

/** `result[t]` is the smallest tensor id of the group of tensors that must share their quantisation with t. */
export function tiedTensors(graph: Graph): TensorId[] {
  const leader = graph.shapes.map((_, t) => t)
  const find = (t: TensorId): TensorId => (leader[t] === t ? t : find(leader[t]!))
  graph.ops.forEach((op, i) => {
    if (!operators[op.kind].keepsParams) return
    for (const input of op.inputs) {
      const [a, b] = [find(input), find(i + 1)]
      leader[Math.max(a, b)] = Math.min(a, b)
    }
  })
  return leader.map((_, t) => find(t))
}

/** Throws RangeError naming the first tensor or layer that breaks a rule of TFLite's int8 specification. */
export function checkModel({ graph, tensors, layers }: QuantizedModel): void {
  const tied = tiedTensors(graph)
  graph.shapes.forEach((_, t) => {
    const p = tensors[t]
    if (!p || !(p.scale > 0) || Math.fround(p.scale) !== p.scale)
      throw new RangeError(`tensor ${t}: scale must be a positive float32`)
    if (!Number.isInteger(p.zeroPoint) || Math.abs(p.zeroPoint + 0.5) > 128)
      throw new RangeError(`tensor ${t}: zero point ${p.zeroPoint}`)
    const q = tensors[tied[t]!]!
    if (p.scale !== q.scale || p.zeroPoint !== q.zeroPoint)
      throw new RangeError(`tensors ${tied[t]} and ${t} must share scale and zero point: no operator between them rescales`)
  })
  graph.ops.forEach((op, i) => {
    const out = tensors[i + 1]!
    const { output, refusal } = scaleRules[op.kind]
    if (output && (out.scale !== output.scale || out.zeroPoint !== output.zeroPoint))
      throw new RangeError(`operator ${i}: ${op.kind} has scale 1/${1 / output.scale} and zero point ${output.zeroPoint}`)
    const why = refusal?.(tensors[op.inputs[0]!]!, out)
    if (why !== undefined) throw new RangeError(`operator ${i}: ${why}`)
    if (activationOf(op) === 'hardSigmoid') throw new RangeError(`operator ${i}: hardSigmoid was not folded into its layer`)
    const layer = layers[i]
    if (!layer) return
    const channels = graph.shapes[i + 1]![2]
    if (weightBitsOf(op) === 4) checkInt4(op, i, layer)
    for (const { weightScales } of layer.kernels)
      if (weightScales.length !== channels && weightScales.length !== 1)
        throw new RangeError(`operator ${i}: ${weightScales.length} weight scales for ${channels} channels`)
    if (layer.bias.length !== channels)
      throw new RangeError(`operator ${i}: ${layer.bias.length} biases for ${channels} channels`)
  })
}

/** Every kernel for weights in 4 bits takes 16 values, and one scale for a dense layer. */
function checkInt4(op: Op, i: number, { kernels }: LayerParams): void {
  for (const { weights, weightScales } of kernels) {
    const wide = weights.find((w) => w < -8 || w > 7)
    if (wide !== undefined) throw new RangeError(`operator ${i}: a weight of ${wide} in 4 bits`)
    if (hasWeights(op) && !isPerChannel(op) && weightScales.length > 1)
      throw new RangeError(`operator ${i}: weights in 4 bits have one scale in a dense layer, not ${weightScales.length}`)
  }
}
