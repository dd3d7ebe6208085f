import { Five, Four, One, Seven, Three, Two } from './numbers'
import { bytes, madd } from './simd'
import { pixel } from './slab'

/**
 * Gradient of a depthwise kernel over a band of output rows:
 *   dw[i][j] += sum over h < height, o < width of d[h * dRow + o] * x[(h * sh + i) * xRow + o * sw + j].
 * C <= `slab` channels; row strides in bytes, `gCol` bytes from tap to tap of dw. As many taps at once as leave registers for their sums: 3 rows
 * of 3, 2 rows of 5, 1 row of 7.
 */
export function weightGradient(
  C: i32, width: i32, height: i32, d: usize, dRow: usize, x: usize, xRow: usize, sh: i32, sw: i32, kh: i32, kw: i32, dw: usize,
  gCol: usize,
): void {
  const row = bytes(C)
  const xStep = <usize>sh * xRow
  const step = <usize>sw * pixel
  const gRow = <usize>kw * gCol
  for (let i = 0; i < kh; ) {
    const from = x + <usize>i * xRow
    const g = dw + <usize>i * gRow
    let rows = 1
    if (kw == 3 && kh - i >= 3) {
      for (let c: usize = 0; c < row; c += 16) taps<Three, Three>(width, height, d + c, dRow, from + c, xRow, xStep, step, g + c, gCol, gRow)
      rows = 3
    } else if (kw == 5 && kh - i >= 2) {
      for (let c: usize = 0; c < row; c += 16) taps<Two, Five>(width, height, d + c, dRow, from + c, xRow, xStep, step, g + c, gCol, gRow)
      rows = 2
    } else
      for (let j = 0; j < kw; ) {
        const left = kw - j
        const q = from + <usize>j * pixel
        const to = g + <usize>j * gCol
        if (left == 7) {
          for (let c: usize = 0; c < row; c += 16) taps<One, Seven>(width, height, d + c, dRow, q + c, xRow, xStep, step, to + c, gCol, gRow)
          j += 7
        } else if (left == 5) {
          for (let c: usize = 0; c < row; c += 16) taps<One, Five>(width, height, d + c, dRow, q + c, xRow, xStep, step, to + c, gCol, gRow)
          j += 5
        } else if (left >= 4) {
          for (let c: usize = 0; c < row; c += 16) taps<One, Four>(width, height, d + c, dRow, q + c, xRow, xStep, step, to + c, gCol, gRow)
          j += 4
        } else if (left == 3) {
          for (let c: usize = 0; c < row; c += 16) taps<One, Three>(width, height, d + c, dRow, q + c, xRow, xStep, step, to + c, gCol, gRow)
          j += 3
        } else {
          for (let c: usize = 0; c < row; c += 16) taps<One, One>(width, height, d + c, dRow, q + c, xRow, xStep, step, to + c, gCol, gRow)
          j++
        }
      }
    i += rows
  }
}

