import { Five, Four, One, Seven, Three, Two } from './numbers'
import { accumulate, bytes, madd } from './simd'
import { pixel } from './slab'

/**
 * Rows of a depthwise correlation, C <= `slab` channels:
 *   y[h * yRow + o * ys] = sum over taps (i, j) of x[h * xStep + i * xRow + (o * stride + j) * pixel] * w[i * wRow + j * pixel],
 * h < height, o < width. Strides are in bytes. sums != 0: sums += y, and `squares` bytes further += y * y.
 * Kernel widths and strides of real networks have code of their own, where a column that several outputs share is loaded once.
 *
 * Branches that are never taken (no image begins where its output, its weights or its sums do) part a wide row of taps: V8 moves every load of
 * a block to its top, and without them spills registers (1.1 to 1.2 times slower).
 */
export function correlate(
  C: i32, height: i32, width: i32, y: usize, yRow: usize, ys: usize, x: usize, xStep: usize, stride: i32, xRow: usize, kh: i32, kw: i32,
  w: usize, wRow: usize, sums: usize, squares: usize,
): void {
  if (stride == 1) {
    if (kw == 3) return known<Three, One>(C, height, width, y, yRow, ys, x, xStep, xRow, kh, w, wRow, sums, squares)
    if (kw == 5) return known<Five, One>(C, height, width, y, yRow, ys, x, xStep, xRow, kh, w, wRow, sums, squares)
    if (kw == 7) return known<Seven, One>(C, height, width, y, yRow, ys, x, xStep, xRow, kh, w, wRow, sums, squares)
    if (kw == 1) return known<One, One>(C, height, width, y, yRow, ys, x, xStep, xRow, kh, w, wRow, sums, squares)
    if (kw == 2) return known<Two, One>(C, height, width, y, yRow, ys, x, xStep, xRow, kh, w, wRow, sums, squares)
    if (kw == 4) return known<Four, One>(C, height, width, y, yRow, ys, x, xStep, xRow, kh, w, wRow, sums, squares)
  }
  if (stride == 2) {
    if (kw == 3) return known<Three, Two>(C, height, width, y, yRow, ys, x, xStep, xRow, kh, w, wRow, sums, squares)
    if (kw == 5) return known<Five, Two>(C, height, width, y, yRow, ys, x, xStep, xRow, kh, w, wRow, sums, squares)
    if (kw == 7) return known<Seven, Two>(C, height, width, y, yRow, ys, x, xStep, xRow, kh, w, wRow, sums, squares)
  }
  anyWindow(C, height, width, y, yRow, ys, x, xStep, <usize>stride * pixel, xRow, kh, kw, w, wRow, sums, squares)
}

/** Four outputs at a time, then two, then one. */
// @ts-ignore: decorator
@inline
function known<KW, S>(
  C: i32, height: i32, width: i32, y: usize, yRow: usize, ys: usize, x: usize, xStep: usize, xRow: usize, kh: i32, w: usize,
  wRow: usize, sums: usize, squares: usize,
): void {
  const step = offsetof<S>() * pixel
  for (let c: usize = 0; c < bytes(C); c += 16) {
    const s = sums ? sums + c : 0
    let toRow = y + c
    let fromRow = x + c
    for (let h = 0; h < height; h++, toRow += yRow, fromRow += xStep) {
      let to = toRow
      let from = fromRow
      for (let o = 4; o <= width; o += 4, to += ys << 2, from += step << 2)
        outputs<Four, KW, S>(to, ys, from, xRow, kh, w + c, wRow, s, squares)
      if (width & 2) {
        outputs<Two, KW, S>(to, ys, from, xRow, kh, w + c, wRow, s, squares)
        to += ys << 1
        from += step << 1
      }
      if (width & 1) outputs<One, KW, S>(to, ys, from, xRow, kh, w + c, wRow, s, squares)
    }
  }
}

// @ts-ignore: decorator
@inline
function outputs<O, KW, S>(
  y: usize, ys: usize, x: usize, xRow: usize, kh: i32, w: usize, wRow: usize, sums: usize, squares: usize,
): void {
  if (offsetof<S>() == 1) stride1<O, KW>(y, ys, x, xRow, kh, w, wRow, sums, squares)
  else stride2<O, KW>(y, ys, x, xRow, kh, w, wRow, sums, squares)
}

