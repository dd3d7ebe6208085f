import type { QuantParams } from './model.ts'
import { divideByPowerOfTwo, doublingHighMul, pow2, quantizeMultiplier } from './multiplier.ts'

/**
 * int8 softmax with beta 1: TFLite's fixed-point algorithm (gemmlowp exp and reciprocal), the same bits in TFLite-Micro, CMSIS-NN and
 * LiteRT. The output has scale 1/256 and zero point -128.
 */
export const softmaxOutput: QuantParams = { scale: 1 / 256, zeroPoint: -128 }

/** Softmax over each run of `channels` values. */
export function softmaxQuantised(input: Int8Array, channels: number, { scale }: QuantParams): Int8Array {
  const table = exponentialTable(scale)
  const shares = new Int16Array(channels)
  const out = new Int8Array(input.length)
  for (let start = 0; start < input.length; start += channels) {
    softmaxRow(input.subarray(start, start + channels), table, shares)
    for (let i = 0; i < channels; i++) out[start + i] = shares[i]! + softmaxOutput.zeroPoint
  }
  return out
}

/** Shares in 0 .. 255 of one row; only differences of `x` count, so its zero point does not. `table` is `exponentialTable(scale of x)`. */
export function softmaxRow(x: Int8Array | Int16Array, table: Int32Array, out: Int16Array): void {
  let max = x[0]!
  for (let i = 1; i < x.length; i++) max = Math.max(max, x[i]!)
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += divideByPowerOfTwo(table[max - x[i]!]!, 12)
  sum |= 0
  const headroom = Math.clz32(sum)
  const inverse = reciprocal(((sum << headroom) >>> 0) - 2147483648)
  for (let i = 0; i < x.length; i++) {
    const e = table[max - x[i]!]!
    // Values too far below the maximum are left out, not rounded: their table entry is 0.
    out[i] = e === 0 ? 0 : Math.min(255, divideByPowerOfTwo(doublingHighMul(inverse, e), Math.min(31, 35 - headroom)))
  }
}

/** exp(-d * scale) in Q0.31 for d = 0 .. 255; 0 where TFLite leaves the value out. */
export function exponentialTable(scale: number): Int32Array {
  const { mantissa, shift } = quantizeMultiplier(Math.min(Math.fround(scale) * 67108864, 2147483647))
  const lowest = Math.floor((31 * 67108864) / pow2(shift))
  return Int32Array.from({ length: 256 }, (_, d) =>
    d > lowest ? 0 : exponentialOfNegative(doublingHighMul((-d * pow2(shift)) | 0, mantissa)),
  )
}

const shiftSaturated = (x: number, by: number): number => Math.max(-2147483648, Math.min(2147483647, x * pow2(by)))

/** exp(a) for a in [-1/4, 0), Q0.31 to Q0.31: Taylor series around -1/8. */
function exponentialOnQuarter(a: number): number {
  const x = (a + (1 << 28)) | 0
  const x2 = doublingHighMul(x, x)
  const x3 = doublingHighMul(x2, x)
  const x4Over4 = divideByPowerOfTwo(doublingHighMul(x2, x2), 2)
  const tail = divideByPowerOfTwo((doublingHighMul((x4Over4 + x3) | 0, 715827883) + x2) | 0, 1)
  return (1895147668 + doublingHighMul(1895147668, (x + tail) | 0)) | 0
}

/** exp(-2^e) in Q0.31 for e = -2 .. 4. */
const exponentials = [1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242]

/** exp(a) for a <= 0, Q5.26 to Q0.31. */
function exponentialOfNegative(a: number): number {
  if (a === 0) return 2147483647
  const quarter = 1 << 24
  const fraction = ((a & (quarter - 1)) - quarter) | 0
  const remainder = (fraction - a) | 0
  let result = exponentialOnQuarter(shiftSaturated(fraction, 5))
  exponentials.forEach((factor, i) => {
    if (remainder & (1 << (24 + i))) result = doublingHighMul(result, factor)
  })
  return result
}

/** 1 / (1 + a) for a in [0, 1), Q0.31 to Q0.31: three Newton steps. */
function reciprocal(a: number): number {
  const half = Math.floor((a + 2147483648) / 2)
  let x = (1515870810 + doublingHighMul(half, -1010580540)) | 0
  for (let i = 0; i < 3; i++) {
    const rest = (536870912 - doublingHighMul(half, x)) | 0
    x = (x + shiftSaturated(doublingHighMul(x, rest), 2)) | 0
  }
  return shiftSaturated(x, 1)
}
