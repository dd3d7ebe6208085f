// Accumulators to int16 outputs in SIMD lanes, bit for bit as `src/quant/multiplier.ts` has it.
//
// Parameters of 8 channels lie together, 160 bytes: bias i32x8, then for two roundings (TFLite-Micro) left = 2^max(shift, 0), mantissa,
// power = 2^(30 - right) and sign = (right > 0 ? -1 : 0), each i32x8; for one rounding (XNNPACK) scale f32x8 in place of left.
export const PARAMS: usize = 160
const LEFT: usize = 32
const MANTISSA: usize = 64
const POWER: usize = 96
const SIGN: usize = 128

// @ts-ignore: decorator
@inline
export const ROUND_ONCE: i32 = 1

/** round(a * b / 2^31): adding 2^30 and flooring equals gemmlowp's rounding for both signs. */
// @ts-ignore: decorator
@inline
export function doublingHighMul(a: v128, b: v128): v128 {
  const half = i64x2.splat(1 << 30)
  const low = i64x2.shr_u(i64x2.add(i64x2.extmul_low_i32x4_s(a, b), half), 31)
  const high = i64x2.shr_u(i64x2.add(i64x2.extmul_high_i32x4_s(a, b), half), 31)
  return v128.shuffle<i32>(low, high, 0, 2, 4, 6)
}

/** round(x / 2^right), halves away from zero: lanes have shifts of their own, so multiply by 2^(30 - right) and shift by 30. */
// @ts-ignore: decorator
@inline
export function divideByPower(x: v128, power: v128, sign: v128): v128 {
  const t = i32x4.add(x, v128.and(i32x4.shr_s(x, 31), sign))
  const half = i64x2.splat(1 << 29)
  const low = i64x2.shr_u(i64x2.add(i64x2.extmul_low_i32x4_s(t, power), half), 30)
  const high = i64x2.shr_u(i64x2.add(i64x2.extmul_high_i32x4_s(t, power), half), 30)
  return v128.shuffle<i32>(low, high, 0, 2, 4, 6)
}

/** Four lanes; `Q` points at the parameters of the first lane's channel. */
// @ts-ignore: decorator
@inline
export function rescale(x: v128, Q: usize, mode: i32): v128 {
  if (mode == ROUND_ONCE) {
    const product = f32x4.mul(f32x4.convert_i32x4_s(x), v128.load(Q, LEFT))
    // |output| <= 255, so clamping to 2^20 changes nothing; adding 1.5 * 2^23 rounds halves to even
    const bounded = f32x4.max(f32x4.min(product, f32x4.splat(1048576)), f32x4.splat(-1048576))
    return i32x4.sub(f32x4.add(bounded, f32x4.splat(12582912)), i32x4.splat(0x4b400000))
  }
  const high = doublingHighMul(i32x4.mul(x, v128.load(Q, LEFT)), v128.load(Q, MANTISSA))
  return divideByPower(high, v128.load(Q, POWER), v128.load(Q, SIGN))
}

/** Eight accumulators, bias included, to eight centred outputs within [low, high]. */
// @ts-ignore: decorator
@inline
export function finish(a: v128, b: v128, Q: usize, mode: i32, low: v128, high: v128): v128 {
  const y = i16x8.narrow_i32x4_s(rescale(a, Q, mode), rescale(b, Q + 16, mode))
  return i16x8.min_s(i16x8.max_s(y, low), high)
}

/** The first `n` of eight lanes. */
// @ts-ignore: decorator
@inline
export function storeLanes(y: usize, v: v128, n: i32): void {
  if (n >= 8) v128.store(y, v)
  else storePart(y, v, n)
}

function storePart(y: usize, v: v128, n: i32): void {
  if (n & 4) {
    v128.store64_lane(y, v, 0)
    v = v128.shuffle<i64>(v, v, 1, 1)
    y += 8
  }
  if (n & 2) {
    v128.store32_lane(y, v, 0)
    v = v128.shuffle<i32>(v, v, 1, 1, 1, 1)
    y += 4
  }
  if (n & 1) v128.store16_lane(y, v, 0)
}
