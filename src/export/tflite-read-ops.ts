import {
  type Activation,
  elements,
  type Op,
  type OpKind,
  type OpOf,
  type Padding,
  type Shape,
  type TensorId,
} from '../graph/graph.ts'
import type { LayerParams } from '../quant/model.ts'
import { unpackNibbles } from '../quant/nibbles.ts'
import type { Table } from './flatbuffer-read.ts'
import { elementTypes, type FileTensor, int32Data, shapeOf } from './tflite-tensors.ts'
import { activationCodes, paddingCodes } from './tflite-write.ts'

/** One operator of the file and its surroundings. */
export type FileOperator = {
  readonly options: Table | undefined
  /** Input tensors as declared; undefined where an optional one is left out. */
  readonly inputs: readonly (FileTensor | undefined)[]
  /** Graph tensors of the inputs; undefined for constants. */
  readonly ids: readonly (TensorId | undefined)[]
  readonly output: FileTensor
}
export type ReadOperator = { readonly op: Op; readonly layer?: LayerParams }

/** The graph's form of each operator. Throws RangeError that says what of it is not supported. */
export const operatorReaders: { readonly [K in OpKind]: (at: FileOperator) => ReadOperator } = {
  conv2d: (at) => {
    const { dims } = layerWeights(at, 4)
    const [channels, kh, kw, inputs] = dims as [number, number, number, number]
    const [, , c] = shapeOf(at.inputs[0]!)
    if (inputs !== c) throw new RangeError(`convolution in groups (${c} channels in, weights for ${inputs})`)
    undilated(at.options, 4, 5)
    const activation = activationOf(at.options, 3)
    return {
      op: {
        kind: 'conv2d',
        inputs: [activationInput(at, 0)],
        channels,
        activation,
        kernel: [kh, kw],
        ...strides(at.options),
        ...bitsOf(at),
      },
      layer: layerOf(at, channels),
    }
  },
  depthwise: (at) => {
    const { dims } = layerWeights(at, 4)
    const [batch, kh, kw, channels] = dims as [number, number, number, number]
    const multiplier = channels / shapeOf(at.inputs[0]!)[2]
    if (batch !== 1 || !Number.isInteger(multiplier)) throw new RangeError(`weights of shape [${dims.join(', ')}]`)
    undilated(at.options, 5, 6)
    const activation = activationOf(at.options, 4)
    return {
      op: {
        kind: 'depthwise',
        inputs: [activationInput(at, 0)],
        multiplier,
        activation,
        kernel: [kh, kw],
        ...strides(at.options),
        ...bitsOf(at),
      },
      layer: layerOf(at, channels),
    }
  },
  dense: (at) => {
    const [units, inputs] = layerWeights(at, 2).dims as [number, number]
    if (elements(shapeOf(at.inputs[0]!)) !== inputs)
      throw new RangeError(`${inputs} weights a unit for an input of shape [${at.inputs[0]!.dims.join(', ')}]`)
    if (at.options && at.options.i8(1, 0) !== 0) throw new RangeError('shuffled weights')
    return {
      op: { kind: 'dense', inputs: [activationInput(at, 0)], units, activation: activationOf(at.options, 0), ...bitsOf(at) },
      layer: layerOf(at, units),
    }
  },
  add: (at) => ({ op: { kind: 'add', inputs: pair(at), activation: activationOf(at.options, 0) } }),
  mul: (at) => ({ op: { kind: 'mul', inputs: factors(at), activation: activationOf(at.options, 0) } }),
  averagePool: (at) => ({ op: { kind: 'averagePool', ...pooling(at) } }),
  maxPool: (at) => ({ op: { kind: 'maxPool', ...pooling(at) } }),
  mean: (at) => {
    const input = at.inputs[0]!
    const rank = input.dims.length
    const axes = int32Data(at.inputs[1], at.inputs[1]?.dims[0] ?? 1, 'axes')
    const reduced = new Set(Array.from(axes, (axis) => (axis < 0 ? axis + rank : axis)))
    const whole = input.dims.every((n, d) => (d === 0 || d === rank - 1 ? !reduced.has(d) : reduced.has(d) || n === 1))
    if (!whole) throw new RangeError(`mean over axes ${[...reduced].join(', ')} of [${input.dims.join(', ')}]`)
    return { op: { kind: 'mean', inputs: [activationInput(at, 0)] } }
  },
  softmax: (at) => {
    if (at.options?.f32(0, 0) !== 1) throw new RangeError('a beta other than 1')
    return { op: { kind: 'softmax', inputs: [activationInput(at, 0)] } }
  },
  reshape: (at) => ({ op: { kind: 'reshape', inputs: [activationInput(at, 0)], shape: shapeOf(at.output) } }),
  pad: (at) => {
    if (at.inputs[0]?.dims.length !== 4) throw new RangeError('padding of other than [1, h, w, c]')
    const p = int32Data(at.inputs[1], 8, 'paddings')
    if (p[0] || p[1] || p[6] || p[7]) throw new RangeError('padding of batch or channels')
    if (p.some((n) => n < 0)) throw new RangeError('negative padding')
    return { op: { kind: 'pad', inputs: [activationInput(at, 0)], before: [p[2]!, p[4]!], after: [p[3]!, p[5]!] } }
  },
  concat: (at) => {
    const rank = at.output.dims.length
    const axis = at.options?.i32(0, 0) ?? 0
    if ((axis < 0 ? axis + rank : axis) !== rank - 1) throw new RangeError(`concatenation along axis ${axis}`)
    if (activationOf(at.options, 1) !== 'none') throw new RangeError('a fused activation')
    return { op: { kind: 'concat', inputs: at.inputs.map((_, k) => activationInput(at, k)) } }
  },
  quantize: (at) => ({ op: { kind: 'quantize', inputs: [activationInput(at, 0)] } }),
  hardSwish: (at) => ({ op: { kind: 'hardSwish', inputs: [activationInput(at, 0)] } }),
}

