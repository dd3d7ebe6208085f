import { z } from 'zod'
import { buildGraph } from './build.ts'
import type { Graph, Op, Padding, Shape, TensorId } from './graph.ts'

const size = z.int().nonnegative()
const pair = z.tuple([size.positive(), size.positive()])
const shape = z.array(size)
const layerSchema = z.looseObject({
  op: z.string().describe('name of the TFLite operator, such as CONV_2D'),
  inputs: z.array(z.int()).describe('tensors it reads: constants among them, -1 for one that is left out'),
  outputs: z.array(size).min(1),
  input_shapes: z.array(shape).min(1).describe('of the tensors that are no constants, in N, H, W, C order'),
  output_shapes: z.array(shape).min(1),
  kernel: pair.optional(),
  stride: pair.optional(),
  dilation: pair.optional(),
  padding: z.enum(['SAME', 'VALID']).optional(),
  activation: z.string().optional(),
  depth_multiplier: size.positive().optional(),
  weight_bits: z
    .union([z.literal(8), z.literal(4)])
    .optional()
    .describe('of a layer with weights; default 8'),
})
type Layer = z.infer<typeof layerSchema>

/** The layers of a network without its weights, as published beside latency measurements; keys not named here are for other readers. */
export const structureSchema = z.looseObject({
  name: z.string(),
  dtype: z.string().optional().describe('type of the activations: int8, float32, int16'),
  inputs: z.array(z.looseObject({ id: size, shape })).min(1),
  layers: z.array(layerSchema).min(1),
})
export type Structure = z.infer<typeof structureSchema>

/** Shape arithmetic of the converter: no work on a board, and its results are constants. */
const arithmetic = new Set(['SHAPE', 'STRIDED_SLICE', 'PACK'])

/**
 * The graph of a layer structure. Element-wise operators that a graph does not have count as a requantisation of the same size, a maximum over
 * the map as a mean, a constant that is broadcast as a tensor of full size. Throws RangeError naming the layer (its index in
 * `layers`) that cannot be expressed.
 */
export function structureGraph(structure: Structure): Graph {
  const [input] = structure.inputs
  const ids = new Map<number, TensorId>([[input!.id, 0]])
  const ops: Op[] = []
  let graph: Graph | undefined
  structure.layers.forEach((layer, index) => {
    if (arithmetic.has(layer.op)) return
    try {
      ops.push(
        toOp(
          layer,
          layer.inputs.map((t) => ids.get(t)).filter((t) => t !== undefined),
        ),
      )
      graph = buildGraph(hwc(input!.shape), ops)
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause
      throw new RangeError(`layer ${index} (${layer.op}): ${cause.message.replace(/^operator \d+: /, '')}`, { cause })
    }
    ids.set(layer.outputs[0]!, ops.length)
  })
  if (!graph) throw new RangeError('it has no layer that computes anything')
  return graph
}

const hwc = (s: readonly number[]): Shape =>
  s.length === 4 ? [s[1]!, s[2]!, s[3]!] : s.length === 3 ? [s[1]!, 1, s[2]!] : [1, 1, s[s.length - 1]!]
const count = (s: readonly number[]): number => s.reduce((a, b) => a * b, 1)

function toOp(layer: Layer, inputs: readonly TensorId[]): Op {
  const [first, second] = inputs
  if (first === undefined) throw new RangeError('it reads no tensor that a layer before it gives')
  if (layer.dilation?.some((d) => d > 1)) throw new RangeError('dilation is not supported')
  const one = [first] as const
  const input = hwc(layer.input_shapes[0]!)
  const output = hwc(layer.output_shapes[0]!)
  const name = (layer.activation ?? 'NONE').toLowerCase()
  const activation = name === 'relu' || name === 'relu6' ? name : 'none'
  const window = {
    inputs: one,
    kernel: layer.kernel ?? ([1, 1] as const),
    stride: layer.stride ?? ([1, 1] as const),
    padding: (layer.padding ?? 'VALID').toLowerCase() as Padding,
    activation,
  } as const
  const bits = layer.weight_bits === 4 ? ({ weightBits: 4 } as const) : {}
  switch (layer.op) {
    case 'CONV_2D':
      return { kind: 'conv2d', channels: output[2], ...window, ...bits }
    case 'DEPTHWISE_CONV_2D':
      return { kind: 'depthwise', multiplier: layer.depth_multiplier ?? 1, ...window, ...bits }
    case 'FULLY_CONNECTED':
      return { kind: 'dense', inputs: one, units: output[2], activation, ...bits }
    case 'AVERAGE_POOL_2D':
      return { kind: 'averagePool', ...window }
    case 'MAX_POOL_2D':
      return { kind: 'maxPool', ...window }
    case 'MEAN':
    case 'REDUCE_MAX':
      return { kind: 'mean', inputs: one }
    case 'SOFTMAX':
      return { kind: 'softmax', inputs: one }
    case 'HARD_SWISH':
      return { kind: 'hardSwish', inputs: one }
    case 'RESHAPE':
    case 'EXPAND_DIMS':
    case 'SQUEEZE':
    case 'TRANSPOSE':
      return { kind: 'reshape', inputs: one, shape: output }
    case 'ADD':
    case 'MUL':
      return inputs.length === 2
        ? { kind: layer.op === 'ADD' ? 'add' : 'mul', inputs: joined(layer, first, second!), activation }
        : { kind: 'quantize', inputs: one }
    case 'CONCATENATION':
      return { kind: 'concat', inputs }
    case 'PAD': {
      const extra = [output[0] - input[0], output[1] - input[1]] as const
      const before = [extra[0] >> 1, extra[1] >> 1] as const
      return { kind: 'pad', inputs: one, before, after: [extra[0] - before[0], extra[1] - before[1]] }
    }
    case 'QUANTIZE':
    case 'DEQUANTIZE':
    case 'LOGISTIC':
    case 'MINIMUM':
    case 'MAXIMUM':
      return { kind: 'quantize', inputs: one }
    default:
      throw new RangeError('there is no such operator here')
  }
}

/** Both inputs; of unequal ones the larger first, twice unless the other is a pixel that multiplies it (squeeze and excite). */
function joined({ op, input_shapes: [a, b = a!] }: Layer, first: TensorId, second: TensorId): [TensorId, TensorId] {
  if (count(a!) === count(b)) return [first, second]
  const [map, pixel, large, small] = count(a!) > count(b) ? [first, second, a!, b] : [second, first, b, a!]
  return [map, op === 'MUL' && count(small) === hwc(large)[2] ? pixel : map]
}
