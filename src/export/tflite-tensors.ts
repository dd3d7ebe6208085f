import type { Shape } from '../graph/graph.ts'
import type { QuantParams } from '../quant/model.ts'
import type { Table } from './flatbuffer-read.ts'

/** Element types of schema.fbs that are told apart. */
export const elementTypes = { float32: 0, float16: 1, int32: 2, int8: 9, int4: 17 } as const

/** A tensor as the file declares it. */
export type FileTensor = {
  readonly dims: readonly number[]
  readonly type: number
  readonly scales: Float32Array
  readonly zeroPoints: readonly number[]
  readonly channelDim: number
  /** undefined for activations */
  readonly data: Uint8Array | undefined
}

/** Tensors of a subgraph. Throws RangeError where one is impossible. */
export function readTensors(model: Table, subgraph: Table): FileTensor[] {
  const buffers = model.tables(4).map((buffer) => buffer.bytes(0))
  return subgraph.tables(0).map((tensor, t) => {
    const quantisation = tensor.table(4)
    const buffer = tensor.i32(2, 0)
    if (buffer < 0 || buffer >= buffers.length)
      throw new RangeError(`tensor ${t} refers to buffer ${buffer} of ${buffers.length}`)
    const data = buffers[buffer]
    return {
      dims: Array.from(tensor.int32s(0)),
      type: tensor.i8(1, 0),
      scales: quantisation?.float32s(2) ?? new Float32Array(0),
      zeroPoints: quantisation?.int64s(3) ?? [],
      channelDim: quantisation?.i32(6, 0) ?? 0,
      data: data && data.length > 0 ? data : undefined,
    }
  })
}

/** Activations larger than this are taken for damage. */
const mostElements = 1 << 26

/** `[1, h, w, c]`, `[1, h, c]`, `[1, c]` or `[c]` as H, W, C. Throws RangeError for other ranks, batches and absurd sizes. */
export function shapeOf({ dims }: FileTensor): Shape {
  if (dims.some((n) => n < 1) || dims.reduce((a, b) => a * b, 1) > mostElements)
    throw new RangeError(`a tensor of shape [${dims.join(', ')}]`)
  if (dims.length > 1 && dims[0] !== 1) throw new RangeError(`a batch of ${dims[0]}`)
  if (dims.length === 4) return [dims[1]!, dims[2]!, dims[3]!]
  if (dims.length === 3) return [dims[1]!, 1, dims[2]!]
  if (dims.length === 2 || dims.length === 1) return [1, 1, dims.at(-1)!]
  throw new RangeError(`a tensor of rank ${dims.length}`)
}

/** Scale and zero point of an int8 activation. Throws RangeError where it has none. */
export function paramsOf(tensor: FileTensor): QuantParams {
  const [scale] = tensor.scales
  const zeroPoint = tensor.zeroPoints[0] ?? 0
  if (tensor.type !== elementTypes.int8) throw new RangeError(`a tensor that is not int8 (type ${tensor.type})`)
  if (tensor.scales.length !== 1 || !(scale! > 1e-30 && scale! < 1e30))
    throw new RangeError('an int8 tensor without one usable scale')
  if (zeroPoint < -128 || zeroPoint > 127) throw new RangeError(`a zero point of ${zeroPoint}`)
  return { scale: scale!, zeroPoint }
}

/** Values of a constant int32 tensor of `length` entries. */
export function int32Data(tensor: FileTensor | undefined, length: number, what: string): Int32Array {
  if (tensor?.data === undefined || tensor.type !== elementTypes.int32 || tensor.data.length !== 4 * length)
    throw new RangeError(`${what}: ${length} constant int32 values expected`)
  return new Int32Array(tensor.data.slice().buffer)
}
