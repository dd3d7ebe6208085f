import { buildGraph } from '../../src/graph/build.ts'
import {
  type Activation,
  elements,
  type Graph,
  type Op,
  type OpKind,
  type Padding,
  type Shape,
  type TensorId,
} from '../../src/graph/graph.ts'
import { rowOf } from '../../src/graph/operators.ts'
import { hasWeights, type LayerOp } from '../../src/graph/traits.ts'
import type { LayerParams, QuantizedModel, QuantParams } from '../../src/quant/model.ts'
import { type Random, rng } from '../../src/util/rng.ts'

export type RandomOptions = {
  /** Operators that may be drawn (default: all). A `concat` may add the `quantize` that brings its inputs to one scale. */
  readonly kinds?: readonly OpKind[]
  /** Most operators drawn (default 8). */
  readonly maxOps?: number
  /** Largest height and width of the input (default 12). */
  readonly maxSide?: number
  /** Scales of dense weights (default: drawn). Convolutions are always per channel, as the quantiser makes them. */
  readonly dense?: 'perTensor' | 'perChannel'
  /** Which layers have weights in 4 bits (default: none). */
  readonly int4?: 'some' | 'all'
}

export const allKinds: readonly OpKind[] = [
  'conv2d',
  'depthwise',
  'dense',
  'add',
  'mul',
  'averagePool',
  'maxPool',
  'mean',
  'softmax',
  'reshape',
  'pad',
  'concat',
  'quantize',
  'hardSwish',
]

/**
 * A random int8 network: a chain with residual, product and concatenation branches to earlier tensors of the same shape, one- or two-dimensional,
 * with scales under which the values neither vanish nor saturate. A pure function of the seed.
 */
export function randomModel(seed: number | string, options: RandomOptions = {}): QuantizedModel {
  return withRandomParams(randomGraph(seed, options), seed, options.dense)
}

/** A given network with random scales and weights, under which the values neither vanish nor saturate. */
export function withRandomParams(graph: Graph, seed: number | string, dense?: RandomOptions['dense']): QuantizedModel {
  const random = rng(seed, 'random-model')
  const tensors: QuantParams[] = [{ scale: Math.fround(0.02 + 0.03 * random.next()), zeroPoint: random.int(41) - 20 }]
  const layers = graph.ops.map((op, i) => {
    const input = tensors[op.inputs[0]!]!
    // TFLite's int8 concatenation cannot rescale: its second input was drawn with a quantize before it, which brings it to the first's scale
    const next = graph.ops[i + 1]
    const partner =
      op.kind === 'quantize' && next?.kind === 'concat' && next.inputs[1] === i + 1 ? tensors[next.inputs[0]!] : undefined
    tensors.push(partner ?? outputParams(op, input, random))
    return hasWeights(op) ? randomLayer(graph, i, input, dense ?? random.pick(['perTensor', 'perChannel']), random) : undefined
  })
  return { graph, tensors, layers }
}

/** Random input values: mostly normal around the zero point, sometimes uniform over all of int8. */
export function randomInput(model: QuantizedModel, seed: number | string): Int8Array {
  const random = rng(seed, 'random-input')
  const { zeroPoint } = model.tensors[0]!
  const uniform = random.int(4) === 0
  return Int8Array.from({ length: elements(model.graph.shapes[0]!) }, () =>
    uniform ? random.int(256) - 128 : Math.max(-128, Math.min(127, Math.round(zeroPoint + 40 * random.normal()))),
  )
}

/** The graph of `randomModel` with the same seed and options. */
export function randomGraph(seed: number | string, options: RandomOptions = {}): Graph {
  const random = rng(seed, 'random-graph')
  const kinds = options.kinds ?? allKinds
  const maxSide = options.maxSide ?? 12
  const ops: Op[] = []
  const input: Shape = [1 + random.int(maxSide), random.int(4) === 0 ? 1 : 1 + random.int(maxSide), 1 + random.int(9)]
  const shapes: Shape[] = [input]
  const append = (op: Op): TensorId => {
    const shape = rowOf(op).shape(
      op as never,
      op.inputs.map((t) => shapes[t]!),
    )
    ops.push(op)
    shapes.push(shape)
    return ops.length
  }
  const wanted = 1 + random.int(options.maxOps ?? 8)
  for (let tries = 0; ops.length < wanted && tries < 200; tries++) {
    const kind = random.pick(kinds)
    if (kind === 'softmax' && ops.length + 1 < wanted) continue
    for (const op of draw(kind, kinds, ops, shapes, random)) append(op)
  }
  if (ops.length === 0) append({ kind: 'dense', inputs: [0], units: 3, activation: 'none' })
  return buildGraph(input, options.int4 === undefined ? ops : narrowed(ops, options.int4, rng(seed, 'int4')))
}

/** The same graph with weights in 4 bits in some layers. */
export const withInt4 = (graph: Graph, seed: number | string): Graph => ({
  ...graph,
  ops: narrowed(graph.ops, 'some', rng(seed, 'int4')),
})

const narrowed = (ops: readonly Op[], which: 'some' | 'all', random: Random): Op[] =>
  ops.map((op) => (hasWeights(op) && (which === 'all' || random.int(2) === 0) ? { ...op, weightBits: 4 } : op))