function activationInput(at: FileOperator, k: number): TensorId {
  const id = at.ids[k]
  if (id === undefined) throw new RangeError(`input ${k} is a constant or missing`)
  return id
}

function pair(at: FileOperator): [TensorId, TensorId] {
  const [a, b] = [shapeOf(at.inputs[0]!), at.inputs[1] && shapeOf(at.inputs[1])] as [Shape, Shape | undefined]
  const ids: [TensorId, TensorId] = [activationInput(at, 0), activationInput(at, 1)]
  if (a.some((n, i) => n !== b?.[i])) throw new RangeError(`inputs of different shapes (${a.join('x')}, ${b?.join('x')})`)
  return ids
}

/** A pair, or a map and one pixel in either order. */
function factors(at: FileOperator): [TensorId, TensorId] {
  const [a, b] = at.inputs.map((input) => input && shapeOf(input))
  if (a && b && a[2] === b[2]) {
    if (b[0] * b[1] === 1) return [activationInput(at, 0), activationInput(at, 1)]
    if (a[0] * a[1] === 1) return [activationInput(at, 1), activationInput(at, 0)]
  }
  return pair(at)
}

function activationOf(options: Table | undefined, slot: number): Activation {
  const code = options?.i8(slot, 0) ?? 0
  const known = Object.entries(activationCodes).find(([, c]) => c === code)
  if (!known) throw new RangeError(`fused activation ${code}`)
  return known[0] as Activation
}

function strides(options: Table | undefined): { stride: readonly [number, number]; padding: Padding } {
  const stride = [options?.i32(2, 0) ?? 0, options?.i32(1, 0) ?? 0] as const
  const padding = options?.i8(0, 0) === paddingCodes.valid ? 'valid' : 'same'
  if (stride.some((s) => s < 1 || s > 65535)) throw new RangeError(`a stride of ${stride.join('x')}`)
  return { stride, padding }
}

function undilated(options: Table | undefined, w: number, h: number): void {
  if (options && (options.i32(w, 1) !== 1 || options.i32(h, 1) !== 1)) throw new RangeError('dilation')
}

function pooling(at: FileOperator): Omit<OpOf<'averagePool'>, 'kind'> {
  const kernel = [at.options?.i32(4, 0) ?? 0, at.options?.i32(3, 0) ?? 0] as const
  if (kernel.some((k) => k < 1 || k > 65535)) throw new RangeError(`a window of ${kernel.join('x')}`)
  return { inputs: [activationInput(at, 0)], kernel, activation: activationOf(at.options, 5), ...strides(at.options) }
}

/** The weights tensor: constant int8 or int4 of this rank, symmetric. */
function layerWeights(at: FileOperator, rank: number): FileTensor {
  const weights = at.inputs[1]
  if (weights?.data === undefined || (weights.type !== elementTypes.int8 && weights.type !== elementTypes.int4))
    throw new RangeError('weights that are not constant int8 or int4')
  const count = weights.dims.reduce((a, b) => a * b, 1)
  if (
    weights.dims.length !== rank ||
    weights.dims.some((n) => n < 1) ||
    (isInt4(weights) ? (count + 1) >> 1 : count) !== weights.data.length
  )
    throw new RangeError(`${weights.data.length} bytes of weights of shape [${weights.dims.join(', ')}]`)
  return weights
}

const isInt4 = ({ type }: FileTensor): boolean => type === elementTypes.int4

/** The field of an operator whose weights have 4 bits. */
const bitsOf = (at: FileOperator): { readonly weightBits?: 4 } => (isInt4(at.inputs[1]!) ? { weightBits: 4 } : {})

function layerOf(at: FileOperator, channels: number): LayerParams {
  const weights = at.inputs[1]!
  const bias = at.inputs[2]
  if (weights.scales.length !== 1 && weights.scales.length !== channels)
    throw new RangeError(`${weights.scales.length} weight scales for ${channels} channels`)
  if (weights.scales.some((s) => !(s > 0 && s < 1e30))) throw new RangeError('a weight scale that is not positive')
  if (weights.zeroPoints.some((z) => z !== 0)) throw new RangeError('weights with a zero point')
  const values = isInt4(weights)
    ? unpackNibbles(
        weights.data!,
        weights.dims.reduce((a, b) => a * b, 1),
      )
    : new Int8Array(weights.data!.slice().buffer)
  return {
    kernels: [{ weights: values, weightScales: weights.scales }],
    bias: bias ? int32Data(bias, channels, 'bias') : new Int32Array(channels),
  }
}
