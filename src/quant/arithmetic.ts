import type { LayerActivation } from '../graph/graph.ts'
import { isPerChannel, type LayerOp } from '../graph/traits.ts'
import type { QuantizedKernel, QuantParams, RoundingMode } from './model.ts'
import {
  exponentOf,
  type Multiplier,
  multiplyTflm,
  multiplyXnnpack,
  pow2,
  quantizeMultiplier,
  roundAway,
  roundEven,
} from './multiplier.ts'

/**
 * The multipliers of every operator in both rounding modes, and the elementwise formulas that are more than "accumulate and rescale".
 * Each function returns a plain object of integers and float32 values: what the reference evaluates, the wasm kernels get and C code prints.
 */

const f = Math.fround

/** Accumulator to int8 less its zero point. Exactly one member is used: `tflm` or `xnnpack`, by the rounding mode. */
export type Rescale = { readonly tflm: Multiplier; readonly xnnpack: number }

export const rescale = (x: number, by: Rescale, mode: RoundingMode): number =>
  mode === 'tflm' ? multiplyTflm(x, by.tflm) : multiplyXnnpack(x, by.xnnpack)

/** Quantised range of an activation function: [low, high] in int8. */
export function activationBounds(activation: LayerActivation, { scale, zeroPoint }: QuantParams): [low: number, high: number] {
  const quantised = (real: number) => zeroPoint + roundAway(f(real / f(scale)))
  // hardSigmoid's bounds are those of its tensor
  if (activation === 'none' || activation === 'hardSigmoid') return [-128, 127]
  return [Math.max(-128, quantised(0)), activation === 'relu6' ? Math.min(127, quantised(6)) : 127]
}

/** Entry c is the rescale of output channel c; one entry for a per-tensor layer. */
export function layerRescales(
  op: LayerOp,
  { weightScales }: QuantizedKernel,
  input: QuantParams,
  output: QuantParams,
): Rescale[] {
  const si = f(input.scale)
  const so = f(output.scale)
  // Layers with one scale multiply it by the input's in float32 first, everything else in double.
  const product = !isPerChannel(op) && weightScales.length === 1 ? (sw: number) => f(si * sw) : (sw: number) => si * sw
  return Array.from(weightScales, (sw) => ({ tflm: quantizeMultiplier(product(sw) / so), xnnpack: f(f(si * sw) / so) }))
}

/** Mean over n = H x W values: TFLite-Micro folds 1/n into the mantissa. */
export function meanRescale(n: number, input: QuantParams, output: QuantParams): Rescale {
  const { mantissa, shift } = quantizeMultiplier(f(input.scale) / f(output.scale))
  const extra = Math.min(31 - Math.clz32(n), 32, 31 + shift)
  return {
    tflm: { mantissa: Math.floor((mantissa * pow2(extra)) / n), shift: shift - extra },
    xnnpack: f(f(f(input.scale) / f(output.scale)) * f(1 / n)),
  }
}

export const mulRescale = (a: QuantParams, b: QuantParams, output: QuantParams): Rescale => ({
  tflm: quantizeMultiplier((f(a.scale) * f(b.scale)) / f(output.scale)),
  xnnpack: f(f(f(a.scale) * f(b.scale)) / f(output.scale)),
})

/** Elementwise addition of two int8 values. */
export type AddPlan =
  /** TFLite: both inputs shifted left by 20 bits, rescaled to twice the larger scale, added, rescaled. */
  | { readonly mode: 'tflm'; readonly a: Multiplier; readonly b: Multiplier; readonly output: Multiplier }
  /** XNNPACK: 21-bit multipliers with a common shift, one rounding. */
  | { readonly mode: 'xnnpack'; readonly a: number; readonly b: number; readonly bias: number; readonly shift: number }

export function planAdd(a: QuantParams, b: QuantParams, output: QuantParams, mode: RoundingMode): AddPlan {
  const [sa, sb, so] = [f(a.scale), f(b.scale), f(output.scale)]
  if (mode === 'tflm') {
    const twiceMax = 2 * Math.max(sa, sb)
    return {
      mode,
      a: quantizeMultiplier(sa / twiceMax),
      b: quantizeMultiplier(sb / twiceMax),
      output: quantizeMultiplier(twiceMax / (1048576 * so)),
    }
  }
  const [ra, rb] = [f(sa / so), f(sb / so)]
  const shift = 20 - exponentOf(Math.max(ra, rb))
  if (Math.min(ra, rb) < 1 / 1024 || Math.max(ra, rb) >= 256)
    throw new RangeError(`XNNPACK adds only inputs whose scale is 1/1024 to 256 times the output's, not ${ra} and ${rb}`)
  const [ma, mb] = [roundEven(ra * pow2(shift)), roundEven(rb * pow2(shift))]
  return { mode, a: ma, b: mb, bias: pow2(shift - 1) - ma * a.zeroPoint - mb * b.zeroPoint, shift }
}

/** Sum of `a` and `b` in output units, less the output's zero point, before clamping. */
export function addQuantised(x: number, y: number, plan: AddPlan, zeroA: number, zeroB: number): number {
  if (plan.mode === 'xnnpack') return Math.floor((x * plan.a + y * plan.b + plan.bias) / pow2(plan.shift))
  const a = multiplyTflm((x - zeroA) * 1048576, plan.a)
  const b = multiplyTflm((y - zeroB) * 1048576, plan.b)
  return multiplyTflm(a + b, plan.output)
}

/** int8 to int8 with another scale. XNNPACK's converter has an 8-bit multiplier. */
export function requantise(x: number, input: QuantParams, output: QuantParams, mode: RoundingMode): number {
  const d = x - input.zeroPoint
  return mode === 'tflm'
    ? multiplyTflm(d, quantizeMultiplier(f(input.scale) / f(output.scale)))
    : Math.floor((d * roundEven(f(256 * f(f(input.scale) / f(output.scale)))) + 128) / 256)
}

/** Average of `count` values: C's truncating division after adding half. */
export const averageQuantised = (sum: number, count: number): number =>
  Math.trunc((sum > 0 ? sum + (count >> 1) : sum - (count >> 1)) / count)

/** Keeps the sum of `bias` within int32. */
export const clampInt32 = (x: number): number => Math.min(2147483647, Math.max(-2147483648, x))
export const clampInt8 = (x: number, low = -128, high = 127): number => Math.min(high, Math.max(low, x))
