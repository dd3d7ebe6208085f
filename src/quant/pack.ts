import type { Rescale } from './arithmetic.ts'
import type { RoundingMode } from './model.ts'
import { type Multiplier, pow2 } from './multiplier.ts'

/** How the wasm kernels want their constants (assembly/int8): channels in eights, taps in pairs, missing ones zero. */

/** conv2d and dense weights `[channels][rows][run]` as `[eights][rows][pairs][8][2]`, times `factor`. */
export function packConvolution(weights: Int8Array, channels: number, rows: number, run: number, factor: 1 | 2): Int16Array {
  const pairs = Math.ceil(run / 2)
  const out = new Int16Array(Math.ceil(channels / 8) * rows * pairs * 16)
  let from = 0
  for (let o = 0; o < channels; o++)
    for (let r = 0; r < rows; r++) {
      const base = ((o >> 3) * rows + r) * pairs * 16 + (o & 7) * 2
      for (let k = 0; k < run; k++) out[base + (k >> 1) * 16 + (k & 1)] = weights[from++]! * factor
    }
  return out
}

/** Depthwise weights `[taps][channels]` as `[eights][pairs][8][2]`, times `factor`. */
export function packDepthwise(weights: Int8Array, channels: number, taps: number, factor: 1 | 2): Int16Array {
  const pairs = Math.ceil(taps / 2)
  const out = new Int16Array(Math.ceil(channels / 8) * pairs * 16)
  for (let tap = 0; tap < taps; tap++)
    for (let c = 0; c < channels; c++)
      out[((c >> 3) * pairs + (tap >> 1)) * 16 + (c & 7) * 2 + (tap & 1)] = weights[tap * channels + c]! * factor
  return out
}

/** Which formula of assembly/int8/rescale.ts: the kernels' `mode`. */
export const roundings = { twice: 0, once: 1, twiceFast: 2 } as const
export type Rounding = (typeof roundings)[keyof typeof roundings]

/**
 * The formula for a layer whose accumulators stay below `bound`. The fast one doubles them (`weightFactor`) and knows right shifts 1 to 21.
 */
export function roundingFor(rescales: readonly Rescale[], bound: number, mode: RoundingMode): Rounding {
  if (mode === 'xnnpack') return roundings.once
  const fast = bound < 1073741824 && rescales.every(({ tflm: { shift } }) => shift <= -1 && shift >= -21)
  return fast ? roundings.twiceFast : roundings.twice
}

export const weightFactor = (rounding: Rounding): 1 | 2 => (rounding === roundings.twiceFast ? 2 : 1)

/** Forty words for each eight channels: bias, then the multipliers. One rescale serves all channels. */
export function packRescales(rescales: readonly Rescale[], bias: ArrayLike<number>, rounding: Rounding): Int32Array {
  const out = new Int32Array(Math.ceil(bias.length / 8) * 40)
  const floats = new Float32Array(out.buffer)
  for (let c = 0; c < Math.ceil(bias.length / 8) * 8; c++) {
    const at = (c >> 3) * 40 + (c & 7)
    const by = rescales[rescales.length === 1 ? 0 : Math.min(c, bias.length - 1)]!
    out[at] = (bias[c] ?? 0) * weightFactor(rounding)
    if (rounding === roundings.once) floats[at + 8] = by.xnnpack
    else {
      const words = rounding === roundings.twiceFast ? fastWords(by.tflm) : generalWords(by.tflm)
      words.forEach((word, k) => {
        out[at + 8 * (k + 1)] = word
      })
    }
  }
  return out
}

const fastWords = ({ mantissa, shift }: Multiplier) => [mantissa, 511 * pow2(-shift), pow2(-shift - 1), pow2(21 + shift)]

/** A right shift of 31 leaves nothing of an accumulator below 2^30, and does not fit the kernel's 2^(30 - shift): the same as zero. */
function generalWords({ mantissa, shift }: Multiplier) {
  const right = Math.max(-shift, 0)
  const left = pow2(Math.max(shift, 0)) | 0
  return right > 30 ? [left, 0, 0, 0] : [left, mantissa, pow2(30 - right), right > 0 ? -1 : 0]
}
