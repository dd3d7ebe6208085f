import {
  inputShape,
  type LayerActivation,
  type Op,
  type OpKind,
  type OpOf,
  outputOf,
  outputShape,
  padBefore,
  type Shape,
} from '../../graph/graph.ts'
import { mapTensors } from '../../graph/tflite-rank.ts'
import type { LayerParams, QuantizedModel, QuantParams } from '../../quant/model.ts'
import { type OnnxGraph, onnxGraph } from './graph.ts'

/**
 * The network as ONNX (opset 13) in QDQ form: float operators between QuantizeLinear and DequantizeLinear, which is how ONNX Runtime, TensorRT
 * and vendors' tools read an int8 network. Float input and output in H, W, C order. Runtimes round in their own ways: outputs are within a
 * few steps of TFLite's, not equal. ONNX Runtime's fused kernels on x86 without VNNI are further off: they saturate pairs of products at 16 bits.
 */
export function writeOnnx(model: QuantizedModel, name = 'tinyfront'): Uint8Array {
  const { graph, tensors } = model
  const map = mapTensors(graph)
  const g = onnxGraph()
  const dims = (shape: Shape, t: number) => (map[t] ? [1, ...shape] : [1, shape[2]])
  // Maps are N, C, H, W inside.
  const values = [quantised(g, map[0] ? toChannelsFirst(g, 'input') : 'input', tensors[0]!)]
  graph.ops.forEach((op, i) => {
    const out = outputOf(i)
    const write = writers[op.kind] as (op: Op, at: OnnxContext) => string
    const result = write(op, {
      g,
      x: op.inputs.map((t) => values[t]!),
      shapes: op.inputs.map((t) => graph.shapes[t]!),
      shape: graph.shapes[out]!,
      inputScale: tensors[op.inputs[0]!]!.scale,
      layer: model.layers[i],
      fromMap: map[op.inputs[0]!]!,
      fromMaps: op.inputs.map((t) => map[t]!),
      toMap: map[out]!,
    })
    values.push(quantised(g, result, tensors[out]!))
  })
  const last = values.length - 1
  if (map[last]) g.node('Transpose', [values[last]!], { perm: [0, 2, 3, 1] }, 'output')
  else g.node('Identity', [values[last]!], {}, 'output')
  return g.finish(
    name,
    { name: 'input', dims: dims(inputShape(graph), 0) },
    { name: 'output', dims: dims(outputShape(graph), last) },
  )
}

/** One operator between its dequantised inputs and its float result. */
type OnnxContext = {
  readonly g: OnnxGraph
  readonly x: readonly string[]
  readonly shapes: readonly Shape[]
  readonly shape: Shape
  readonly inputScale: number
  readonly layer: LayerParams | undefined
  /** rank 4 rather than 2 */
  readonly fromMap: boolean
  readonly fromMaps: readonly boolean[]
  readonly toMap: boolean
}

const toChannelsFirst = (g: OnnxGraph, x: string): string => g.node('Transpose', [x], { perm: [0, 3, 1, 2] })
const toChannelsLast = (g: OnnxGraph, x: string): string => g.node('Transpose', [x], { perm: [0, 2, 3, 1] })
const integers = (g: OnnxGraph, values: readonly number[]): string =>
  g.constant('int64', [values.length], BigInt64Array.from(values, BigInt))

function quantised(g: OnnxGraph, x: string, { scale, zeroPoint }: QuantParams): string {
  const s = g.constant('float', [], Float32Array.of(scale))
  const z = g.constant('int8', [], Int8Array.of(zeroPoint))
  return g.node('DequantizeLinear', [g.node('QuantizeLinear', [x, s, z]), s, z])
}

