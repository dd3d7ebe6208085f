import { divideAll, doublingHighMul, finish, storeLanes } from './rescale'

// Operators without weights, on int16 activations less their zero point. Loops run in eights and may write up to seven values too many:
// the planner leaves room for them.

/** int8 to int16 less the zero point. */
export function int8Centre(n: i32, from: usize, to: usize, zero: i32): void {
  const z = i16x8.splat(<i16>zero)
  for (const end = from + <usize>n; from < end; from += 8, to += 16) v128.store(to, i16x8.sub(v128.load8x8_s(from), z))
}

/** int16 less its zero point to int8. */
export function int8Uncentre(n: i32, from: usize, to: usize, zero: i32): void {
  const z = i16x8.splat(<i16>zero)
  for (const end = to + <usize>n; to < end; to += 8, from += 16) {
    const v = i16x8.add(v128.load(from), z)
    v128.store64_lane(to, i8x16.narrow_i16x8_s(v, v), 0)
  }
}

/** Copies maps of `rows` x `rowBytes` into zeroed frames, `top` rows and `left` bytes from the edge. Surplus bytes of a row are overwritten by the next. */
export function int8Frame(
  count: i32,
  rows: i32,
  rowBytes: usize,
  top: i32,
  left: usize,
  frameRows: i32,
  frameRowBytes: usize,
  from: usize,
  to: usize,
): void {
  const right = frameRowBytes - left - rowBytes
  for (let e = 0; e < count; e++) {
    to = zero(to, <usize>top * frameRowBytes)
    for (let r = 0; r < rows; r++) {
      to = zero(to, left)
      for (let i: usize = 0; i < rowBytes; i += 16) v128.store(to + i, v128.load(from + i))
      to += rowBytes
      from += rowBytes
      to = zero(to, right)
    }
    to = zero(to, <usize>(frameRows - top - rows) * frameRowBytes)
  }
}

// @ts-ignore: decorator
@inline
function zero(to: usize, bytes: usize): usize {
  for (let i: usize = 0; i < bytes; i += 16) v128.store(to + i, i32x4.splat(0))
  return to + bytes
}

/** Repeats every channel `times` times (depthwise with a multiplier). */
export function int8Repeat(n: i32, times: i32, from: usize, to: usize): void {
  for (let i = 0; i < n; i++, from += 2)
    for (let k = 0; k < times; k++, to += 2) store<i16>(to, load<i16>(from))
}

/** Copies `channels` values of each pixel into rows of another width. */
export function int8Interleave(pixels: i32, channels: i32, from: usize, to: usize, toChannels: i32): void {
  for (let m = 0; m < pixels; m++, to += <usize>toChannels << 1)
    for (let c = 0; c < channels; c++, from += 2) store<i16>(to + (<usize>c << 1), load<i16>(from))
}

/** y = table[x + 255]. */
export function int8Map(n: i32, from: usize, to: usize, table: usize): void {
  for (let i = 0; i < n; i++, from += 2, to += 2) store<i16>(to, load<i16>(table + (<usize>(<i32>load<i16>(from) + 255) << 1)))
}

/** One rounding, XNNPACK: (a * ma + b * mb + rounding) >> shift. */
export function int8AddOnce(
  n: i32,
  A: usize,
  B: usize,
  Y: usize,
  ma: i32,
  mb: i32,
  rounding: i32,
  shift: i32,
  low: i32,
  high: i32,
): void {
  const lowest = i16x8.splat(<i16>low)
  const highest = i16x8.splat(<i16>high)
  const va = i32x4.splat(ma)
  const vb = i32x4.splat(mb)
  const half = i32x4.splat(rounding)
  for (let i = 0; i < n; i += 8, A += 16, B += 16, Y += 16) {
    const a = v128.load(A)
    const b = v128.load(B)
    const s = i32x4.add(i32x4.mul(i32x4.extend_low_i16x8_s(a), va), i32x4.mul(i32x4.extend_low_i16x8_s(b), vb))
    const t = i32x4.add(i32x4.mul(i32x4.extend_high_i16x8_s(a), va), i32x4.mul(i32x4.extend_high_i16x8_s(b), vb))
    const y = i16x8.narrow_i32x4_s(i32x4.shr_s(i32x4.add(s, half), shift), i32x4.shr_s(i32x4.add(t, half), shift))
    v128.store(Y, i16x8.min_s(i16x8.max_s(y, lowest), highest))
  }
}

/** Two roundings, TFLite-Micro: each input << 20 times its multiplier (mantissa m, right shift r), added, shifted left, times mo >> ro. */
export function int8AddTwice(
  n: i32,
  A: usize,
  B: usize,
  Y: usize,
  ma: i32,
  ra: i32,
  mb: i32,
  rb: i32,
  lo: i32,
  mo: i32,
  ro: i32,
  low: i32,
  high: i32,
): void {
  const lowest = i16x8.splat(<i16>low)
  const highest = i16x8.splat(<i16>high)
  const mantissa = i32x4.splat(mo)
  const half = halfOf(ro)
  for (let i = 0; i < n; i += 8, A += 16, B += 16, Y += 16) {
    const a = v128.load(A)
    const b = v128.load(B)
    const s = i32x4.add(shifted(i32x4.extend_low_i16x8_s(a), ma, ra), shifted(i32x4.extend_low_i16x8_s(b), mb, rb))
    const t = i32x4.add(shifted(i32x4.extend_high_i16x8_s(a), ma, ra), shifted(i32x4.extend_high_i16x8_s(b), mb, rb))
    const y = i16x8.narrow_i32x4_s(
      divideAll(doublingHighMul(i32x4.shl(s, lo), mantissa), ro, half),
      divideAll(doublingHighMul(i32x4.shl(t, lo), mantissa), ro, half),
    )
    v128.store(Y, i16x8.min_s(i16x8.max_s(y, lowest), highest))
  }
}

