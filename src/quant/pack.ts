import type { AddPlan, Rescale } from './arithmetic.ts'
import type { RoundingMode } from './model.ts'
import { type Multiplier, pow2 } from './multiplier.ts'

/** How the wasm kernels want their constants (assembly/int8): channels in eights, taps in pairs, missing ones zero. */

/** conv2d and dense weights `[channels][rows][run]` as `[eights][rows][pairs][8][2]`. */
export function packConvolution(weights: Int8Array, channels: number, rows: number, run: number): Int16Array {
  const pairs = Math.ceil(run / 2)
  const out = new Int16Array(Math.ceil(channels / 8) * rows * pairs * 16)
  let from = 0
  for (let o = 0; o < channels; o++)
    for (let r = 0; r < rows; r++) {
      const base = ((o >> 3) * rows + r) * pairs * 16 + (o & 7) * 2
      for (let k = 0; k < run; k++) out[base + (k >> 1) * 16 + (k & 1)] = weights[from++]!
    }
  return out
}

/** Depthwise weights `[taps][channels]` as `[eights][pairs][8][2]`. */
export function packDepthwise(weights: Int8Array, channels: number, taps: number): Int16Array {
  const pairs = Math.ceil(taps / 2)
  const out = new Int16Array(Math.ceil(channels / 8) * pairs * 16)
  for (let tap = 0; tap < taps; tap++)
    for (let c = 0; c < channels; c++)
      out[((c >> 3) * pairs + (tap >> 1)) * 16 + (c & 7) * 2 + (tap & 1)] = weights[tap * channels + c]!
  return out
}

/** 40 words for each eight channels: bias, then the multipliers (assembly/int8/rescale.ts). One rescale serves all channels. */
export function packRescales(rescales: readonly Rescale[], bias: ArrayLike<number>, mode: RoundingMode): Int32Array {
  const out = new Int32Array(Math.ceil(bias.length / 8) * 40)
  const floats = new Float32Array(out.buffer)
  for (let c = 0; c < Math.ceil(bias.length / 8) * 8; c++) {
    const at = (c >> 3) * 40 + (c & 7)
    const by = rescales[rescales.length === 1 ? 0 : Math.min(c, bias.length - 1)]!
    out[at] = bias[c] ?? 0
    if (mode === 'xnnpack') floats[at + 8] = by.xnnpack
    else putMultiplier(out, at, by.tflm)
  }
  return out
}

/** The parameter of `int8Add`. */
export function packAdd(plan: AddPlan): Int32Array {
  if (plan.mode === 'xnnpack') return Int32Array.of(plan.a, plan.b, pow2(plan.shift - 1), plan.shift)
  const out = new Int32Array(120)
  ;[plan.a, plan.b, plan.output].forEach((multiplier, i) => {
    for (let lane = 0; lane < 8; lane++) putMultiplier(out, i * 40 + lane, multiplier)
  })
  return out
}

/** A right shift of 31 leaves nothing of an accumulator below 2^30 and does not fit the kernel's 2^(30 - shift): the same as a zero. */
function putMultiplier(out: Int32Array, at: number, { mantissa, shift }: Multiplier): void {
  const right = Math.max(-shift, 0)
  out[at + 8] = pow2(Math.max(shift, 0)) | 0
  out[at + 16] = right > 30 ? 0 : mantissa
  out[at + 24] = right > 30 ? 0 : pow2(30 - right)
  out[at + 32] = right > 0 ? -1 : 0
}
