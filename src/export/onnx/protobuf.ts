/** Writing protocol buffers (encoding: protobuf.dev/programming-guides/encoding), just what an ONNX file needs. A message is its bytes. */
export type Field = Uint8Array

const encoder = new TextEncoder()

/** Base-128 varint of a non-negative safe integer, or of a negative one as 64-bit two's complement. */
export function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}

export const intField = (number: number, value: number): Field => join([varint(number * 8), varint(value)])

/** Bytes, text or an embedded message. */
export function bytesField(number: number, value: Uint8Array | string): Field {
  const bytes = typeof value === 'string' ? encoder.encode(value) : value
  return join([varint(number * 8 + 2), varint(bytes.length), bytes])
}

export const message = (...fields: readonly (Field | readonly Field[])[]): Uint8Array => join(fields.flat() as Field[])

function join(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
