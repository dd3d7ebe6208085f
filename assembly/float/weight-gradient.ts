import { Five, Four, One, Seven, Three, Two } from './numbers'
import { bytes, madd } from './simd'

/**
 * Gradient of a depthwise kernel over a band of output rows:
 *   dw[i][j] += sum over h < height, o < width of d[h * dRow + o] * x[(h * sh + i) * xRow + o * sw + j], all channels.
 * Row strides in bytes. As many taps at once as leave registers for their sums: 3 rows of 3, 2 rows of 5, 1 row of 7.
 */
export function weightGradient(
  C: i32, width: i32, height: i32, d: usize, dRow: usize, x: usize, xRow: usize, sh: i32, sw: i32, kh: i32, kw: i32, dw: usize,
): void {
  const row = bytes(C)
  const xStep = <usize>sh * xRow
  const step = <usize>sw * row
  const gRow = <usize>kw * row
  for (let i = 0; i < kh; ) {
    const from = x + <usize>i * xRow
    const g = dw + <usize>i * gRow
    let rows = 1
    if (kw == 3 && kh - i >= 3) {
      for (let c: usize = 0; c < row; c += 16) taps<Three, Three>(width, height, d + c, dRow, from + c, xRow, xStep, step, row, g + c, gRow)
      rows = 3
    } else if (kw == 5 && kh - i >= 2) {
      for (let c: usize = 0; c < row; c += 16) taps<Two, Five>(width, height, d + c, dRow, from + c, xRow, xStep, step, row, g + c, gRow)
      rows = 2
    } else
      for (let j = 0; j < kw; ) {
        const left = kw - j
        const q = from + <usize>j * row
        const to = g + <usize>j * row
        if (left == 7) {
          for (let c: usize = 0; c < row; c += 16) taps<One, Seven>(width, height, d + c, dRow, q + c, xRow, xStep, step, row, to + c, gRow)
          j += 7
        } else if (left == 5) {
          for (let c: usize = 0; c < row; c += 16) taps<One, Five>(width, height, d + c, dRow, q + c, xRow, xStep, step, row, to + c, gRow)
          j += 5
        } else if (left >= 4) {
          for (let c: usize = 0; c < row; c += 16) taps<One, Four>(width, height, d + c, dRow, q + c, xRow, xStep, step, row, to + c, gRow)
          j += 4
        } else if (left == 3) {
          for (let c: usize = 0; c < row; c += 16) taps<One, Three>(width, height, d + c, dRow, q + c, xRow, xStep, step, row, to + c, gRow)
          j += 3
        } else {
          for (let c: usize = 0; c < row; c += 16) taps<One, One>(width, height, d + c, dRow, q + c, xRow, xStep, step, row, to + c, gRow)
          j++
        }
      }
    i += rows
  }
}