/** O neighbouring outputs of four channels at stride 1: column k of x serves output o with tap k - o. */
// @ts-ignore: decorator
@inline
function stride1<O, KW>(
  y: usize, ys: usize, x: usize, xRow: usize, kh: i32, w: usize, wRow: usize, sums: usize, squares: usize,
): void {
  let a = f32x4.splat(0)
  let b = a
  let c = a
  let d = a
  for (let i = 0; i < kh; i++, x += xRow, w += wRow) {
    const w0 = v128.load(w)
    const w1 = offsetof<KW>() > 1 ? v128.load(w, pixel) : w0
    const w2 = offsetof<KW>() > 2 ? v128.load(w, 2 * pixel) : w0
    const w3 = offsetof<KW>() > 3 ? v128.load(w, 3 * pixel) : w0
    const w4 = offsetof<KW>() > 4 ? v128.load(w, 4 * pixel) : w0
    const w5 = offsetof<KW>() > 5 ? v128.load(w, 5 * pixel) : w0
    const w6 = offsetof<KW>() > 6 ? v128.load(w, 6 * pixel) : w0
    if (offsetof<O>() + offsetof<KW>() > 1) {
      const v = v128.load(x)
      a = madd(v, w0, a)
    }
    if (offsetof<O>() + offsetof<KW>() > 2) {
      const v = v128.load(x, pixel)
      if (offsetof<KW>() > 1) a = madd(v, w1, a)
      if (offsetof<O>() > 1) b = madd(v, w0, b)
    }
    if (offsetof<O>() + offsetof<KW>() > 3) {
      const v = v128.load(x, 2 * pixel)
      if (offsetof<KW>() > 2) a = madd(v, w2, a)
      if (offsetof<O>() > 1 && offsetof<KW>() > 1) b = madd(v, w1, b)
      if (offsetof<O>() > 2) c = madd(v, w0, c)
    }
    if (offsetof<KW>() > 3 && offsetof<O>() + offsetof<KW>() > 4 && x == y) break
    if (offsetof<O>() + offsetof<KW>() > 4) {
      const v = v128.load(x, 3 * pixel)
      if (offsetof<KW>() > 3) a = madd(v, w3, a)
      if (offsetof<O>() > 1 && offsetof<KW>() > 2) b = madd(v, w2, b)
      if (offsetof<O>() > 2 && offsetof<KW>() > 1) c = madd(v, w1, c)
      if (offsetof<O>() > 3) d = madd(v, w0, d)
    }
    if (offsetof<O>() + offsetof<KW>() > 5) {
      const v = v128.load(x, 4 * pixel)
      if (offsetof<KW>() > 4) a = madd(v, w4, a)
      if (offsetof<O>() > 1 && offsetof<KW>() > 3) b = madd(v, w3, b)
      if (offsetof<O>() > 2 && offsetof<KW>() > 2) c = madd(v, w2, c)
      if (offsetof<O>() > 3 && offsetof<KW>() > 1) d = madd(v, w1, d)
    }
    if (offsetof<O>() + offsetof<KW>() > 6) {
      const v = v128.load(x, 5 * pixel)
      if (offsetof<KW>() > 5) a = madd(v, w5, a)
      if (offsetof<O>() > 1 && offsetof<KW>() > 4) b = madd(v, w4, b)
      if (offsetof<O>() > 2 && offsetof<KW>() > 3) c = madd(v, w3, c)
      if (offsetof<O>() > 3 && offsetof<KW>() > 2) d = madd(v, w2, d)
    }
    if (offsetof<KW>() > 3 && offsetof<O>() + offsetof<KW>() > 7 && x == w) break
    if (offsetof<O>() + offsetof<KW>() > 7) {
      const v = v128.load(x, 6 * pixel)
      if (offsetof<KW>() > 6) a = madd(v, w6, a)
      if (offsetof<O>() > 1 && offsetof<KW>() > 5) b = madd(v, w5, b)
      if (offsetof<O>() > 2 && offsetof<KW>() > 4) c = madd(v, w4, c)
      if (offsetof<O>() > 3 && offsetof<KW>() > 3) d = madd(v, w3, d)
    }
    if (offsetof<O>() + offsetof<KW>() > 8) {
      const v = v128.load(x, 7 * pixel)
      if (offsetof<O>() > 1 && offsetof<KW>() > 6) b = madd(v, w6, b)
      if (offsetof<O>() > 2 && offsetof<KW>() > 5) c = madd(v, w5, c)
      if (offsetof<O>() > 3 && offsetof<KW>() > 4) d = madd(v, w4, d)
    }
    if (offsetof<O>() + offsetof<KW>() > 9) {
      const v = v128.load(x, 8 * pixel)
      if (offsetof<O>() > 2 && offsetof<KW>() > 6) c = madd(v, w6, c)
      if (offsetof<O>() > 3 && offsetof<KW>() > 5) d = madd(v, w5, d)
    }
    if (offsetof<KW>() > 3 && offsetof<O>() + offsetof<KW>() > 10 && x == sums) break
    if (offsetof<O>() + offsetof<KW>() > 10) {
      const v = v128.load(x, 9 * pixel)
      if (offsetof<O>() > 3 && offsetof<KW>() > 6) d = madd(v, w6, d)
    }
  }
  storeOutputs<O>(y, ys, a, b, c, d, sums, squares)
}