// @ts-ignore: decorator
@inline
function halfOf(right: i32): v128 {
  return i32x4.splat(right > 0 ? 1 << (right - 1) : 0)
}

/** round(round((x << 20) * m / 2^31) / 2^right) = round((x * m + 2^10) >> 11 ...): with |x| < 2^9 the product splits into two of 32 bits. */
// @ts-ignore: decorator
@inline
function shifted(x: v128, m: i32, right: i32): v128 {
  const top = i32x4.shl(i32x4.mul(x, i32x4.splat(m >> 16)), 5)
  const rest = i32x4.shr_s(i32x4.add(i32x4.mul(x, i32x4.splat(m & 0xffff)), i32x4.splat(1024)), 11)
  return divideAll(i32x4.add(top, rest), right, halfOf(right))
}

/** Each of the `count` pixels of B multiplies `pixels` pixels of A. */
export function int8Mul(
  count: i32,
  pixels: i32,
  channels: i32,
  A: usize,
  B: usize,
  Y: usize,
  Q: usize,
  mode: i32,
  low: i32,
  high: i32,
): void {
  const lowest = i16x8.splat(<i16>low)
  const highest = i16x8.splat(<i16>high)
  const ld = <usize>channels << 1
  for (let e = 0; e < count; e++, B += ld)
    for (let m = 0; m < pixels; m++, A += ld, Y += ld)
      for (let n = 0; n < channels; n += 8) {
        const at = <usize>n << 1
        const a = v128.load(A + at)
        const b = v128.load(B + at)
        storeLanes(
          Y + at,
          finish(i32x4.extmul_low_i16x8_s(a, b), i32x4.extmul_high_i16x8_s(a, b), Q, mode, lowest, highest),
          channels - n,
        )
      }
}

/** Mean over the pixels of each example. */
export function int8Mean(count: i32, pixels: i32, channels: i32, X: usize, Y: usize, Q: usize, mode: i32, low: i32, high: i32): void {
  const lowest = i16x8.splat(<i16>low)
  const highest = i16x8.splat(<i16>high)
  const ld = <usize>channels << 1
  for (let e = 0; e < count; e++, X += <usize>pixels * ld, Y += ld)
    for (let n = 0; n < channels; n += 8) {
      let a = i32x4.splat(0)
      let b = a
      let x = X + (<usize>n << 1)
      for (let m = 0; m < pixels; m++, x += ld) {
        const v = v128.load(x)
        a = i32x4.add(a, i32x4.extend_low_i16x8_s(v))
        b = i32x4.add(b, i32x4.extend_high_i16x8_s(v))
      }
      storeLanes(Y + (<usize>n << 1), finish(a, b, Q, mode, lowest, highest), channels - n)
    }
}

/** Average (with its tensor's zero point) or, with `maximum`, maximum over windows cut at the border. */
export function int8Pool(
  count: i32,
  h: i32,
  w: i32,
  channels: i32,
  kh: i32,
  kw: i32,
  sh: i32,
  sw: i32,
  top: i32,
  left: i32,
  oh: i32,
  ow: i32,
  X: usize,
  Y: usize,
  maximum: i32,
  zeroPoint: i32,
  low: i32,
  high: i32,
): void {
  const lowest = i16x8.splat(<i16>low)
  const highest = i16x8.splat(<i16>high)
  const ld = <usize>channels << 1
  for (let e = 0; e < count; e++, X += <usize>(h * w) * ld)
    for (let oy = 0; oy < oh; oy++) {
      const y0 = max(0, oy * sh - top)
      const y1 = min(h, oy * sh - top + kh)
      for (let ox = 0; ox < ow; ox++, Y += ld) {
        const x0 = max(0, ox * sw - left)
        const x1 = min(w, ox * sw - left + kw)
        const taps = (y1 - y0) * (x1 - x0)
        for (let n = 0; n < channels; n += 8) {
          let a = i32x4.splat(taps * zeroPoint)
          let b = a
          let most = i16x8.splat(-32768)
          for (let iy = y0; iy < y1; iy++) {
            let x = X + <usize>(iy * w + x0) * ld + (<usize>n << 1)
            for (let ix = x0; ix < x1; ix++, x += ld) {
              const v = v128.load(x)
              if (maximum) most = i16x8.max_s(most, v)
              else {
                a = i32x4.add(a, i32x4.extend_low_i16x8_s(v))
                b = i32x4.add(b, i32x4.extend_high_i16x8_s(v))
              }
            }
          }
          if (!maximum) most = i16x8.sub(i16x8.narrow_i32x4_s(average(a, taps), average(b, taps)), i16x8.splat(<i16>zeroPoint))
          storeLanes(Y + (<usize>n << 1), i16x8.min_s(i16x8.max_s(most, lowest), highest), channels - n)
        }
      }
    }
}

/** (sum +- taps / 2) / taps, truncated. Exact in float32: |sum| < 2^24, and a quotient is an integer or at least 1 / taps away from one. */
// @ts-ignore: decorator
@inline
function average(sum: v128, taps: i32): v128 {
  const half = i32x4.splat(taps >> 1)
  const sign = i32x4.gt_s(sum, i32x4.splat(0)) // all ones where positive
  const adjusted = v128.bitselect(i32x4.add(sum, half), i32x4.sub(sum, half), sign)
  return i32x4.trunc_sat_f32x4_s(f32x4.div(f32x4.convert_i32x4_s(adjusted), f32x4.splat(<f32>taps)))
}
