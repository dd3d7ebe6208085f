import { elements, type Op, type OpKind, type OpOf, type Shape, windowOutput } from './graph.ts'

/** Names of weight tensors in the store (`weights.ts`), one for each that a layer may have. */
export type KernelPart = 'kernel'

/** One weight tensor of a layer: its dimensions, and whether its output channels are the first or the last of them. */
type KernelRow<K extends OpKind> = {
  readonly part: KernelPart
  readonly channels: 'first' | 'last'
  shape(op: OpOf<K>, input: Shape, output: Shape): readonly number[]
}

/** Values that a layer keeps from one invocation to the next: their bytes in an int8 network. */
type StateRow<K extends OpKind> = { readonly name: string; bytes(op: OpOf<K>, input: Shape, output: Shape): number }

/** Channels of the output: chosen by the operator itself, those of every input one by one, or following from the inputs' in another way. */
export type Width = 'free' | 'tied' | 'computed'

/**
 * The facts about one operator stand in one row. A new kind does not compile until every column here is filled, and every floor's own
 * `Record<OpKind, ...>` (gradient kernel, integer kernel, cycles, C code) with it. Code that concerns several kinds asks a column, never for names.
 */
export type OpRow<K extends OpKind> = {
  /** Output shape, or throws RangeError where the operator cannot take these inputs. */
  shape(op: OpOf<K>, inputs: readonly Shape[]): Shape
  /** Multiply-accumulates, padding taps included (the convention of the published tables). */
  macs(op: OpOf<K>, input: Shape, output: Shape): number
  /** What a layer learns, in the order in which a file lists it; none: not a layer. */
  kernels: readonly KernelRow<K>[]
  /** int32 biases. */
  biases(op: OpOf<K>, output: Shape): number
  /** Scales of int8 weights, unless asked otherwise. Of layers with one scale, TFLite knows another version with one per channel. */
  weightScales: 'perChannel' | 'perTensor' | 'none'
  /** Trains with batch norm, which is folded into kernels and bias before quantisation. */
  batchNorm: boolean
  states: readonly StateRow<K>[]
  width(op: OpOf<K>, input: Shape, output: Shape): Width
  /** The same operator with so many output channels, where they are free. */
  resized(op: OpOf<K>, channels: number): OpOf<K>
  /** Moves or chooses values and never rescales them: TFLite demands one scale and zero point for its inputs and its output. */
  keepsParams: boolean
  /** The output is the input's memory under another shape. */
  view: boolean
  /** Whether engines train networks with it; `inLoss`: only at their end, where it belongs to the loss. */
  trainable: 'yes' | 'no' | 'inLoss'
  /** TFLite builtin operator: code, version of its int8 form, tag of its options table (schema.fbs, version 3). */
  tflite: { readonly name: string; readonly code: number; readonly version: number; readonly options: number }
}

const none = () => 0
const tied = (): Width => 'tied'
const unchanged = <O>(op: O): O => op
/** Columns of operators that learn nothing. */
const noLayer = {
  macs: none,
  kernels: [],
  biases: none,
  weightScales: 'none',
  batchNorm: false,
  states: [],
  resized: unchanged,
} as const
const convolution = {
  weightScales: 'perChannel',
  batchNorm: true,
  states: [],
  keepsParams: false,
  view: false,
  trainable: 'yes',
} as const
/** Columns of operators that compute new values, each output channel from one of every input. */
const elementwise = { ...noLayer, width: tied, keepsParams: false, view: false, trainable: 'yes' } as const

const same = (_op: Op, [input]: readonly Shape[]): Shape => input!
const pool = (op: OpOf<'averagePool' | 'maxPool'>, [i]: readonly Shape[]): Shape => window(op, i!, i![2])

function window(op: OpOf<'conv2d' | 'depthwise' | 'averagePool' | 'maxPool'>, input: Shape, channels: number): Shape {
  const h = windowOutput(input[0], op.kernel[0], op.stride[0], op.padding)
  const w = windowOutput(input[1], op.kernel[1], op.stride[1], op.padding)
  if (h < 1 || w < 1) throw new RangeError(`${op.kind} ${op.kernel.join('x')} does not fit into ${input.join('x')}`)
  return [h, w, channels]
}

function equalShapes(op: Op, [a, b]: readonly Shape[]): Shape {
  if (a!.some((n, i) => n !== b![i])) throw new RangeError(`${op.kind} of ${a!.join('x')} and ${b!.join('x')}`)
  return a!
}

/** One pixel with as many channels. */
const isPixelOf = (pixel: Shape, map: Shape): boolean => pixel[0] === 1 && pixel[1] === 1 && pixel[2] === map[2]