/** R rows of KW taps, four channels: their sums stay in registers over the whole band. The branches between taps are never taken (see correlateRow). */
// @ts-ignore: decorator
@inline
function taps<R, KW>(
  width: i32, height: i32, d: usize, dRow: usize, x: usize, xRow: usize, xStep: usize, step: usize, g: usize, gCol: usize,
  gRow: usize,
): void {
  const zero = f32x4.splat(0)
  let a0 = v128.load(g)
  let a1 = offsetof<KW>() > 1 ? v128.load(g + gCol) : zero
  let a2 = offsetof<KW>() > 2 ? v128.load(g + 2 * gCol) : zero
  let a3 = offsetof<KW>() > 3 ? v128.load(g + 3 * gCol) : zero
  let a4 = offsetof<KW>() > 4 ? v128.load(g + 4 * gCol) : zero
  let a5 = offsetof<KW>() > 5 ? v128.load(g + 5 * gCol) : zero
  let a6 = offsetof<KW>() > 6 ? v128.load(g + 6 * gCol) : zero
  let b0 = offsetof<R>() > 1 ? v128.load(g + gRow) : zero
  let b1 = offsetof<R>() > 1 && offsetof<KW>() > 1 ? v128.load(g + gRow + gCol) : zero
  let b2 = offsetof<R>() > 1 && offsetof<KW>() > 2 ? v128.load(g + gRow + 2 * gCol) : zero
  let b3 = offsetof<R>() > 1 && offsetof<KW>() > 3 ? v128.load(g + gRow + 3 * gCol) : zero
  let b4 = offsetof<R>() > 1 && offsetof<KW>() > 4 ? v128.load(g + gRow + 4 * gCol) : zero
  let c0 = offsetof<R>() > 2 ? v128.load(g + 2 * gRow) : zero
  let c1 = offsetof<R>() > 2 && offsetof<KW>() > 1 ? v128.load(g + 2 * gRow + gCol) : zero
  let c2 = offsetof<R>() > 2 && offsetof<KW>() > 2 ? v128.load(g + 2 * gRow + 2 * gCol) : zero
  for (let h = 0; h < height; h++, d += dRow, x += xStep) {
    let p = d
    let q = x
    let q1 = x + xRow
    let q2 = q1 + xRow
    for (let o = 0; o < width; o++, p += pixel, q += step, q1 += step, q2 += step) {
      const v = v128.load(p)
      a0 = madd(v, v128.load(q), a0)
      if (offsetof<KW>() > 1) a1 = madd(v, v128.load(q, pixel), a1)
      if (offsetof<KW>() > 2) a2 = madd(v, v128.load(q, 2 * pixel), a2)
      if (offsetof<KW>() > 3 && q == g) break
      if (offsetof<KW>() > 3) a3 = madd(v, v128.load(q, 3 * pixel), a3)
      if (offsetof<KW>() > 4) a4 = madd(v, v128.load(q, 4 * pixel), a4)
      if (offsetof<KW>() > 5) a5 = madd(v, v128.load(q, 5 * pixel), a5)
      if (offsetof<KW>() > 6) a6 = madd(v, v128.load(q, 6 * pixel), a6)
      if (offsetof<R>() > 1 && p == g) break
      if (offsetof<R>() > 1) b0 = madd(v, v128.load(q1), b0)
      if (offsetof<R>() > 1 && offsetof<KW>() > 1) b1 = madd(v, v128.load(q1, pixel), b1)
      if (offsetof<R>() > 1 && offsetof<KW>() > 2) b2 = madd(v, v128.load(q1, 2 * pixel), b2)
      if (offsetof<R>() > 1 && offsetof<KW>() > 3 && q == d) break
      if (offsetof<R>() > 1 && offsetof<KW>() > 3) b3 = madd(v, v128.load(q1, 3 * pixel), b3)
      if (offsetof<R>() > 1 && offsetof<KW>() > 4) b4 = madd(v, v128.load(q1, 4 * pixel), b4)
      if (offsetof<R>() > 2 && q == d) break
      if (offsetof<R>() > 2) c0 = madd(v, v128.load(q2), c0)
      if (offsetof<R>() > 2 && offsetof<KW>() > 1) c1 = madd(v, v128.load(q2, pixel), c1)
      if (offsetof<R>() > 2 && offsetof<KW>() > 2) c2 = madd(v, v128.load(q2, 2 * pixel), c2)
    }
  }
  v128.store(g, a0)
  if (offsetof<KW>() > 1) v128.store(g + gCol, a1)
  if (offsetof<KW>() > 2) v128.store(g + 2 * gCol, a2)
  if (offsetof<KW>() > 3) v128.store(g + 3 * gCol, a3)
  if (offsetof<KW>() > 4) v128.store(g + 4 * gCol, a4)
  if (offsetof<KW>() > 5) v128.store(g + 5 * gCol, a5)
  if (offsetof<KW>() > 6) v128.store(g + 6 * gCol, a6)
  if (offsetof<R>() > 1) v128.store(g + gRow, b0)
  if (offsetof<R>() > 1 && offsetof<KW>() > 1) v128.store(g + gRow + gCol, b1)
  if (offsetof<R>() > 1 && offsetof<KW>() > 2) v128.store(g + gRow + 2 * gCol, b2)
  if (offsetof<R>() > 1 && offsetof<KW>() > 3) v128.store(g + gRow + 3 * gCol, b3)
  if (offsetof<R>() > 1 && offsetof<KW>() > 4) v128.store(g + gRow + 4 * gCol, b4)
  if (offsetof<R>() > 2) v128.store(g + 2 * gRow, c0)
  if (offsetof<R>() > 2 && offsetof<KW>() > 1) v128.store(g + 2 * gRow + gCol, c1)
  if (offsetof<R>() > 2 && offsetof<KW>() > 2) v128.store(g + 2 * gRow + 2 * gCol, c2)
}
