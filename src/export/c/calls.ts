import { elements, type Op, type OpKind, type OpOf, outputOf, padBefore, type Shape } from '../../graph/graph.ts'
import { type LayerOp, weightBitsOf } from '../../graph/traits.ts'
import { activationBounds, layerRescales, meanRescale, mulRescale, planAdd } from '../../quant/arithmetic.ts'
import { hardSwishTable } from '../../quant/hard-swish.ts'
import type { LayerParams, QuantizedModel, QuantParams } from '../../quant/model.ts'
import { quantizeMultiplier } from '../../quant/multiplier.ts'
import { pairNibbles } from '../../quant/nibbles.ts'
import { exponentialTable } from '../../quant/softmax.ts'
import type { int4Kernels } from './int4-kernels.ts'
import type { plainKernels } from './plain-kernels.ts'
import { arrayText } from './text.ts'
import type { weightKernels } from './weight-kernels.ts'

export type PieceName = keyof typeof weightKernels | keyof typeof int4Kernels | keyof typeof plainKernels

/** C of one operator: the kernel it needs, its constants, and the statement that runs it. */
export type OperatorC = { readonly piece: PieceName; readonly constants: string; readonly call: string }

/** `pointers[t]` is the C expression of graph tensor t. */
export function operatorC(model: QuantizedModel, i: number, pointers: readonly string[]): OperatorC {
  const { graph, tensors } = model
  const op = graph.ops[i]!
  const write = writers[op.kind] as (op: Op, at: CallContext) => OperatorC
  return write(op, {
    index: i,
    x: op.inputs.map((t) => pointers[t]!),
    y: pointers[outputOf(i)]!,
    shapes: op.inputs.map((t) => graph.shapes[t]!),
    shape: graph.shapes[outputOf(i)]!,
    params: op.inputs.map((t) => tensors[t]!),
    output: tensors[outputOf(i)]!,
    layer: model.layers[i],
  })
}

type CallContext = {
  readonly index: number
  readonly x: readonly string[]
  readonly y: string
  readonly shapes: readonly Shape[]
  readonly shape: Shape
  readonly params: readonly QuantParams[]
  readonly output: QuantParams
  readonly layer: LayerParams | undefined
}

const writers: { readonly [K in OpKind]: (op: OpOf<K>, at: CallContext) => OperatorC } = {
  conv2d: (op, at) => withWeights('conv2d', geometry(op, at), op, at),
  depthwise: (op, at) => withWeights('depthwise', geometry(op, at), op, at),
  // a convolution of one pixel with as many channels as there are inputs
  dense: (op, at) => withWeights('conv2d', [1, 1, elements(at.shapes[0]!), 1, 1, op.units, 1, 1, 1, 1, 0, 0], op, at),
  averagePool: (op, at) => pool('averagePool', 'tf_average_pool', op, at),
  maxPool: (op, at) => pool('maxPool', 'tf_max_pool', op, at),
  add: (op, at) => {
    const [a, b] = at.params as [QuantParams, QuantParams]
    const plan = planAdd(a, b, at.output, 'tflm')
    if (plan.mode !== 'tflm') throw new Error('the plan of an addition has another mode')
    const values = [
      ...[a.zeroPoint, plan.a.mantissa, plan.a.shift, b.zeroPoint, plan.b.mantissa, plan.b.shift],
      ...[plan.output.mantissa, plan.output.shift, at.output.zeroPoint, ...activationBounds(op.activation, at.output)],
    ]
    return elementwise('add', 'tf_sum', 'tf_add', values, at)
  },
  mul: (op, at) => {
    const [a, b] = at.params as [QuantParams, QuantParams]
    const { mantissa, shift } = mulRescale(a, b, at.output).tflm
    const bounds = activationBounds(op.activation, at.output)
    const values = [a.zeroPoint, b.zeroPoint, mantissa, shift, at.output.zeroPoint, ...bounds]
    return elementwise('mul', 'tf_product', 'tf_mul', values, at, elements(at.shapes[1]!))
  },
  mean: (_op, at) => {
    const [h, w, c] = at.shapes[0]!
    const { mantissa, shift } = meanRescale(h * w, at.params[0]!, at.output).tflm
    return call('mean', 'tf_mean', [at.x[0], at.y, h * w, c, at.params[0]!.zeroPoint, mantissa, shift, at.output.zeroPoint])
  },
  softmax: (_op, at) => {
    const table = exponentialTable(at.params[0]!.scale)
    const entries = table.indexOf(0)
    const used = entries < 0 ? table : table.slice(0, entries)
    const [h, w, c] = at.shape
    return {
      ...call('softmax', 'tf_softmax', [`exponential${at.index}`, used.length, at.x[0], at.y, h * w, c]),
      constants: arrayText('int32_t', `exponential${at.index}`, used),
    }
  },
  reshape: (_op, at) => call('copy', 'tf_copy', [at.y, at.x[0], elements(at.shape)]),
  pad: (op, at) =>
    call('pad', 'tf_pad', [at.x[0], at.y, ...at.shapes[0]!, ...op.before, at.shape[0], at.shape[1], at.output.zeroPoint]),
  concat: (_op, at) => {
    let offset = 0
    const calls = at.shapes.map(([h, w, c], k) => {
      const text = `tf_concat(${[at.x[k], `${at.y} + ${offset}`, h * w, c, at.shape[2]].join(', ')});`
      offset += c
      return text
    })
    return { piece: 'concat', constants: '', call: calls.join('\n  ') }
  },
  quantize: (_op, at) => {
    const [input] = at.params as [QuantParams]
    const { mantissa, shift } = quantizeMultiplier(Math.fround(input.scale) / Math.fround(at.output.scale))
    return call('quantize', 'tf_quantize', [
      at.x[0],
      at.y,
      elements(at.shape),
      input.zeroPoint,
      mantissa,
      shift,
      at.output.zeroPoint,
    ])
  },
  hardSwish: (_op, at) => {
    const name = `swish${at.index}`
    return {
      ...call('lookUp', 'tf_look_up', [name, at.x[0], at.y, elements(at.shape)]),
      constants: arrayText('int8_t', name, hardSwishTable(at.params[0]!, at.output)),
    }
  },
}

