/**
 * How an int32 accumulator becomes an int8 output: times a real multiplier, rounded. The two runtimes round differently, and both are
 * reproduced to the bit. Everything is exact in doubles: products of 32 x 31 bits are split at 16 bits, so no BigInt is needed.
 *
 * Sources: TensorFlow Lite 8-bit quantization specification; gemmlowp fixedpoint (SRDHM, RDByPOT); XNNPACK "fp32" requantisation.
 * Proof: golden vectors of both runtimes (test/quant/golden.test.ts).
 */

/** mantissa * 2^(shift - 31), with mantissa in [2^30, 2^31) or 0. */
export type Multiplier = { readonly mantissa: number; readonly shift: number }

const two31 = 2147483648
const bits = new DataView(new ArrayBuffer(8))

/** Nearest integer, halves away from zero (C's `round`). */
export const roundAway = (x: number): number => (x < 0 ? -Math.floor(-x + 0.5) : Math.floor(x + 0.5))

/** Nearest integer, halves to even (C's `lrint`). */
export function roundEven(x: number): number {
  const r = Math.round(x)
  return r - x === 0.5 && r % 2 !== 0 ? r - 1 : r
}

/** 2^k, exactly, |k| <= 1022. */
export function pow2(k: number): number {
  bits.setUint32(0, (k + 1023) << 20)
  bits.setUint32(4, 0)
  return bits.getFloat64(0)
}

/** k with 2^k <= x < 2^(k+1), for a normal x > 0. */
export function exponentOf(x: number): number {
  bits.setFloat64(0, x)
  return ((bits.getUint32(0) >>> 20) & 0x7ff) - 1023
}

/** The 31-bit fixed-point form of a non-negative real multiplier (TFLite's QuantizeMultiplier). */
export function quantizeMultiplier(real: number): Multiplier {
  if (!(real >= 0) || real === Infinity) throw new RangeError(`a multiplier must be finite and not negative, not ${real}`)
  if (real === 0) return { mantissa: 0, shift: 0 }
  let shift = exponentOf(real) + 1
  let mantissa = roundAway(real * pow2(31 - shift))
  if (mantissa === two31) {
    mantissa /= 2
    shift++
  }
  return shift < -31 ? { mantissa: 0, shift: 0 } : { mantissa, shift }
}

/** gemmlowp's SaturatingRoundingDoublingHighMul: round(a * b / 2^31), halves away from zero, for int32 a and b. */
export function doublingHighMul(a: number, b: number): number {
  if (a === -two31 && b === -two31) return two31 - 1
  const positive = Math.abs(b)
  const signed = b < 0 ? -a : a
  const low = signed * (positive % 65536) + (signed < 0 && b !== 0 ? 1 - 1073741824 : 1073741824)
  const carry = Math.floor(low / 65536)
  const high = signed * Math.floor(positive / 65536) + carry
  const quotient = Math.floor(high / 32768)
  const exact = high === quotient * 32768 && low === carry * 65536
  return quotient < 0 && !exact ? quotient + 1 : quotient // C's division truncates
}

/** gemmlowp's RoundingDivideByPOT: round(x / 2^exponent), halves away from zero, for int32 x and 0 <= exponent <= 31. */
export function divideByPowerOfTwo(x: number, exponent: number): number {
  if (exponent === 0) return x
  const mask = exponent >= 31 ? 0x7fffffff : (1 << exponent) - 1
  return (x >> exponent) + ((x & mask) > (mask >> 1) + (x < 0 ? 1 : 0) ? 1 : 0)
}

/** TFLite-Micro and CMSIS-NN: two roundings (MultiplyByQuantizedMultiplier). */
export function multiplyTflm(x: number, { mantissa, shift }: Multiplier): number {
  const scaled = shift > 0 ? (x * pow2(shift)) | 0 : x
  return divideByPowerOfTwo(doublingHighMul(scaled, mantissa), shift > 0 ? 0 : -shift)
}

/** XNNPACK: one rounding of a float32 product, halves to even. `scale` is a float32 value. */
export const multiplyXnnpack = (x: number, scale: number): number => roundEven(Math.fround(Math.fround(x) * scale))
