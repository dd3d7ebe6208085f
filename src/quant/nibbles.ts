/** Weights in 4 bits as TFLite stores them: two a byte, the low half first, in the order of the tensor; an odd one is followed by zero. */
export function packNibbles(values: Int8Array): Uint8Array {
  const bytes = new Uint8Array((values.length + 1) >> 1)
  for (let k = 0; k < values.length; k++) bytes[k >> 1]! |= (values[k]! & 15) << (4 * (k & 1))
  return bytes
}

/** The first `count` of them, sign-extended. */
export const unpackNibbles = (bytes: Uint8Array, count: number): Int8Array =>
  Int8Array.from({ length: count }, (_, k) => (bytes[k >> 1]! << (k & 1 ? 24 : 28)) >> 28)