/** R rows of KW taps, four channels: their sums stay in registers over the whole band. `col` = bytes of a pixel. */
// @ts-ignore: decorator
@inline
function taps<R, KW>(
  width: i32, height: i32, d: usize, dRow: usize, x: usize, xRow: usize, xStep: usize, step: usize, col: usize, g: usize,
  gRow: usize,
): void {
  const zero = f32x4.splat(0)
  let a0 = v128.load(g)
  let a1 = offsetof<KW>() > 1 ? v128.load(g + col) : zero
  let a2 = offsetof<KW>() > 2 ? v128.load(g + 2 * col) : zero
  let a3 = offsetof<KW>() > 3 ? v128.load(g + 3 * col) : zero
  let a4 = offsetof<KW>() > 4 ? v128.load(g + 4 * col) : zero
  let a5 = offsetof<KW>() > 5 ? v128.load(g + 5 * col) : zero
  let a6 = offsetof<KW>() > 6 ? v128.load(g + 6 * col) : zero
  let b0 = offsetof<R>() > 1 ? v128.load(g + gRow) : zero
  let b1 = offsetof<R>() > 1 && offsetof<KW>() > 1 ? v128.load(g + gRow + col) : zero
  let b2 = offsetof<R>() > 1 && offsetof<KW>() > 2 ? v128.load(g + gRow + 2 * col) : zero
  let b3 = offsetof<R>() > 1 && offsetof<KW>() > 3 ? v128.load(g + gRow + 3 * col) : zero
  let b4 = offsetof<R>() > 1 && offsetof<KW>() > 4 ? v128.load(g + gRow + 4 * col) : zero
  let c0 = offsetof<R>() > 2 ? v128.load(g + 2 * gRow) : zero
  let c1 = offsetof<R>() > 2 && offsetof<KW>() > 1 ? v128.load(g + 2 * gRow + col) : zero
  let c2 = offsetof<R>() > 2 && offsetof<KW>() > 2 ? v128.load(g + 2 * gRow + 2 * col) : zero
  for (let h = 0; h < height; h++, d += dRow, x += xStep) {
    let p = d
    let q = x
    for (let o = 0; o < width; o++, p += col, q += step) {
      const v = v128.load(p)
      a0 = madd(v, v128.load(q), a0)
      if (offsetof<KW>() > 1) a1 = madd(v, v128.load(q + col), a1)
      if (offsetof<KW>() > 2) a2 = madd(v, v128.load(q + 2 * col), a2)
      if (offsetof<KW>() > 3 && q == g) break
      if (offsetof<KW>() > 3) a3 = madd(v, v128.load(q + 3 * col), a3)
      if (offsetof<KW>() > 4) a4 = madd(v, v128.load(q + 4 * col), a4)
      if (offsetof<KW>() > 5) a5 = madd(v, v128.load(q + 5 * col), a5)
      if (offsetof<KW>() > 6) a6 = madd(v, v128.load(q + 6 * col), a6)
      if (offsetof<R>() > 1 && p == g) break
      if (offsetof<R>() > 1) b0 = madd(v, v128.load(q + xRow), b0)
      if (offsetof<R>() > 1 && offsetof<KW>() > 1) b1 = madd(v, v128.load(q + xRow + col), b1)
      if (offsetof<R>() > 1 && offsetof<KW>() > 2) b2 = madd(v, v128.load(q + xRow + 2 * col), b2)
      if (offsetof<R>() > 1 && offsetof<KW>() > 3 && q == d) break
      if (offsetof<R>() > 1 && offsetof<KW>() > 3) b3 = madd(v, v128.load(q + xRow + 3 * col), b3)
      if (offsetof<R>() > 1 && offsetof<KW>() > 4) b4 = madd(v, v128.load(q + xRow + 4 * col), b4)
      if (offsetof<R>() > 2 && q == d) break
      if (offsetof<R>() > 2) c0 = madd(v, v128.load(q + 2 * xRow), c0)
      if (offsetof<R>() > 2 && offsetof<KW>() > 1) c1 = madd(v, v128.load(q + 2 * xRow + col), c1)
      if (offsetof<R>() > 2 && offsetof<KW>() > 2) c2 = madd(v, v128.load(q + 2 * xRow + 2 * col), c2)
    }
  }
  v128.store(g, a0)
  if (offsetof<KW>() > 1) v128.store(g + col, a1)
  if (offsetof<KW>() > 2) v128.store(g + 2 * col, a2)
  if (offsetof<KW>() > 3) v128.store(g + 3 * col, a3)
  if (offsetof<KW>() > 4) v128.store(g + 4 * col, a4)
  if (offsetof<KW>() > 5) v128.store(g + 5 * col, a5)
  if (offsetof<KW>() > 6) v128.store(g + 6 * col, a6)
  if (offsetof<R>() > 1) v128.store(g + gRow, b0)
  if (offsetof<R>() > 1 && offsetof<KW>() > 1) v128.store(g + gRow + col, b1)
  if (offsetof<R>() > 1 && offsetof<KW>() > 2) v128.store(g + gRow + 2 * col, b2)
  if (offsetof<R>() > 1 && offsetof<KW>() > 3) v128.store(g + gRow + 3 * col, b3)
  if (offsetof<R>() > 1 && offsetof<KW>() > 4) v128.store(g + gRow + 4 * col, b4)
  if (offsetof<R>() > 2) v128.store(g + 2 * gRow, c0)
  if (offsetof<R>() > 2 && offsetof<KW>() > 1) v128.store(g + 2 * gRow + col, c1)
  if (offsetof<R>() > 2 && offsetof<KW>() > 2) v128.store(g + 2 * gRow + 2 * col, c2)
}
