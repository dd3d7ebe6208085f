import { flatWriter } from '../../src/export/flatbuffer-write.ts'
import { fileNames, modelTables, optionTables, plainTensor } from '../../src/graph/tflite-layout.ts'

const float32 = 0
const float16 = 1
const int32 = 2
const int8 = 9

/**
 * An int8 .tflite file made to compute in float, in place: activations and biases become float32, weights as well or (`keep`: dynamic-range
 * quantisation) stay int8. New data are put at the end; everything else keeps its place.
 */
export function floatTflite(file: Uint8Array, weights: 'float32' | 'keep' = 'float32'): Uint8Array {
  const out: Uint8Array[] = [file.slice()]
  const bytes = out[0]!
  const view = new DataView(bytes.buffer)
  let length = bytes.length
  const follow = (p: number): number => p + view.getUint32(p, true)
  const field = (table: number, slot: number): number => {
    const vtable = table - view.getInt32(table, true)
    const offset = 4 + 2 * slot < view.getUint16(vtable, true) ? view.getUint16(vtable + 4 + 2 * slot, true) : 0
    return offset && table + offset
  }
  const items = (p: number): number[] => Array.from({ length: view.getUint32(p, true) }, (_, i) => p + 4 + 4 * i)
  const vector = (table: number, slot: number): number[] => (field(table, slot) ? items(follow(field(table, slot))) : [])
  const root = follow(0)
  const buffers = vector(root, 4).map(follow)
  for (const tensor of vector(follow(vector(root, 2)[0]!), 0).map(follow)) {
    const at = field(tensor, 1)
    const type = at ? view.getInt8(at) : float32
    const quantisation = field(tensor, 4) && follow(field(tensor, 4))
    const scales = quantisation ? vector(quantisation, 2) : []
    const buffer = buffers[view.getUint32(field(tensor, 2), true)]!
    const data = field(buffer, 0)
    const count = data ? view.getUint32(follow(data), true) : 0
    if (type !== int8 && !(type === int32 && scales.length > 0)) continue
    if (count > 0 && type === int8 && weights === 'keep') continue
    view.setInt8(at, float32)
    if (count === 0) continue
    const start = follow(data) + 4
    const values = Float32Array.from({ length: type === int8 ? count : count / 4 }, (_, i) =>
      type === int8 ? view.getInt8(start + i) / 64 : view.getInt32(start + 4 * i, true) / 4096,
    )
    // a length, then the values, 16-aligned
    const pad = (16 - ((length + 4) % 16)) % 16
    const block = new Uint8Array(pad + 4 + values.byteLength)
    new DataView(block.buffer).setUint32(pad, values.byteLength, true)
    block.set(new Uint8Array(values.buffer), pad + 4)
    view.setUint32(data, length + pad - data, true)
    out.push(block)
    length += block.length
  }
  return new Uint8Array(Buffer.concat(out))
}

/** One convolution, 6x6x3 to 3x3x4, that computes in float from weights and biases stored in float16, as TensorFlow's converter writes them. */
export function halfTflite(): Uint8Array {
  const w = flatWriter(4096)
  w.aligned(new Uint8Array(0))
  const one = 0x3c00
  const halves = (n: number) => w.aligned(new Uint8Array(new Uint16Array(n).fill(one).buffer))
  const data = [halves(4 * 3 * 3 * 3), halves(4)]
  const empty = w.table(modelTables.emptyBuffer, [])
  const buffers = w.offsets([empty, ...data.map((d) => w.table(modelTables.buffer, [d]))])
  const tensor = (name: string, shape: number[], type: number, buffer = 0) =>
    w.table(plainTensor, [w.int32s(shape), buffer, w.text(name), type, 1])
  const kernel = [4, 3, 3, 3]
  const tensors = w.offsets([
    tensor('in', [1, 6, 6, 3], float32),
    tensor('w16', kernel, float16, 1),
    tensor('b16', [4], float16, 2),
    tensor('w', kernel, float32),
    tensor('b', [4], float32),
    tensor('out', [1, 3, 3, 4], float32),
  ])
  const dequantize = (from: number, to: number) =>
    w.table(modelTables.operator, [0, w.int32s([from]), w.int32s([to]), w.table([], []), 46])
  const options = w.table(optionTables.conv2d, [2, 2, 0, 1])
  const conv = w.table(modelTables.operator, [1, w.int32s([0, 3, 4]), w.int32s([5]), options, 1])
  const operators = w.offsets([dequantize(1, 3), dequantize(2, 4), conv])
  const subgraph = w.table(modelTables.subgraph, [tensors, w.int32s([0]), w.int32s([5]), operators, w.text(fileNames.subgraph)])
  const codes = w.offsets(
    [
      [3, 6],
      [1, 3],
    ].map(([version, code]) => w.table(modelTables.operatorCode, [version!, code!, code!])),
  )
  const named = (name: string, t: number) => w.table(modelTables.tensorName, [w.text(name), t])
  const signature = w.table(modelTables.signature, [
    w.offsets([named(fileNames.input, 0)]),
    w.offsets([named(fileNames.output, 5)]),
    w.text(fileNames.signature),
  ])
  const fields = [3, codes, w.offsets([subgraph]), w.text(fileNames.description), buffers, w.offsets([signature])]
  return w.finish(w.table(modelTables.model, fields), 'TFL3')
}
