import type { Table } from './flatbuffer-read.ts'
import { elementTypes, type FileTensor } from './tflite-tensors.ts'

/** Bytes of a value of the float types. */
const floatBytes = new Map<number, number>([
  [elementTypes.float32, 4],
  [elementTypes.float16, 2],
])

/** Whether the file computes in float: its first operator that does more than change the type gives floats. Throws RangeError where it names no tensor. */
export function computesInFloat(
  operators: readonly Table[],
  changesType: (operator: Table) => boolean,
  tensors: readonly FileTensor[],
): boolean {
  const first = operators.find((operator) => !changesType(operator))
  if (!first) return false
  const output = tensors[first.int32s(2)[0] ?? -1]
  if (!output) throw new RangeError('its first operator has no output')
  return output.type === elementTypes.float32
}

/**
 * A float tensor as quantisation to int8 would leave it, all but its values: activations and weights in int8, biases (constants of rank 1, as TFLite has
 * them) in int32, zeros in them. Other tensors stay. Throws RangeError where the data do not fill the shape.
 */
export function asInt8(tensor: FileTensor): FileTensor {
  const bytes = floatBytes.get(tensor.type)
  if (bytes === undefined) return tensor
  const one = { scales: Float32Array.of(1), zeroPoints: [0], channelDim: 0 }
  if (tensor.data === undefined) return { ...tensor, ...one, type: elementTypes.int8 }
  const count = tensor.dims.reduce((a, b) => a * b, 1)
  if (tensor.data.length !== bytes * count)
    throw new RangeError(`${tensor.data.length} bytes of floats of shape [${tensor.dims.join(', ')}]`)
  return tensor.dims.length === 1
    ? { ...tensor, ...one, type: elementTypes.int32, data: new Uint8Array(4 * count) }
    : { ...tensor, ...one, type: elementTypes.int8, data: new Uint8Array(count) }
}