const writers: { readonly [K in OpKind]: (op: OpOf<K>, at: OnnxContext) => string } = {
  conv2d: (op, at) => {
    const c = at.shapes[0]![2]
    const [kh, kw] = op.kernel
    const weights = reorder(at.layer!.kernels[0].weights, [op.channels, kh, kw, c], [0, 3, 1, 2])
    return convolution(op, at, weights, [op.channels, c, kh, kw], 1)
  },
  depthwise: (op, at) => {
    const channels = at.shape[2]
    const [kh, kw] = op.kernel
    const weights = reorder(at.layer!.kernels[0].weights, [kh, kw, channels], [2, 0, 1])
    return convolution(op, at, weights, [channels, 1, kh, kw], at.shapes[0]![2])
  },
  dense: (op, at) => {
    const { g, layer } = at
    const flat = g.node('Reshape', [at.fromMap ? toChannelsLast(g, at.x[0]!) : at.x[0]!, integers(g, [1, -1])])
    const weights = dequantisedWeights(at, layer!.kernels[0].weights, [op.units, layer!.kernels[0].weights.length / op.units])
    return activated(g, g.node('Gemm', [flat, weights, dequantisedBias(at)], { transB: 1 }), op.activation)
  },
  add: (op, at) => activated(at.g, at.g.node('Add', at.x), op.activation),
  mul: (op, { g, x, shape, fromMaps, toMap }) => {
    const pixel = integers(g, [1, shape[2], 1, 1])
    const factors = x.map((name, k) => (toMap && !fromMaps[k] ? g.node('Reshape', [name, pixel]) : name))
    return activated(g, g.node('Mul', factors), op.activation)
  },
  averagePool: (op, at) =>
    activated(at.g, at.g.node('AveragePool', at.x, { ...windowAttributes(op, at), count_include_pad: 0 }), op.activation),
  maxPool: (op, at) => activated(at.g, at.g.node('MaxPool', at.x, windowAttributes(op, at)), op.activation),
  mean: (_op, { g, x, toMap }) => {
    const mean = g.node('GlobalAveragePool', x)
    return toMap ? mean : g.node('Flatten', [mean], { axis: 1 })
  },
  softmax: (_op, { g, x }) => g.node('Softmax', x, { axis: 1 }),
  reshape: (op, { g, x, fromMap, toMap }) => {
    const rows = fromMap ? toChannelsLast(g, x[0]!) : x[0]!
    const shaped = g.node('Reshape', [rows, integers(g, toMap ? [1, ...op.shape] : [1, op.shape[2]])])
    return toMap ? toChannelsFirst(g, shaped) : shaped
  },
  pad: (op, { g, x }) => g.node('Pad', [x[0]!, integers(g, [0, 0, ...op.before, 0, 0, ...op.after])]),
  concat: (_op, { g, x }) => g.node('Concat', x, { axis: 1 }),
  quantize: (_op, { x }) => x[0]!,
  // opset 14 has an operator for it
  hardSwish: (_op, { g, x }) => {
    const gate = g.node('Clip', [g.node('Add', [x[0]!, float(g, 3)]), float(g, 0), float(g, 6)])
    return g.node('Mul', [g.node('Mul', [x[0]!, gate]), float(g, 1 / 6)])
  },
}

const float = (g: OnnxGraph, value: number): string => g.constant('float', [], Float32Array.of(value))

function activated(g: OnnxGraph, x: string, activation: LayerActivation): string {
  // int8 itself clamps a hard sigmoid (`checkModel`)
  if (activation === 'none' || activation === 'hardSigmoid') return x
  if (activation === 'relu') return g.node('Relu', [x])
  return g.node('Clip', [x, float(g, 0), float(g, 6)])
}

function convolution(
  op: OpOf<'conv2d' | 'depthwise'>,
  at: OnnxContext,
  weights: Int8Array,
  dims: readonly number[],
  group: number,
): string {
  const inputs = [at.x[0]!, dequantisedWeights(at, weights, dims), dequantisedBias(at)]
  return activated(at.g, at.g.node('Conv', inputs, { ...windowAttributes(op, at), group }), op.activation)
}

/** Kernel, strides and explicit pads (top, left, bottom, right). */
function windowAttributes(op: OpOf<'conv2d' | 'depthwise' | 'averagePool' | 'maxPool'>, { shapes, shape }: OnnxContext) {
  const input = shapes[0]!
  const before = [0, 1].map((d) => padBefore(input[d]!, op.kernel[d]!, op.stride[d]!, shape[d]!, op.padding))
  const total = [0, 1].map((d) =>
    op.padding === 'same' ? Math.max(0, (shape[d]! - 1) * op.stride[d]! + op.kernel[d]! - input[d]!) : 0,
  )
  return { kernel_shape: op.kernel, strides: op.stride, pads: [...before, ...total.map((n, d) => n - before[d]!)] }
}

/** Per-channel scales stand along dimension 0; a layer with one scale has a scalar. */
function dequantisedWeights({ g, layer }: OnnxContext, weights: Int8Array, dims: readonly number[]): string {
  const { weightScales } = layer!.kernels[0]
  const shape = weightScales.length === 1 ? [] : [weightScales.length]
  const scale = g.constant('float', shape, weightScales)
  const zero = g.constant('int8', shape, new Int8Array(weightScales.length))
  return g.node('DequantizeLinear', [g.constant('int8', dims, weights), scale, zero], { axis: 0 })
}

function dequantisedBias({ g, layer, inputScale }: OnnxContext): string {
  const { bias } = layer!
  const { weightScales } = layer!.kernels[0]
  const scales = weightScales.map((s) => Math.fround(inputScale) * s)
  const scale = g.constant('float', scales.length === 1 ? [] : [scales.length], scales)
  return g.node('DequantizeLinear', [g.constant('int32', [bias.length], bias), scale], { axis: 0 })
}

/** The values of an array of these dimensions with the dimensions in another order. */
function reorder(values: Int8Array, dims: readonly number[], order: readonly number[]): Int8Array {
  const strides = dims.map((_, d) => dims.slice(d + 1).reduce((a, b) => a * b, 1))
  const out = new Int8Array(values.length)
  let at = 0
  const walk = (depth: number, from: number): void => {
    if (depth === order.length) {
      out[at++] = values[from]!
      return
    }
    const d = order[depth]!
    for (let i = 0; i < dims[d]!; i++) walk(depth + 1, from + i * strides[d]!)
  }
  walk(0, 0)
  return out
}
