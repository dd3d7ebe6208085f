import { type Activation, type LayerActivation, type Op, type OpKind, type OpOf, outputOf, type Padding } from '../graph/graph.ts'
import { operators } from '../graph/operators.ts'
import {
  constantShapes,
  fileNames,
  fileShape,
  kernelLetters,
  modelTables,
  optionTables,
  plainTensor,
  tensorName,
} from '../graph/tflite-layout.ts'
import { mapTensors } from '../graph/tflite-rank.ts'
import { hasWeights, isPerChannel, kernelsOf, type LayerKind, weightBitsOf } from '../graph/traits.ts'
import type { LayerParams, QuantizedModel } from '../quant/model.ts'
import { packNibbles } from '../quant/nibbles.ts'
import { type FlatWriter, flatWriter, type Offset } from './flatbuffer-write.ts'
import type { ExportMeta } from './meta.ts'

/**
 * The network as a .tflite file (schema version 3), int8 from input to output. Without `meta` its length is `tfliteBytes(graph)`; with it, a
 * metadata entry `tinyfront` carries labels and input scaling as JSON, which costs flash on the device. `outputs: 'every'` makes every
 * operator's result an output of the file, for comparing runtimes layer by layer.
 * Throws RangeError where the graph has no TFLite form (a dense output that feeds an operator with a window).
 */
export function writeTflite(model: QuantizedModel, meta?: ExportMeta, outputs: 'last' | 'every' = 'last'): Uint8Array {
  const { graph } = model
  const map = mapTensors(graph)
  const constants = listConstants(model, map)
  const json = meta && new TextEncoder().encode(JSON.stringify(meta))
  const w = flatWriter(
    1024 + (json?.length ?? 0) + constants.reduce((sum, c) => sum + c.data.length + 24 * c.scales.length + 400, 0),
  )

  // Order of writing, from the end of the file: data, zero points, everything else (see graph/tflite-layout.ts).
  w.aligned(new Uint8Array(0))
  const data = [...constants.map((c) => w.aligned(c.data)), ...(json ? [w.aligned(json)] : [])]
  const zeroPoints = model.tensors.map((q) => w.int64s([q.zeroPoint]))
  const zeros = new Map<number, Offset>()
  for (const { scales } of constants)
    if (scales.length > 0 && !zeros.has(scales.length)) zeros.set(scales.length, w.int64s(new Uint8Array(scales.length)))
  const empty = w.table(modelTables.emptyBuffer, [])
  const buffers = w.offsets([empty, ...data.map((d) => w.table(modelTables.buffer, [d]))])

  const tensors = graph.shapes.map((shape, t) => {
    const quantisation = w.table(modelTables.quantisation, [w.float32s([model.tensors[t]!.scale]), zeroPoints[t]!, 0])
    const dims = map[t] ? [1, ...shape] : [1, shape[2]]
    return w.table(modelTables.tensor, [w.int32s(dims), 0, w.text(tensorName('t', t)), quantisation, int8, 1])
  })
  constants.forEach((c, i) => {
    const shape = w.int32s(c.shape)
    const name = w.text(c.name)
    if (c.scales.length === 0) tensors.push(w.table(plainTensor, [shape, i + 1, name, int32, 1]))
    else {
      const quantisation = w.table(modelTables.quantisation, [w.float32s(c.scales), zeros.get(c.scales.length)!, c.channelDim])
      tensors.push(w.table(modelTables.tensor, [shape, i + 1, name, quantisation, c.type, 1]))
    }
  })

  const codes = listCodes(model)
  const last = graph.shapes.length - 1
  const results = outputs === 'last' ? [last] : graph.ops.map((_, i) => outputOf(i))
  const subgraph = w.table(modelTables.subgraph, [
    w.offsets(tensors),
    w.int32s([0]),
    w.int32s(results),
    w.offsets(graph.ops.map((op, i) => writeOperator(w, model, op, i, codes.indices[i]!, constants, map))),
    w.text(fileNames.subgraph),
  ])
  const named = (name: string, tensor: number) => w.table(modelTables.tensorName, [w.text(name), tensor])
  const signature = w.table(modelTables.signature, [
    w.offsets([named(fileNames.input, 0)]),
    w.offsets(results.map((t) => named(t === last ? fileNames.output : tensorName('t', t), t))),
    w.text(fileNames.signature),
  ])
  const operatorCodes = w.offsets(
    codes.list.map(({ code, version }) => w.table(modelTables.operatorCode, [version, code, Math.min(code, 127)])),
  )
  const fields = [3, operatorCodes, w.offsets([subgraph]), w.text(fileNames.description), buffers, w.offsets([signature])]
  if (!json) return w.finish(w.table(modelTables.model, fields), 'TFL3')
  const entry = w.table(modelTables.tensorName, [w.text(metadataName), constants.length + 1])
  return w.finish(w.table([...modelTables.model, [6, 'offset']], [...fields, w.offsets([entry])]), 'TFL3')
}

/** Name of our metadata entry. */
export const metadataName = 'tinyfront'

const int32 = 2
const int8 = 9
const int4 = 17
export const activationCodes: Readonly<Record<Activation, number>> = { none: 0, relu: 1, relu6: 3 }
export const paddingCodes: Readonly<Record<Padding, number>> = { same: 0, valid: 1 }

/** A tensor with data. `op` reads it as input number `1 + its place among the constants of that operator`. */
type Constant = {
  readonly op: number
  readonly name: string
  readonly type: number
  readonly shape: readonly number[]
  readonly data: Uint8Array
  /** empty: not quantised */
  readonly scales: Float32Array
  readonly channelDim: number
}

