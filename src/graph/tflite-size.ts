import { type Graph, type OpKind, outputOf } from './graph.ts'
import { operators, rowOf } from './operators.ts'
import {
  constantShapes,
  fileNames,
  fileRank,
  modelTables,
  optionTables,
  plainTensor,
  type TableLayout,
  tableBytes,
  tensorName,
  vtable,
} from './tflite-layout.ts'
import { mapTensors } from './tflite-rank.ts'
import { packedBytes, sizeOf, weightBitsOf } from './traits.ts'

/**
 * Exact length of the .tflite file of a network that we quantised (convolutions per channel), from its graph alone: the flash of its weights
 * and structure. Equal to `writeTflite(model).length` (property test). `dense` says whether dense layers have one weight scale per unit or one
 * per tensor. About 3 us a network.
 */
export function tfliteBytes(graph: Graph, dense: 'perTensor' | 'perChannel' = 'perTensor'): number {
  const { ops, shapes } = graph
  const map = mapTensors(graph)
  let data = 4
  let rest = 0
  let plain = 0
  let codes = 0
  let seen = 0
  let constants = 0
  const zeros: number[] = []
  for (let i = 0; i < ops.length; i++) {
    const op = ops[i]!
    const { kernels, weightScales } = rowOf(op)
    // weights in 4 bits are another version of the operator, and one scale per unit is; but one unit has one scale
    const narrow = weightBitsOf(op) === 4
    const single = !narrow && dense === 'perChannel' && weightScales === 'perTensor' && shapes[outputOf(i)]![2] === 1
    const bit = single ? singleUnit : 1 << (kindIndex[op.kind] + (narrow ? kindNames.length : 0))
    if ((seen & bit) === 0) codes++
    seen |= bit
    rest += operatorBytes[op.kind] + 4 * op.inputs.length
    if (kernels.length > 0) {
      const input = shapes[op.inputs[0]!]!
      const output = shapes[outputOf(i)]!
      const channels = output[2]
      const scales = (dense === 'perChannel' && !narrow) || weightScales === 'perChannel' ? channels : 1
      // of weights and bias: values, shape, scales, place in the list of inputs
      for (let k = 0; k < kernels.length; k++) {
        const shape = kernels[k]!.shape(op as never, input, output)
        data += up16(4 + packedBytes(op, sizeOf(shape)))
        rest += vector(fileRank(shape.length, kernels[k]!.channels)) + vector(scales) + 4 + layerTensor + nameBytes(i)
        constants++
      }
      data += up16(4 + 4 * channels)
      rest += vector(1) + vector(scales) + 4 + layerTensor + nameBytes(i)
      constants++
      if (!zeros.includes(scales)) zeros.push(scales)
      continue
    }
    const constant = constantShapes[op.kind]?.(map[outputOf(i)]!)
    if (constant) {
      plain++
      constants++
      data += up16(4 + 4 * sizeOf(constant))
      rest += tensorBytes + nameBytes(i) + vector(constant.length) + 4
    }
  }
  for (let t = 0; t < shapes.length; t++) rest += activationTensor + nameBytes(t) + vector(map[t] ? 4 : 2)
  for (const n of zeros) rest += 8 + 8 * n
  rest += constants * (bufferBytes + 4) + codes * (codeBytes + 4) + fixedBytes + vtableBytes(seen, plain > 0, constants > 0)
  return up16(data + rest + 8)
}

const vector = (n: number): number => 4 + 4 * n
const up16 = (n: number): number => (n + 15) & ~15
const text = (length: number): number => 4 + ((length + 4) & ~3)
const nameBytes = (index: number): number => (index < 100 ? 8 : text(tensorName('t', index).length))

const kindNames = Object.keys(operators) as OpKind[]
const kindIndex = Object.fromEntries(kindNames.map((kind, i) => [kind, i])) as Record<OpKind, number>
const singleUnit = 1 << 28
const codeBytes = tableBytes(modelTables.operatorCode)
const bufferBytes = tableBytes(modelTables.buffer)
const tensorBytes = 4 + tableBytes(plainTensor)
const layerTensor = 4 + tableBytes(modelTables.tensor) + tableBytes(modelTables.quantisation)
/** Tensor, its one scale, its own zero point. */
const activationTensor = layerTensor + vector(1) + 16
/** Entry in the list, table, options, empty list of inputs, list of one output. */
const operatorBytes = Object.fromEntries(
  kindNames.map((kind) => [kind, 4 + tableBytes(modelTables.operator) + tableBytes(optionTables[kind]) + vector(0) + vector(1)]),
) as Record<OpKind, number>

/** Everything that a network has once, however large. */
const fixedBytes =
  (['model', 'subgraph', 'signature', 'emptyBuffer'] as const).reduce((sum, name) => sum + tableBytes(modelTables[name]), 0) +
  2 * tableBytes(modelTables.tensorName) +
  Object.values(fileNames).reduce((sum, name) => sum + text(name.length), 0) +
  // lists: codes, tensors, operators; subgraphs, buffers (the empty one); inputs, outputs, signatures, names of the input and the output
  3 * vector(0) +
  7 * vector(1)

const vtablesOf = new Map<number, number>()

/** Sum over the distinct vtables in use. */
function vtableBytes(seen: number, plain: boolean, constants: boolean): number {
  const every = (1 << kindNames.length) - 1
  const kinds = (seen & every) | ((seen >> kindNames.length) & every) | (seen & singleUnit ? 1 << kindIndex.dense : 0)
  const key = kinds | (plain ? 1 << 30 : 0) | (constants ? 1 << 29 : 0)
  let bytes = vtablesOf.get(key)
  if (bytes === undefined) {
    const { buffer, ...always } = modelTables
    const used: TableLayout[] = [
      ...Object.values(always),
      ...(plain ? [plainTensor] : []),
      ...(constants ? [buffer] : []),
      ...kindNames.filter((_, i) => kinds & (1 << i)).map((kind) => optionTables[kind]),
    ]
    const distinct = new Map(used.map(vtable).map((v) => [v.key, v.bytes]))
    bytes = [...distinct.values()].reduce((a, b) => a + b, 0)
    vtablesOf.set(key, bytes)
  }
  return bytes
}
