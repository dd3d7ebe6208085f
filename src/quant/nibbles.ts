/** Weights in 4 bits as TFLite stores them: two a byte, the low half first, in the order of the tensor; an odd one is followed by zero. */
export function packNibbles(values: Int8Array): Uint8Array {
  const bytes = new Uint8Array((values.length + 1) >> 1)
  for (let k = 0; k < values.length; k++) bytes[k >> 1]! |= (values[k]! & 15) << (4 * (k & 1))
  return bytes
}

/**
 * The same as our generated C wants them: output channels 2k and 2k + 1 side by side in a byte, the even one in its low half, so that every tap of
 * a window begins a byte. `channels` are the first or the last dimension of the tensor; an odd channel is beside zero.
 */
export function pairNibbles(values: Int8Array, channels: number, dimension: 'first' | 'last'): Int8Array {
  const taps = values.length / channels
  const pairs = (channels + 1) >> 1
  const bytes = new Int8Array(pairs * taps)
  for (let c = 0; c < channels; c++)
    for (let tap = 0; tap < taps; tap++) {
      const value = values[dimension === 'first' ? c * taps + tap : tap * channels + c]!
      bytes[dimension === 'first' ? (c >> 1) * taps + tap : tap * pairs + (c >> 1)]! |= (value & 15) << (4 * (c & 1))
    }
  return bytes
}

/** The first `count` of them, sign-extended. */
export const unpackNibbles = (bytes: Uint8Array, count: number): Int8Array =>
  Int8Array.from({ length: count }, (_, k) => (bytes[k >> 1]! << (k & 1 ? 24 : 28)) >> 28)
