import { Builder } from 'flatbuffers'
import type { TableLayout } from '../graph/tflite-layout.ts'

/** Position of something written, as the Builder counts it. */
export type Offset = number

/**
 * The few things our .tflite files are made of, on the `flatbuffers` Builder (which writes from the end of the file to its beginning).
 * Tables follow `graph/tflite-layout.ts`: all fields present, each table 4-aligned, so that lengths are known beforehand.
 */
export type FlatWriter = {
  /** Values in the order of the layout. */
  table(layout: TableLayout, values: readonly number[]): Offset
  text(value: string): Offset
  int32s(values: ArrayLike<number>): Offset
  float32s(values: ArrayLike<number>): Offset
  int64s(values: ArrayLike<number>): Offset
  offsets(values: readonly Offset[]): Offset
  /** Bytes at a multiple of 16 from the beginning of the file (schema.fbs: `force_align: 16` on Buffer.data). */
  aligned(bytes: Uint8Array): Offset
  finish(root: Offset, identifier: string): Uint8Array
}

export function flatWriter(capacity: number): FlatWriter {
  const b = new Builder(capacity)
  b.forceDefaults(true)
  const vector = (size: number, values: ArrayLike<number>, add: (value: number) => void): Offset => {
    b.startVector(size, values.length, size)
    for (let i = values.length - 1; i >= 0; i--) add(values[i]!)
    return b.endVector()
  }
  return {
    table: (layout, values) => {
      b.startObject(slotsOf(layout))
      layout.forEach(([slot, type], i) => {
        const value = values[i]!
        if (type === 'offset') b.addFieldOffset(slot, value, 0)
        else if (type === 'i32') b.addFieldInt32(slot, value, 0)
        else if (type === 'f32') b.addFieldFloat32(slot, value, 0)
        else b.addFieldInt8(slot, value, 0)
      })
      const table = b.endObject()
      b.prep(4, 0) // a vtable may end between multiples of 4
      return table
    },
    text: (value) => b.createString(value) as Offset,
    int32s: (values) => vector(4, values, (v) => b.addInt32(v)),
    float32s: (values) => vector(4, values, (v) => b.addFloat32(v)),
    int64s: (values) => vector(8, values, (v) => b.addInt64(BigInt(v))),
    offsets: (values) => vector(4, values, (v) => b.addOffset(v)),
    aligned: (bytes) => {
      b.prep(16, bytes.length)
      return b.createByteVector(bytes)
    },
    finish: (root, identifier) => {
      b.finish(root, identifier)
      return b.asUint8Array()
    },
  }
}

const slotsOf = (layout: TableLayout): number => layout.reduce((n, [slot]) => Math.max(n, slot + 1), 0)