const table = {
  conv2d: {
    ...convolution,
    shape: (op, [i]) => window(op, i!, op.channels),
    macs: (op, i, o) => elements(o) * op.kernel[0] * op.kernel[1] * i[2],
    kernels: [{ part: 'kernel', channels: 'first', shape: (op, i) => [op.channels, op.kernel[0], op.kernel[1], i[2]] }],
    biases: (op) => op.channels,
    width: () => 'free',
    resized: (op, channels) => ({ ...op, channels }),
    tflite: { name: 'CONV_2D', code: 3, version: 3, options: 1 },
  },
  depthwise: {
    ...convolution,
    shape: (op, [i]) => window(op, i!, i![2] * op.multiplier),
    macs: (op, _i, o) => elements(o) * op.kernel[0] * op.kernel[1],
    kernels: [{ part: 'kernel', channels: 'last', shape: (op, _i, o) => [op.kernel[0], op.kernel[1], o[2]] }],
    biases: (_op, o) => o[2],
    width: (op) => (op.multiplier === 1 ? 'tied' : 'computed'),
    resized: unchanged,
    tflite: { name: 'DEPTHWISE_CONV_2D', code: 4, version: 3, options: 2 },
  },
  dense: {
    shape: (op) => [1, 1, op.units],
    macs: (op, i) => elements(i) * op.units,
    kernels: [{ part: 'kernel', channels: 'first', shape: (op, i) => [op.units, elements(i)] }],
    biases: (op) => op.units,
    weightScales: 'perTensor',
    batchNorm: false,
    states: [],
    width: () => 'free',
    resized: (op, units) => ({ ...op, units }),
    keepsParams: false,
    view: false,
    trainable: 'yes',
    tflite: { name: 'FULLY_CONNECTED', code: 9, version: 4, options: 8 },
  },
  add: { ...elementwise, shape: equalShapes, tflite: { name: 'ADD', code: 0, version: 2, options: 11 } },
  mul: {
    ...elementwise,
    shape: (op, [a, b]) => (isPixelOf(b!, a!) ? a! : equalShapes(op, [a!, b!])),
    tflite: { name: 'MUL', code: 18, version: 2, options: 21 },
  },
  averagePool: {
    ...elementwise,
    shape: pool,
    keepsParams: true,
    tflite: { name: 'AVERAGE_POOL_2D', code: 1, version: 2, options: 5 },
  },
  maxPool: {
    ...elementwise,
    shape: pool,
    keepsParams: true,
    tflite: { name: 'MAX_POOL_2D', code: 17, version: 2, options: 5 },
  },
  mean: { ...elementwise, shape: (_op, [i]) => [1, 1, i![2]], tflite: { name: 'MEAN', code: 40, version: 2, options: 27 } },
  softmax: {
    ...elementwise,
    shape: same,
    trainable: 'inLoss',
    tflite: { name: 'SOFTMAX', code: 25, version: 2, options: 9 },
  },
  reshape: {
    ...noLayer,
    shape: (op, [i]) => {
      if (elements(op.shape) !== elements(i!)) throw new RangeError(`reshape ${i!.join('x')} to ${op.shape.join('x')}`)
      return op.shape
    },
    width: (_op, i, o) => (i[2] === o[2] ? 'tied' : 'computed'),
    keepsParams: true,
    view: true,
    trainable: 'no',
    tflite: { name: 'RESHAPE', code: 22, version: 1, options: 17 },
  },
  pad: {
    ...noLayer,
    shape: (op, [i]) => [i![0] + op.before[0] + op.after[0], i![1] + op.before[1] + op.after[1], i![2]],
    width: tied,
    keepsParams: true,
    view: false,
    trainable: 'no',
    tflite: { name: 'PAD', code: 34, version: 2, options: 22 },
  },
  concat: {
    ...noLayer,
    shape: (op, inputs) => {
      const [first] = inputs
      if (inputs.some((s) => s[0] !== first![0] || s[1] !== first![1])) throw new RangeError(`${op.kind} of unequal maps`)
      return [first![0], first![1], inputs.reduce((sum, s) => sum + s[2], 0)]
    },
    width: () => 'computed',
    keepsParams: true,
    view: false,
    trainable: 'no',
    tflite: { name: 'CONCATENATION', code: 2, version: 2, options: 10 },
  },
  quantize: { ...elementwise, shape: same, trainable: 'no', tflite: { name: 'QUANTIZE', code: 114, version: 2, options: 89 } },
  hardSwish: { ...elementwise, shape: same, tflite: { name: 'HARD_SWISH', code: 117, version: 1, options: 91 } },
} as const satisfies { readonly [K in OpKind]: OpRow<K> }

/** The columns in one order: rows of one layout in memory are read several times faster, and pricing reads them tens of thousands of times a second. */
const laidOut = (row: OpRow<OpKind>): OpRow<OpKind> => ({
  shape: row.shape,
  macs: row.macs,
  kernels: row.kernels,
  biases: row.biases,
  weightScales: row.weightScales,
  batchNorm: row.batchNorm,
  states: row.states,
  width: row.width,
  resized: row.resized,
  keepsParams: row.keepsParams,
  view: row.view,
  trainable: row.trainable,
  tflite: row.tflite,
})

export const operators = Object.fromEntries(
  Object.entries(table).map(([kind, row]) => [kind, laidOut(row as unknown as OpRow<OpKind>)]),
) as unknown as typeof table

/** The row of an operator, typed so that it may be called with that operator. */
export const rowOf = <K extends OpKind>(op: OpOf<K> & { readonly kind: K }): OpRow<K> => operators[op.kind] as unknown as OpRow<K>