/** O neighbouring outputs of four channels at stride 2: column k of x serves output o with tap k - 2 o. */
// @ts-ignore: decorator
@inline
function stride2<O, KW>(
  y: usize, ys: usize, x: usize, xRow: usize, kh: i32, w: usize, wRow: usize, sums: usize, squares: usize,
): void {
  let a = f32x4.splat(0)
  let b = a
  let c = a
  let d = a
  for (let i = 0; i < kh; i++, x += xRow, w += wRow) {
    const w0 = v128.load(w)
    const w1 = offsetof<KW>() > 1 ? v128.load(w, pixel) : w0
    const w2 = offsetof<KW>() > 2 ? v128.load(w, 2 * pixel) : w0
    const w3 = offsetof<KW>() > 3 ? v128.load(w, 3 * pixel) : w0
    const w4 = offsetof<KW>() > 4 ? v128.load(w, 4 * pixel) : w0
    const w5 = offsetof<KW>() > 5 ? v128.load(w, 5 * pixel) : w0
    const w6 = offsetof<KW>() > 6 ? v128.load(w, 6 * pixel) : w0
    if ((offsetof<O>() - 1) * 2 + offsetof<KW>() > 0) {
      const v = v128.load(x)
      a = madd(v, w0, a)
    }
    if ((offsetof<O>() - 1) * 2 + offsetof<KW>() > 1) {
      const v = v128.load(x, pixel)
      if (offsetof<KW>() > 1) a = madd(v, w1, a)
    }
    if ((offsetof<O>() - 1) * 2 + offsetof<KW>() > 2) {
      const v = v128.load(x, 2 * pixel)
      if (offsetof<KW>() > 2) a = madd(v, w2, a)
      if (offsetof<O>() > 1) b = madd(v, w0, b)
    }
    if (offsetof<KW>() > 3 && (offsetof<O>() - 1) * 2 + offsetof<KW>() > 3 && x == y) break
    if ((offsetof<O>() - 1) * 2 + offsetof<KW>() > 3) {
      const v = v128.load(x, 3 * pixel)
      if (offsetof<KW>() > 3) a = madd(v, w3, a)
      if (offsetof<O>() > 1 && offsetof<KW>() > 1) b = madd(v, w1, b)
    }
    if ((offsetof<O>() - 1) * 2 + offsetof<KW>() > 4) {
      const v = v128.load(x, 4 * pixel)
      if (offsetof<KW>() > 4) a = madd(v, w4, a)
      if (offsetof<O>() > 1 && offsetof<KW>() > 2) b = madd(v, w2, b)
      if (offsetof<O>() > 2) c = madd(v, w0, c)
    }
    if ((offsetof<O>() - 1) * 2 + offsetof<KW>() > 5) {
      const v = v128.load(x, 5 * pixel)
      if (offsetof<KW>() > 5) a = madd(v, w5, a)
      if (offsetof<O>() > 1 && offsetof<KW>() > 3) b = madd(v, w3, b)
      if (offsetof<O>() > 2 && offsetof<KW>() > 1) c = madd(v, w1, c)
    }
    if (offsetof<KW>() > 2 && (offsetof<O>() - 1) * 2 + offsetof<KW>() > 6 && x == w) break
    if ((offsetof<O>() - 1) * 2 + offsetof<KW>() > 6) {
      const v = v128.load(x, 6 * pixel)
      if (offsetof<KW>() > 6) a = madd(v, w6, a)
      if (offsetof<O>() > 1 && offsetof<KW>() > 4) b = madd(v, w4, b)
      if (offsetof<O>() > 2 && offsetof<KW>() > 2) c = madd(v, w2, c)
      if (offsetof<O>() > 3) d = madd(v, w0, d)
    }
    if ((offsetof<O>() - 1) * 2 + offsetof<KW>() > 7) {
      const v = v128.load(x, 7 * pixel)
      if (offsetof<O>() > 1 && offsetof<KW>() > 5) b = madd(v, w5, b)
      if (offsetof<O>() > 2 && offsetof<KW>() > 3) c = madd(v, w3, c)
      if (offsetof<O>() > 3 && offsetof<KW>() > 1) d = madd(v, w1, d)
    }
    if ((offsetof<O>() - 1) * 2 + offsetof<KW>() > 8) {
      const v = v128.load(x, 8 * pixel)
      if (offsetof<O>() > 1 && offsetof<KW>() > 6) b = madd(v, w6, b)
      if (offsetof<O>() > 2 && offsetof<KW>() > 4) c = madd(v, w4, c)
      if (offsetof<O>() > 3 && offsetof<KW>() > 2) d = madd(v, w2, d)
    }
    if (offsetof<KW>() > 2 && (offsetof<O>() - 1) * 2 + offsetof<KW>() > 9 && x == sums) break
    if ((offsetof<O>() - 1) * 2 + offsetof<KW>() > 9) {
      const v = v128.load(x, 9 * pixel)
      if (offsetof<O>() > 2 && offsetof<KW>() > 5) c = madd(v, w5, c)
      if (offsetof<O>() > 3 && offsetof<KW>() > 3) d = madd(v, w3, d)
    }
    if ((offsetof<O>() - 1) * 2 + offsetof<KW>() > 10) {
      const v = v128.load(x, 10 * pixel)
      if (offsetof<O>() > 2 && offsetof<KW>() > 6) c = madd(v, w6, c)
      if (offsetof<O>() > 3 && offsetof<KW>() > 4) d = madd(v, w4, d)
    }
    if ((offsetof<O>() - 1) * 2 + offsetof<KW>() > 11) {
      const v = v128.load(x, 11 * pixel)
      if (offsetof<O>() > 3 && offsetof<KW>() > 5) d = madd(v, w5, d)
    }
    if ((offsetof<O>() - 1) * 2 + offsetof<KW>() > 12) {
      const v = v128.load(x, 12 * pixel)
      if (offsetof<O>() > 3 && offsetof<KW>() > 6) d = madd(v, w6, d)
    }
  }
  storeOutputs<O>(y, ys, a, b, c, d, sums, squares)
}