/** Operators of one draw: none where the kind does not fit here. */
function draw(kind: OpKind, kinds: readonly OpKind[], ops: readonly Op[], shapes: readonly Shape[], random: Random): Op[] {
  const current = ops.length
  const shape = shapes[current]!
  const [h, w, c] = shape
  const activation = random.pick<Activation>(['none', 'relu', 'relu6'])
  // a dense output has rank 2 in TFLite, so only operators that take a vector may follow
  const vector = isVector(ops, current)
  const sameShape = shapes.flatMap((s, t) => (s.every((n, i) => n === shape[i]) && isVector(ops, t) === vector ? [t] : []))
  switch (kind) {
    case 'conv2d':
      return vector ? [] : [{ kind, inputs: [current], channels: 1 + random.int(17), activation, ...window(h, w, random) }]
    case 'depthwise':
      return vector
        ? []
        : [{ kind, inputs: [current], multiplier: random.int(4) === 0 ? 2 : 1, activation, ...window(h, w, random) }]
    case 'averagePool':
    case 'maxPool':
      return vector ? [] : [{ kind, inputs: [current], activation: 'none', ...window(h, w, random) }]
    case 'dense':
      return [{ kind, inputs: [current], units: 1 + random.int(20), activation }]
    case 'mul': {
      // squeeze and excite: a vector, or a pixel of rank 4, multiplies a map
      if (vector || random.int(2) === 0) return [{ kind, inputs: [current, random.pick(sameShape)], activation }]
      const squeezed: Op = { kind: 'mean', inputs: [current] }
      if (random.int(3) === 0) return [squeezed, { kind, inputs: [current, current + 1], activation }]
      const gate = { inputs: [current + 1], activation: random.pick<Activation>(['none', 'relu', 'relu6']) } as const
      const excited: Op =
        kinds.includes('dense') && random.int(2) === 0
          ? { ...gate, kind: 'dense', units: c }
          : { ...gate, kind: 'conv2d', channels: c, kernel: [1, 1], stride: [1, 1], padding: 'same' }
      return [squeezed, excited, { kind, inputs: [current, current + 2], activation }]
    }
    case 'hardSwish':
      return [{ kind, inputs: [current] }]
    case 'add':
      return [{ kind, inputs: [current, random.pick(sameShape)], activation }]
    case 'mean':
      return vector || h * w === 1 ? [] : [{ kind, inputs: [current] }]
    case 'softmax':
      return vector ? [{ kind, inputs: [current] }] : []
    case 'reshape':
      return h > 1 ? [{ kind, inputs: [current], shape: random.int(2) ? [1, h * w, c] : [h * w, 1, c] }] : []
    case 'pad': {
      const side = () => [random.int(3), random.int(3)] as const
      return vector ? [] : [{ kind, inputs: [current], before: side(), after: side() }]
    }
    case 'concat': {
      const other = random.pick(sameShape)
      if (other === current) return [{ kind, inputs: [current, current] }]
      return [
        { kind: 'quantize', inputs: [other] },
        { kind, inputs: [current, current + 1] },
      ]
    }
    case 'quantize':
      return [{ kind, inputs: [current] }]
  }
}

const keepsRank = new Set<OpKind>(['add', 'mul', 'softmax', 'concat', 'quantize', 'hardSwish'])

function isVector(ops: readonly Op[], tensor: TensorId): boolean {
  const op = ops[tensor - 1]
  if (op === undefined) return false
  if (op.kind === 'dense') return true
  return keepsRank.has(op.kind) && isVector(ops, op.inputs[0]!)
}

function window(h: number, w: number, random: Random) {
  const oneD = w === 1
  const size = () => random.pick([1, 2, 3, 3, 4, 5])
  const kernel = [size(), oneD ? 1 : size()] as const
  const stride = [1 + random.int(2), oneD ? 1 : 1 + random.int(2)] as const
  const padding: Padding = kernel[0] > h || kernel[1] > w || random.int(2) === 0 ? 'same' : 'valid'
  return { kernel, stride, padding }
}

/** Real values have a standard deviation of about 2 behind every operator, so an output scale of about 12 / 255 uses the range. */
function outputParams(op: Op, input: QuantParams, random: Random): QuantParams {
  if (op.kind === 'averagePool' || op.kind === 'maxPool' || op.kind === 'reshape' || op.kind === 'pad' || op.kind === 'concat')
    return input
  if (op.kind === 'softmax') return { scale: 1 / 256, zeroPoint: -128 }
  if ('activation' in op && op.activation === 'relu6') return { scale: Math.fround(6 / 255), zeroPoint: -128 }
  if ('activation' in op && op.activation === 'relu')
    return { scale: Math.fround((6 + 4 * random.next()) / 255), zeroPoint: -128 }
  return { scale: Math.fround((8 + 6 * random.next()) / 255), zeroPoint: random.int(61) - 30 }
}

function randomLayer(
  graph: Graph,
  i: number,
  input: QuantParams,
  dense: 'perTensor' | 'perChannel',
  random: Random,
): LayerParams {
  const op = graph.ops[i] as LayerOp
  const inputShape = graph.shapes[op.inputs[0]]!
  const channels = graph.shapes[i + 1]![2]
  const fanIn =
    op.kind === 'dense' ? elements(inputShape) : op.kernel[0] * op.kernel[1] * (op.kind === 'conv2d' ? inputShape[2] : 1)
  const int4 = op.weightBits === 4
  const scales = op.kind === 'dense' && (dense === 'perTensor' || int4) ? 1 : channels
  const centre = 2 / (40 * input.scale * (int4 ? 4.3 : 73) * Math.sqrt(fanIn))
  const weightScales = Float32Array.from({ length: scales }, () => centre * (0.3 + 1.4 * random.next()))
  return {
    kernels: [
      {
        weights: Int8Array.from({ length: fanIn * channels }, () => (int4 ? random.int(16) - 8 : random.int(255) - 127)),
        weightScales,
      },
    ],
    bias: Int32Array.from({ length: channels }, (_, o) =>
      Math.round((0.5 * random.normal()) / (input.scale * weightScales[scales === 1 ? 0 : o]!)),
    ),
  }
}
