import { elements, type Op, type OpKind, type OpOf, type Shape, windowOutput } from './graph.ts'

/**
 * The facts about one operator stand in one row. A new kind does not compile until every column here is filled, and every floor's own
 * `Record<OpKind, ...>` (gradient kernel, integer kernel, cycles, C code) with it.
 */
export type OpRow<K extends OpKind> = {
  /** Output shape, or throws RangeError where the operator cannot take these inputs. */
  shape(op: OpOf<K>, inputs: readonly Shape[]): Shape
  /** Multiply-accumulates, padding taps included (the convention of the published tables). */
  macs(op: OpOf<K>, input: Shape, output: Shape): number
  /** int8 weights. */
  weights(op: OpOf<K>, input: Shape, output: Shape): number
  /** int32 biases. */
  biases(op: OpOf<K>, output: Shape): number
  /** TFLite builtin operator: code, version of its int8 form, tag of its options table (schema.fbs, version 3). */
  tflite: { readonly name: string; readonly code: number; readonly version: number; readonly options: number }
  /** Which stages know it. A search space may use only rows where all four are true. */
  ticks: { readonly train: boolean; readonly int8Exact: boolean; readonly export: boolean; readonly predicted: boolean }
}

const all = { train: true, int8Exact: true, export: true, predicted: true } as const
const inferenceOnly = { ...all, train: false } as const
const none = () => 0
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

export const operators: { readonly [K in OpKind]: OpRow<K> } = {
  conv2d: {
    shape: (op, [i]) => window(op, i!, op.channels),
    macs: (op, i, o) => elements(o) * op.kernel[0] * op.kernel[1] * i[2],
    weights: (op, i) => op.channels * op.kernel[0] * op.kernel[1] * i[2],
    biases: (op) => op.channels,
    tflite: { name: 'CONV_2D', code: 3, version: 3, options: 1 },
    ticks: all,
  },
  depthwise: {
    shape: (op, [i]) => window(op, i!, i![2] * op.multiplier),
    macs: (op, _i, o) => elements(o) * op.kernel[0] * op.kernel[1],
    weights: (op, i) => i[2] * op.multiplier * op.kernel[0] * op.kernel[1],
    biases: (_op, o) => o[2],
    tflite: { name: 'DEPTHWISE_CONV_2D', code: 4, version: 3, options: 2 },
    ticks: all,
  },
  dense: {
    shape: (op) => [1, 1, op.units],
    macs: (op, i) => elements(i) * op.units,
    weights: (op, i) => elements(i) * op.units,
    biases: (op) => op.units,
    tflite: { name: 'FULLY_CONNECTED', code: 9, version: 4, options: 8 },
    ticks: all,
  },
  add: {
    shape: equalShapes,
    macs: none,
    weights: none,
    biases: none,
    tflite: { name: 'ADD', code: 0, version: 2, options: 11 },
    ticks: all,
  },
  mul: {
    shape: (op, [a, b]) => (isPixelOf(b!, a!) ? a! : equalShapes(op, [a!, b!])),
    macs: none,
    weights: none,
    biases: none,
    tflite: { name: 'MUL', code: 18, version: 2, options: 21 },
    ticks: all,
  },
  averagePool: {
    shape: pool,
    macs: none,
    weights: none,
    biases: none,
    tflite: { name: 'AVERAGE_POOL_2D', code: 1, version: 2, options: 5 },
    ticks: all,
  },
  maxPool: {
    shape: pool,
    macs: none,
    weights: none,
    biases: none,
    tflite: { name: 'MAX_POOL_2D', code: 17, version: 2, options: 5 },
    ticks: all,
  },
  mean: {
    shape: (_op, [i]) => [1, 1, i![2]],
    macs: none,
    weights: none,
    biases: none,
    tflite: { name: 'MEAN', code: 40, version: 2, options: 27 },
    ticks: all,
  },
  softmax: {
    shape: same,
    macs: none,
    weights: none,
    biases: none,
    tflite: { name: 'SOFTMAX', code: 25, version: 2, options: 9 },
    ticks: all,
  },
  reshape: {
    shape: (op, [i]) => {
      if (elements(op.shape) !== elements(i!)) throw new RangeError(`reshape ${i!.join('x')} to ${op.shape.join('x')}`)
      return op.shape
    },
    macs: none,
    weights: none,
    biases: none,
    tflite: { name: 'RESHAPE', code: 22, version: 1, options: 17 },
    ticks: inferenceOnly,
  },
  pad: {
    shape: (op, [i]) => [i![0] + op.before[0] + op.after[0], i![1] + op.before[1] + op.after[1], i![2]],
    macs: none,
    weights: none,
    biases: none,
    tflite: { name: 'PAD', code: 34, version: 2, options: 22 },
    ticks: inferenceOnly,
  },
  concat: {
    shape: (op, inputs) => {
      const [first] = inputs
      if (inputs.some((s) => s[0] !== first![0] || s[1] !== first![1])) throw new RangeError(`${op.kind} of unequal maps`)
      return [first![0], first![1], inputs.reduce((sum, s) => sum + s[2], 0)]
    },
    macs: none,
    weights: none,
    biases: none,
    tflite: { name: 'CONCATENATION', code: 2, version: 2, options: 10 },
    ticks: inferenceOnly,
  },
  quantize: {
    shape: same,
    macs: none,
    weights: none,
    biases: none,
    tflite: { name: 'QUANTIZE', code: 114, version: 2, options: 89 },
    ticks: inferenceOnly,
  },
  hardSwish: {
    shape: same,
    macs: none,
    weights: none,
    biases: none,
    tflite: { name: 'HARD_SWISH', code: 117, version: 1, options: 91 },
    ticks: all,
  },
}

/** The row of an operator, typed so that it may be called with that operator. */
export const rowOf = <K extends OpKind>(op: OpOf<K> & { readonly kind: K }): OpRow<K> => operators[op.kind] as unknown as OpRow<K>
