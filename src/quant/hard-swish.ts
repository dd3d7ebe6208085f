import type { QuantParams } from './model.ts'
import { divideByPowerOfTwo, type Multiplier, pow2, quantizeMultiplier } from './multiplier.ts'

/**
 * int8 hard swish, v min(max(v + 3, 0), 6) / 6, in the 16-bit fixed point of TFLite (reference/hard_swish.h): the same bits in TFLite-Micro,
 * CMSIS-NN builds and LiteRT, which has no kernel of its own in XNNPACK. It is a function of one byte, so evaluators and our C look it up.
 */

const f = Math.fround

/** A 16-bit mantissa: mantissa * 2^(shift - 15). */
const narrowed = ({ mantissa, shift }: Multiplier): Multiplier => ({
  mantissa: Math.min(32767, Math.floor((mantissa + 32768) / 65536)),
  shift,
})

/** Input units with 7 more bits to output units, and to units of 3 / 2^15 (where the value saturates). */
function multipliers(input: QuantParams, output: QuantParams): { readonly value: Multiplier; readonly gate: Multiplier } {
  const fine = f(f(input.scale) / 128)
  const value = narrowed(quantizeMultiplier(f(fine / f(output.scale))))
  return { value, gate: narrowed(quantizeMultiplier(f(fine / f(3 / 32768)))) }
}

/** TFLite refuses inputs that are 128 times as coarse as the output. */
export const canHardSwish = (input: QuantParams, output: QuantParams): boolean => multipliers(input, output).value.shift <= 0

/** Outputs for the 256 inputs -128 .. 127. */
export function hardSwishTable(input: QuantParams, output: QuantParams): Int8Array {
  const { value, gate } = multipliers(input, output)
  return Int8Array.from({ length: 256 }, (_, k) => {
    const x = (k - 128 - input.zeroPoint) * 128
    const scaled = highMul(x, value.mantissa)
    const share = Math.floor((gateOf(x, gate) + 32768) / 2)
    const y = divide(Math.trunc((share * scaled) / 32768), -value.shift) + output.zeroPoint
    return Math.max(-128, Math.min(127, y))
  })
}

/** min(max(x, -3), 3) / 3 with 15 fractional bits. */
function gateOf(x: number, { mantissa, shift }: Multiplier): number {
  if (shift <= 0) return divide(highMul(x, mantissa), -shift)
  // all shifts but the last come first: what saturates in them would saturate in the last
  return saturated(2 * highMul(saturated(x * pow2(shift - 1)), mantissa))
}

/** gemmlowp's RoundingDivideByPOT for int16: its mask has 16 bits, so what should become 0 beyond them becomes 1 or -1. */
const divide = (x: number, exponent: number): number => (exponent < 16 ? divideByPowerOfTwo(x, exponent) : x < 0 ? -1 : 1)

const saturated = (x: number): number => Math.max(-32768, Math.min(32767, x))

/** gemmlowp's SaturatingRoundingDoublingHighMul for int16: round(a * b / 2^15), halves away from zero. */
function highMul(a: number, b: number): number {
  const product = a * b
  return Math.trunc((product >= 0 ? product + 16384 : product - 16383) / 32768)
}