const call = (piece: PieceName, name: string, values: readonly (string | number | undefined)[]): OperatorC => ({
  piece,
  constants: '',
  call: `${name}(${values.join(', ')});`,
})

function elementwise(
  piece: PieceName,
  type: string,
  name: string,
  values: readonly number[],
  at: CallContext,
  ...more: readonly number[]
): OperatorC {
  return {
    piece,
    constants: `static const ${type} layer${at.index} = {${values.join(', ')}};\n`,
    call: `${name}(&layer${at.index}, ${at.x.join(', ')}, ${[at.y, elements(at.shape), ...more].join(', ')});`,
  }
}

/** The twelve numbers at the head of `tf_window`. A column of width 1 becomes a row: the same bytes, in longer runs. */
function geometry(op: OpOf<'conv2d' | 'depthwise' | 'averagePool' | 'maxPool'>, at: CallContext): number[] {
  const input = at.shapes[0]!
  const pad = [0, 1].map((d) => padBefore(input[d]!, op.kernel[d]!, op.stride[d]!, at.shape[d]!, op.padding))
  const order = input[1] === 1 && op.kernel[1] === 1 ? [1, 0] : [0, 1]
  const pair = (values: readonly number[]) => order.map((d) => values[d]!)
  return [...pair(input), input[2], ...pair(at.shape), at.shape[2], ...pair(op.kernel), ...pair(op.stride), ...pair(pad)]
}

/** Kernels with weights of 8 and of 4 bits. */
const layerKernels = {
  conv2d: { 8: ['conv2d', 'tf_conv2d'], 4: ['conv2dInt4', 'tf_conv2d_int4'], channels: 'first' },
  depthwise: { 8: ['depthwise', 'tf_depthwise'], 4: ['depthwiseInt4', 'tf_depthwise_int4'], channels: 'last' },
} as const

function withWeights(kind: keyof typeof layerKernels, head: readonly number[], op: LayerOp, at: CallContext): OperatorC {
  const bits = weightBitsOf(op)
  const [piece, name] = layerKernels[kind][bits]
  const { index: i, layer } = at
  const { bias } = layer!
  const { weights } = layer!.kernels[0]
  const rescales = layerRescales(op, layer!.kernels[0], at.params[0]!, at.output).map((r) => r.tflm)
  const tail = [
    at.params[0]!.zeroPoint,
    at.output.zeroPoint,
    ...activationBounds(op.activation, at.output),
    rescales.length === 1 ? 0 : 1,
  ]
  const constants = [
    arrayText('int8_t', `weights${i}`, bits === 4 ? pairNibbles(weights, bias.length, layerKernels[kind].channels) : weights),
    arrayText('int32_t', `bias${i}`, bias),
    arrayText(
      'int32_t',
      `multiplier${i}`,
      rescales.map((r) => r.mantissa),
    ),
    arrayText(
      'int8_t',
      `shift${i}`,
      rescales.map((r) => r.shift),
    ),
    `static const tf_window layer${i} = {${[...head, ...tail].join(', ')}, weights${i}, bias${i}, multiplier${i}, shift${i}};\n`,
  ]
  return { piece, constants: constants.join(''), call: `${name}(&layer${i}, ${at.x[0]}, ${at.y});` }
}

function pool(piece: PieceName, name: string, op: OpOf<'averagePool' | 'maxPool'>, at: CallContext): OperatorC {
  const values = [...geometry(op, at), 0, 0, ...activationBounds(op.activation, at.output), 0]
  return {
    piece,
    constants: `static const tf_window layer${at.index} = {${values.join(', ')}, 0, 0, 0, 0};\n`,
    call: `${name}(&layer${at.index}, ${at.x[0]}, ${at.y});`,
  }
}
