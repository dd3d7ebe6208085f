import type { Range } from './histogram.ts'
import type { QuantParams } from './model.ts'
import { roundAway } from './multiplier.ts'

/**
 * Scale and zero point of a float range, widened to hold zero, which is represented exactly (TFLite's asymmetric int8 scheme).
 * An empty range (a tensor that is always zero) gets the scale of [0, 1].
 */
export function rangeParams({ min, max }: Range): QuantParams {
  const low = Math.min(0, min)
  const high = Math.max(0, max)
  const width = high - low
  const scale = Math.fround((width > 1e-6 ? width : 1) / 255)
  return { scale, zeroPoint: Math.max(-128, Math.min(127, roundAway(-128 - low / scale))) }
}

/** int8 values of float inputs, as firmware computes them: float32 division, halves away from zero, saturated. */
export function quantiseInput(values: Float32Array, { scale, zeroPoint }: QuantParams): Int8Array {
  const out = new Int8Array(values.length)
  for (let i = 0; i < values.length; i++)
    out[i] = Math.max(-128, Math.min(127, roundAway(Math.fround(values[i]! / scale)) + zeroPoint))
  return out
}

export function dequantise(values: Int8Array, { scale, zeroPoint }: QuantParams): Float32Array {
  return Float32Array.from(values, (q) => (q - zeroPoint) * scale)
}
