import { padImage } from './image'
import { normBackward, reduceBlock } from './norm'
import { accumulate, bytes, clear, clearDoubles, flush, madd } from './simd'

// Depthwise convolutions of any kernel and stride over padded images. Weights [kh][kw][C].

/**
 * One row of a correlation: y[o * ys] = sum over taps (i, j) of x[o * step + i * xRow + j * xCol] * w[i * wRow + j * wCol], all channels.
 * Strides are in bytes; those of w may be negative (backward). sums != 0: sums[0..C) += y, sums[C..2C) += y * y.
 */
function correlateRow(
  C: i32, width: i32, y: usize, ys: usize, x: usize, step: usize, xRow: usize, xCol: usize, kh: i32, kw: i32, w: usize, wRow: usize,
  wCol: usize, sums: usize,
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
        for (let j = 0; j < kw; j++, xj += xCol, wj += wCol) {
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
        for (let j = 0; j < kw; j++, xj += xCol, wj += wCol) a = madd(v128.load(xj), v128.load(wj), a)
      }
      v128.store(to, a)
      s = f32x4.add(s, a)
      q = madd(a, a, q)
    }
    if (sums) {
      accumulate(sums + c, s)
      accumulate(sums + row + c, q)
    }
  }
}

/** dw[j] += sum over o of d[o] * x[o * step + j], for the kw taps of one kernel row. */
function weightRow(C: i32, width: i32, d: usize, x: usize, step: usize, kw: i32, dw: usize): void {
  const row = bytes(C)
  for (let j = 0; j < kw; j += 4) {
    const taps = kw - j
    for (let c: usize = 0; c < row; c += 16) {
      const g = dw + bytes(j * C) + c
      let p = d + c
      let q = x + bytes(j * C) + c
      const end = p + <usize>width * row
      if (taps >= 4) {
        let a0 = v128.load(g)
        let a1 = v128.load(g + row)
        let a2 = v128.load(g + 2 * row)
        let a3 = v128.load(g + 3 * row)
        for (; p < end; p += row, q += step) {
          const v = v128.load(p)
          a0 = madd(v, v128.load(q), a0)
          a1 = madd(v, v128.load(q + row), a1)
          a2 = madd(v, v128.load(q + 2 * row), a2)
          a3 = madd(v, v128.load(q + 3 * row), a3)
        }
        v128.store(g, a0)
        v128.store(g + row, a1)
        v128.store(g + 2 * row, a2)
        v128.store(g + 3 * row, a3)
      } else if (taps == 3) {
        let a0 = v128.load(g)
        let a1 = v128.load(g + row)
        let a2 = v128.load(g + 2 * row)
        for (; p < end; p += row, q += step) {
          const v = v128.load(p)
          a0 = madd(v, v128.load(q), a0)
          a1 = madd(v, v128.load(q + row), a1)
          a2 = madd(v, v128.load(q + 2 * row), a2)
        }
        v128.store(g, a0)
        v128.store(g + row, a1)
        v128.store(g + 2 * row, a2)
      } else
        for (let t = 0; t < taps; t++) {
          let a = v128.load(g + bytes(t * C))
          let u = p
          let v = q + bytes(t * C)
          for (; u < end; u += row, v += step) a = madd(v128.load(u), v128.load(v), a)
          v128.store(g + bytes(t * C), a)
        }
    }
  }
}

/**
 * Z = depthwise(activation(X)) for `count` images; S != 0: batch statistics of Z.
 * scratch: HP * WP * C floats; partial: 2 C floats.
 */
