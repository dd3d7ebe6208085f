/** A protocol buffer taken apart: values by field number, embedded messages left as bytes. Our own reader, independent of the writer. */
export type Fields = ReadonlyMap<number, readonly (bigint | Uint8Array)[]>

export function readFields(bytes: Uint8Array): Fields {
  const fields = new Map<number, (bigint | Uint8Array)[]>()
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]
      if (byte === undefined) throw new Error('the message ends inside a number')
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const key = Number(varint())
    let value: bigint | Uint8Array
    if ((key & 7) === 0) value = varint()
    else if ((key & 7) === 2) {
      const length = Number(varint())
      if (at + length > bytes.length) throw new Error('a field ends behind its message')
      value = bytes.subarray(at, (at += length))
    } else throw new Error(`wire type ${key & 7}`)
    const list = fields.get(key >> 3) ?? []
    list.push(value)
    fields.set(key >> 3, list)
  }
  return fields
}

export const textOf = (value: bigint | Uint8Array | undefined): string => new TextDecoder().decode(value as Uint8Array)
