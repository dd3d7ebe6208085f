import { TextDecoder } from 'node:util'

/**
 * Bounds-checked reading of a FlatBuffers file from an untrusted source. Every access outside the file throws RangeError (DataView checks it),
 * and so does reading many more elements than the file can hold: vectors may be shared, so a small file could otherwise claim endless work.
 */
export type Table = {
  i8(slot: number, absent: number): number
  i32(slot: number, absent: number): number
  f32(slot: number, absent: number): number
  table(slot: number): Table | undefined
  tables(slot: number): Table[]
  int32s(slot: number): Int32Array
  float32s(slot: number): Float32Array
  /** Values beyond 2^53 come out rounded. */
  int64s(slot: number): number[]
  text(slot: number): string
  /** A view into the file; undefined where absent. */
  bytes(slot: number): Uint8Array | undefined
}

export function rootTable(file: Uint8Array): Table {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  let budget = 2 * file.length + 1000
  const spend = (n: number): number => {
    budget -= n
    if (budget < 0) throw new RangeError('the file repeats its contents without end')
    return n
  }
  const at = (position: number): Table => {
    const vtable = position - view.getInt32(position, true)
    const vtableBytes = view.getUint16(vtable, true)
    /** Position of a field, 0 where absent. */
    const field = (slot: number): number => {
      const entry = 4 + 2 * slot
      if (entry + 2 > vtableBytes) return 0
      const offset = view.getUint16(vtable + entry, true)
      return offset === 0 ? 0 : position + offset
    }
    const follow = (p: number): number => p + view.getUint32(p, true)
    /** First element and number of elements of a vector; checks that they lie inside the file. */
    const vector = (slot: number, size: number): [start: number, length: number] => {
      const p = field(slot)
      if (p === 0) return [0, 0]
      const v = follow(p)
      const length = view.getUint32(v, true)
      if (length * size > file.length - v - 4) throw new RangeError('a vector reaches beyond the end of the file')
      return [v + 4, spend(length)]
    }
    return {
      i8: (slot, absent) => (field(slot) === 0 ? absent : view.getInt8(field(slot))),
      i32: (slot, absent) => (field(slot) === 0 ? absent : view.getInt32(field(slot), true)),
      f32: (slot, absent) => (field(slot) === 0 ? absent : view.getFloat32(field(slot), true)),
      table: (slot) => (spend(1) && field(slot) === 0 ? undefined : at(follow(field(slot)))),
      tables: (slot) => {
        const [start, length] = vector(slot, 4)
        return Array.from({ length }, (_, i) => at(follow(start + 4 * i)))
      },
      int32s: (slot) => {
        const [start, length] = vector(slot, 4)
        return Int32Array.from({ length }, (_, i) => view.getInt32(start + 4 * i, true))
      },
      float32s: (slot) => {
        const [start, length] = vector(slot, 4)
        return Float32Array.from({ length }, (_, i) => view.getFloat32(start + 4 * i, true))
      },
      int64s: (slot) => {
        const [start, length] = vector(slot, 8)
        return Array.from({ length }, (_, i) => Number(view.getBigInt64(start + 8 * i, true)))
      },
      text: (slot) => {
        const [start, length] = vector(slot, 1)
        return new TextDecoder().decode(file.subarray(start, start + length))
      },
      bytes: (slot) => {
        if (field(slot) === 0) return undefined
        const [start, length] = vector(slot, 1)
        return file.subarray(start, start + length)
      },
    }
  }
  return at(view.getUint32(0, true))
}