function listConstants(model: QuantizedModel, map: readonly boolean[]): Constant[] {
  const { graph, layers } = model
  return graph.ops.flatMap((op, i) => {
    const layer = layers[i]
    if (layer) return layerConstants(model, i, layer)
    const isMap = map[outputOf(i)]!
    const shape = constantShapes[op.kind]?.(isMap)
    if (!shape) return []
    const data = bytesOf(Int32Array.from(constantValues[op.kind as ConstantKind](op as never, isMap)))
    return [{ op: i, name: tensorName('c', i), type: int32, shape, data, scales: new Float32Array(0), channelDim: 0 }]
  })
}

/** Weight tensors, then the bias. */
function layerConstants({ graph, tensors }: QuantizedModel, i: number, { kernels, bias }: LayerParams): Constant[] {
  const inputScale = Math.fround(tensors[graph.ops[i]!.inputs[0]!]!.scale)
  const narrow = weightBitsOf(graph.ops[i]!) === 4
  const weights = kernelsOf(graph, i).map((tensor, k): Constant => {
    const { weights, weightScales } = kernels[k]!
    const shape = fileShape(tensor)
    return {
      op: i,
      name: tensorName(kernelLetters[k]!, i),
      type: narrow ? int4 : int8,
      shape,
      data: narrow ? packNibbles(weights) : bytesOf(weights),
      scales: weightScales,
      channelDim: tensor.channels === 'last' && weightScales.length > 1 ? shape.length - 1 : 0,
    }
  })
  return [
    ...weights,
    {
      op: i,
      name: tensorName('b', i),
      type: int32,
      shape: [bias.length],
      data: bytesOf(bias),
      // LiteRT's numbers change without it
      scales: kernels[0].weightScales.map((s) => inputScale * s),
      channelDim: 0,
    },
  ]
}

type ConstantKind = { [K in OpKind]: (typeof constantShapes)[K] extends undefined ? never : K }[OpKind]

/** Values of the constants of `constantShapes`. */
const constantValues: { readonly [K in ConstantKind]: (op: OpOf<K>, isMap: boolean) => readonly number[] } = {
  mean: () => [1, 2],
  reshape: (op, isMap) => (isMap ? [1, ...op.shape] : [1, op.shape[2]]),
  pad: ({ before, after }) => [0, 0, before[0], after[0], before[1], after[1], 0, 0],
}

const bytesOf = (values: Int8Array | Int32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength)

/** Of dense layers with a scale per unit. */
const perUnitVersion = 12
/** Of layers with weights in 4 bits. */
const int4Versions: Readonly<Record<LayerKind, number>> = { conv2d: 7, depthwise: 7, dense: 10 }

type Code = { readonly code: number; readonly version: number }

/** Distinct operator codes in order of first use, and the one of each operator. */
function listCodes({ graph, layers }: QuantizedModel): { list: Code[]; indices: number[] } {
  const list: Code[] = []
  const indices = graph.ops.map((op, i) => {
    const { code, version: plain } = operators[op.kind].tflite
    const version = !hasWeights(op)
      ? plain
      : weightBitsOf(op) === 4
        ? int4Versions[op.kind]
        : !isPerChannel(op) && layers[i]!.kernels[0].weightScales.length > 1
          ? perUnitVersion
          : plain
    const known = list.findIndex((c) => c.code === code && c.version === version)
    return known >= 0 ? known : list.push({ code, version }) - 1
  })
  return { list, indices }
}

function writeOperator(
  w: FlatWriter,
  { graph }: QuantizedModel,
  op: Op,
  i: number,
  code: number,
  constants: readonly Constant[],
  map: readonly boolean[],
): Offset {
  const own = constants.flatMap((c, k) => (c.op === i ? [graph.shapes.length + k] : []))
  const { options } = operators[op.kind].tflite
  const values = (optionValues[op.kind] as (op: Op, isMap: boolean) => number[])(op, map[outputOf(i)]!)
  return w.table(modelTables.operator, [
    code,
    w.int32s([...op.inputs, ...own]),
    w.int32s([outputOf(i)]),
    w.table(optionTables[op.kind], values),
    options,
  ])
}

const pool = (op: OpOf<'averagePool' | 'maxPool'>): number[] => [
  op.stride[1],
  op.stride[0],
  op.kernel[1],
  op.kernel[0],
  paddingCodes[op.padding],
  activationCodes[op.activation],
]
/** A hard sigmoid has none: the quantiser folds it (`checkModel`). */
const codeOf = (activation: LayerActivation): number => activationCodes[activation as Activation]
const activation = (op: { readonly activation: LayerActivation }): number[] => [codeOf(op.activation)]

/** Values of `optionTables[kind]`; the second argument says whether the output is a map (rank 4). */
const optionValues: { readonly [K in OpKind]: (op: OpOf<K>, isMap: boolean) => number[] } = {
  conv2d: (op) => [op.stride[1], op.stride[0], paddingCodes[op.padding], codeOf(op.activation)],
  depthwise: (op) => [op.stride[1], op.stride[0], op.multiplier, paddingCodes[op.padding], codeOf(op.activation)],
  dense: activation,
  add: activation,
  mul: activation,
  averagePool: pool,
  maxPool: pool,
  mean: (_op, isMap) => [isMap ? 1 : 0],
  softmax: () => [1],
  reshape: () => [],
  pad: () => [],
  concat: (_op, isMap) => [isMap ? 3 : 1, 0],
  quantize: () => [],
  hardSwish: () => [],
}