/** The first O of four outputs, and their part of the statistics: those that O leaves out are zeros. */
// @ts-ignore: decorator
@inline
function storeOutputs<O>(y: usize, ys: usize, a: v128, b: v128, c: v128, d: v128, sums: usize, squares: usize): void {
  v128.store(y, a)
  if (offsetof<O>() > 1) v128.store(y + ys, b)
  if (offsetof<O>() > 2) v128.store(y + 2 * ys, c)
  if (offsetof<O>() > 3) v128.store(y + 3 * ys, d)
  if (sums) {
    accumulate(sums, f32x4.add(f32x4.add(a, b), f32x4.add(c, d)))
    accumulate(sums + squares, madd(d, d, madd(c, c, madd(b, b, f32x4.mul(a, a)))))
  }
}

/** Any window and stride (`step` = stride * pixel). */
function anyWindow(
  C: i32, height: i32, width: i32, y: usize, yRow: usize, ys: usize, x: usize, xStep: usize, step: usize, xRow: usize, kh: i32, kw: i32,
  w: usize, wRow: usize, sums: usize, squares: usize,
): void {
  for (; height > 0; height--, y += yRow, x += xStep) anyRow(C, width, y, ys, x, step, xRow, kh, kw, w, wRow, sums, squares)
}

function anyRow(
  C: i32, width: i32, y: usize, ys: usize, x: usize, step: usize, xRow: usize, kh: i32, kw: i32, w: usize, wRow: usize,
  sums: usize, squares: usize,
): void {
  const row = bytes(C)
  for (let c: usize = 0; c < row; c += 16) {
    let s = f32x4.splat(0)
    let q = s
    let o = 0
    let to = y + c
    let from = x + c
    for (; o + 4 <= width; o += 4, from += step << 2) {
      let a0 = f32x4.splat(0)
      let a1 = a0
      let a2 = a0
      let a3 = a0
      let xi = from
      let wi = w + c
      for (let i = 0; i < kh; i++, xi += xRow, wi += wRow) {
        let xj = xi
        let wj = wi
        for (let j = 0; j < kw; j++, xj += pixel, wj += pixel) {
          const v = v128.load(wj)
          a0 = madd(v128.load(xj), v, a0)
          a1 = madd(v128.load(xj + step), v, a1)
          a2 = madd(v128.load(xj + (step << 1)), v, a2)
          a3 = madd(v128.load(xj + 3 * step), v, a3)
        }
      }
      v128.store(to, a0)
      to += ys
      v128.store(to, a1)
      to += ys
      v128.store(to, a2)
      to += ys
      v128.store(to, a3)
      to += ys
      if (sums) {
        s = f32x4.add(s, f32x4.add(f32x4.add(a0, a1), f32x4.add(a2, a3)))
        q = madd(a3, a3, madd(a2, a2, madd(a1, a1, madd(a0, a0, q))))
      }
    }
    for (; o < width; o++, from += step, to += ys) {
      let a = f32x4.splat(0)
      let xi = from
      let wi = w + c
      for (let i = 0; i < kh; i++, xi += xRow, wi += wRow) {
        let xj = xi
        let wj = wi
        for (let j = 0; j < kw; j++, xj += pixel, wj += pixel) a = madd(v128.load(xj), v128.load(wj), a)
      }
      v128.store(to, a)
      s = f32x4.add(s, a)
      q = madd(a, a, q)
    }
    if (sums) {
      accumulate(sums + c, s)
      accumulate(sums + squares + c, q)
    }
  }
}
