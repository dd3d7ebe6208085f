// Accumulators to int16 outputs in SIMD lanes, bit for bit as `src/quant/multiplier.ts` has it. Parameters of 8 channels lie together in five
// groups of eight words; the first is the bias. The other four depend on the rounding:
//   TWICE       left = 2^max(shift, 0), mantissa, power = 2^(30 - right), sign = (right > 0 ? -1 : 0)     TFLite-Micro, any multiplier
//   TWICE_FAST  mantissa, bound = 511 * 2^right, half = 2^(right - 1), power = 2^(21 - right)              TFLite-Micro, 1 <= right <= 21
//   ONCE        scale (float32)                                                                            XNNPACK
// where right = max(-shift, 0). TWICE_FAST takes accumulators doubled (weights and bias are packed so): no shift behind the product.
// @ts-ignore: decorator
@inline
export const PARAMS: usize = 160

// @ts-ignore: decorator
@inline
const ONCE: i32 = 1
// @ts-ignore: decorator
@inline
const TWICE_FAST: i32 = 2

/** Eight accumulators, bias included, to eight centred outputs within [low, high]. */
// @ts-ignore: decorator
@inline
export function finish(a: v128, b: v128, Q: usize, mode: i32, low: v128, high: v128): v128 {
  let y: v128
  if (mode == TWICE_FAST) y = i16x8.narrow_i32x4_s(twiceFast(a, Q), twiceFast(b, Q + 16))
  else if (mode == ONCE) y = i16x8.narrow_i32x4_s(once(a, Q), once(b, Q + 16))
  else y = i16x8.narrow_i32x4_s(twice(a, Q), twice(b, Q + 16))
  return i16x8.min_s(i16x8.max_s(y, low), high)
}

/** Beyond +-2^20 every output is at its bound; within, adding 1.5 * 2^23 rounds halves to even and leaves the integer in the low bits. */
// @ts-ignore: decorator
@inline
function once(x: v128, Q: usize): v128 {
  const product = f32x4.mul(f32x4.convert_i32x4_s(x), v128.load(Q, 32))
  const bounded = f32x4.pmax(f32x4.pmin(product, f32x4.splat(1048576)), f32x4.splat(-1048576))
  return i32x4.sub(f32x4.add(bounded, f32x4.splat(12582912)), i32x4.splat(0x4b400000))
}

/**
 * round(round(x * mantissa / 2^32) / 2^right) for a doubled accumulator x, the second with halves away from zero. Lanes have shifts of their
 * own: multiply by 2^(21 - right), shift by 21. Bounding to 511 outputs first keeps that within 32 bits and changes no output.
 */
// @ts-ignore: decorator
@inline
function twiceFast(x: v128, Q: usize): v128 {
  const mantissa = v128.load(Q, 32)
  const half = i64x2.splat(0x80000000)
  const low = i64x2.add(i64x2.extmul_low_i32x4_s(x, mantissa), half)
  const high = i64x2.add(i64x2.extmul_high_i32x4_s(x, mantissa), half)
  const product = v128.shuffle<i32>(low, high, 1, 3, 5, 7)
  const bound = v128.load(Q, 64)
  const s = i32x4.max_s(i32x4.min_s(product, bound), i32x4.neg(bound))
  const t = i32x4.add(i32x4.add(s, v128.load(Q, 96)), i32x4.shr_s(s, 31))
  return i32x4.shr_s(i32x4.mul(t, v128.load(Q, 128)), 21)
}

// @ts-ignore: decorator
@inline
function twice(x: v128, Q: usize): v128 {
  const high = doublingHighMul(i32x4.mul(x, v128.load(Q, 32)), v128.load(Q, 64))
  return divideByPower(high, v128.load(Q, 96), v128.load(Q, 128))
}

/** round(a * b / 2^31): adding 2^30 and flooring equals gemmlowp's rounding for both signs. */
// @ts-ignore: decorator
@inline
export function doublingHighMul(a: v128, b: v128): v128 {
  const half = i64x2.splat(1 << 30)
  const low = i64x2.shr_u(i64x2.add(i64x2.extmul_low_i32x4_s(a, b), half), 31)
  const high = i64x2.shr_u(i64x2.add(i64x2.extmul_high_i32x4_s(a, b), half), 31)
  return v128.shuffle<i32>(low, high, 0, 2, 4, 6)
}

/** round(x / 2^right), halves away from zero, in 64 bits: multiply by 2^(30 - right), shift by 30. */
// @ts-ignore: decorator
@inline
function divideByPower(x: v128, power: v128, sign: v128): v128 {
  const t = i32x4.add(x, v128.and(i32x4.shr_s(x, 31), sign))
  const half = i64x2.splat(1 << 29)
  const low = i64x2.shr_u(i64x2.add(i64x2.extmul_low_i32x4_s(t, power), half), 30)
  const high = i64x2.shr_u(i64x2.add(i64x2.extmul_high_i32x4_s(t, power), half), 30)
  return v128.shuffle<i32>(low, high, 0, 2, 4, 6)
}

/** round(x / 2^right), halves away from zero, one shift for all lanes. `half` is 2^(right - 1), or 0 for right = 0. */
// @ts-ignore: decorator
@inline
export function divideAll(x: v128, right: i32, half: v128): v128 {
  const sign = right > 0 ? i32x4.shr_s(x, 31) : i32x4.splat(0)
  return i32x4.shr_s(i32x4.add(i32x4.add(x, half), sign), right)
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