export function depthwiseForward(
  count: i32, H: i32, W: i32, C: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32, HP: i32, WP: i32, OH: i32, OW: i32,
  X: usize, inAffine: usize, inActivation: i32, weights: usize, Z: usize, S: usize, partial: usize, scratch: usize,
): void {
  if (S) {
    clear(partial, 2 * C)
    clearDoubles(S, 2 * C)
  }
  const col = bytes(C)
  const row = bytes(WP * C)
  for (let n = 0; n < count; n++, X += bytes(H * W * C)) {
    padImage(X, inAffine, inActivation, H, W, C, top, left, HP, WP, scratch)
    for (let oh = 0; oh < OH; oh++, Z += bytes(OW * C)) {
      const from = scratch + <usize>(oh * sh) * row
      correlateRow(C, OW, Z, col, from, <usize>sw * col, row, col, kh, kw, weights, <usize>kw * col, col, S ? partial : 0)
    }
    if (S) flush(2 * C, partial, S)
  }
}

/**
 * Backward of X -> depthwise -> z -> norm -> activation, as `matrixBackward`. dX by phases: input pixels that share their position
 * modulo the stride form a correlation of stride 1 with every s-th tap. PH, PW: zeros around dz, (k - 1) / s + 1.
 * scratch: (HP * WP + (OH + 2 PH) * (OW + 2 PW)) * C floats; partial: 2 C floats.
 */
export function depthwiseBackward(
  count: i32, H: i32, W: i32, C: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32, HP: i32, WP: i32, OH: i32, OW: i32,
  dY: usize, Z: usize, affine: usize, coefficients: usize, activation: i32, X: usize, inAffine: usize, inActivation: i32,
  weights: usize, dW: usize, dX: usize, inS: usize, partial: usize, scratch: usize,
): void {
  const col = bytes(C)
  const PH = (kh - 1) / sh + 1
  const PW = (kw - 1) / sw + 1
  const DW = OW + 2 * PW
  const row = bytes(DW * C)
  const ds = scratch + bytes(HP * WP * C)
  clear(dW, kh * kw * C)
  clear(ds, (OH + 2 * PH) * DW * C)
  if (inS) {
    clear(partial, 2 * C)
    clearDoubles(inS, 2 * C)
  }
  for (let n = 0; n < count; n++, X += bytes(H * W * C)) {
    padImage(X, inAffine, inActivation, H, W, C, top, left, HP, WP, scratch)
    for (let oh = 0; oh < OH; oh++) {
      const d = ds + bytes(((oh + PH) * DW + PW) * C)
      normBackward(OW, C, dY, Z, affine, coefficients, activation, d)
      dY += bytes(OW * C)
      Z += bytes(OW * C)
      for (let i = 0; i < kh; i++)
        weightRow(C, OW, d, scratch + bytes((oh * sh + i) * WP * C), <usize>sw * col, kw, dW + bytes(i * kw * C))
    }
    if (!dX) continue
    for (let a = 0; a < min(sh, H); a++)
      for (let b = 0; b < min(sw, W); b++) {
        const i0 = (a + top) % sh
        const j0 = (b + left) % sw
        // Taps i0, i0 + sh, ... reach this phase, none where the stride outruns the kernel (then the row is zero).
        const th = i0 < kh && j0 < kw ? (kh - i0 + sh - 1) / sh : 0
        const tw = i0 < kh && j0 < kw ? (kw - j0 + sw - 1) / sw : 0
        const w0 = weights + bytes(((i0 + sh * max(th - 1, 0)) * kw + j0 + sw * max(tw - 1, 0)) * C)
        const r0 = (a + top - i0) / sh - (th - 1) + PH
        const c0 = (b + left - j0) / sw - (tw - 1) + PW
        const wide = (W - b + sw - 1) / sw
        for (let h = a, r = r0; h < H; h += sh, r++)
          correlateRow(
            C, wide, dX + bytes((h * W + b) * C), <usize>sw * col, ds + bytes((r * DW + c0) * C), col, row, col, th, tw, w0,
            0 - <usize>(sh * kw) * col, 0 - <usize>sw * col, 0,
          )
      }
    if (inS) {
      reduceBlock(H * W, C, dX, X, inAffine, inActivation, partial)
      flush(2 * C, partial, inS)
    }
    dX += bytes(H * W * C)
  }
}
