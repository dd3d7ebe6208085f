import type { Graph, Op, TensorId } from '../graph/graph.ts'
import { canHardSwish } from './hard-swish.ts'
import type { QuantizedModel } from './model.ts'
import { softmaxOutput } from './softmax.ts'

/** Operators that move or choose values and never rescale them: TFLite demands one scale and zero point for all their inputs and their output. */
export const keepsParams = (op: Op): boolean =>
  op.kind === 'averagePool' || op.kind === 'maxPool' || op.kind === 'reshape' || op.kind === 'pad' || op.kind === 'concat'

/** `result[t]` is the smallest tensor id of the group of tensors that must share their quantisation with t. */
export function tiedTensors(graph: Graph): TensorId[] {
  const leader = graph.shapes.map((_, t) => t)
  const find = (t: TensorId): TensorId => (leader[t] === t ? t : find(leader[t]!))
  graph.ops.forEach((op, i) => {
    if (!keepsParams(op)) return
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
    if (op.kind === 'softmax' && (out.scale !== softmaxOutput.scale || out.zeroPoint !== softmaxOutput.zeroPoint))
      throw new RangeError(`operator ${i}: softmax has scale 1/256 and zero point -128`)
    if (op.kind === 'hardSwish' && !canHardSwish(tensors[op.inputs[0]]!, out))
      throw new RangeError(`operator ${i}: the input of hardSwish is 128 times as coarse as its output, or coarser`)
    if ('activation' in op && op.activation === 'hardSigmoid')
      throw new RangeError(`operator ${i}: hardSigmoid was not folded into its layer`)
    const layer = layers[i]
    if (!layer) return
    const channels = graph.shapes[i + 1]![2]
    if (layer.weightScales.length !== channels && layer.weightScales.length !== 1)
      throw new RangeError(`operator ${i}: ${layer.weightScales.length} weight scales for ${channels} channels`)
    if (layer.bias.length !== channels)
      throw new RangeError(`operator ${i}: ${layer.bias.length} biases for ${channels} channels`)
  })
}
