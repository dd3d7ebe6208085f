import { correlateRow } from './correlate'
import { normApply, normBackward, reduceBlock } from './norm'
import { bytes, clear, clearDoubles, flush } from './simd'
import { weightGradient } from './weight-gradient'

// Depthwise convolutions of any kernel and stride. Weights [kh][kw][C]. The image is copied into zeros [HP, WP, C] so that windows need no
// bounds checks; its rows are copied (batch norm and activation on the way) just before the first output row that reads them, while both
// are in the first-level cache.

/**
 * Rows [from, to) of one image x[H, W, C] to their places in the padded copy, whose margins are already zero.
 */
function copyRows(from: i32, to: i32, x: usize, affine: usize, activation: i32, W: i32, C: i32, padded: usize, rowBytes: usize): void {
  const size = bytes(W * C)
  x += <usize>from * size
  padded += <usize>from * rowBytes
  for (let h = from; h < to; h++, x += size, padded += rowBytes) {
    if (affine) normApply(W, C, x, affine, activation, padded)
    else memory.copy(padded, x, size)
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
  const inside = scratch + bytes((top * WP + left) * C)
  clear(scratch, HP * WP * C)
  for (let n = 0; n < count; n++, X += bytes(H * W * C)) {
    let copied = 0
    for (let oh = 0; oh < OH; oh++, Z += bytes(OW * C)) {
      const needed = min(H, oh * sh + kh - top)
      copyRows(copied, needed, X, inAffine, inActivation, W, C, inside, row)
      copied = max(copied, needed)
      const from = scratch + <usize>(oh * sh) * row
      correlateRow(C, OW, Z, col, from, sw, row, col, kh, kw, weights, <usize>kw * col, col, S ? partial : 0)
    }
    if (S) flush(2 * C, partial, S)
  }
}

/**
 * Backward of X -> depthwise -> z -> norm -> activation, as `matrixBackward`, a band of output rows at a time: their dz, their part of dW,
 * and the rows of dX that they complete. PH, PW: zeros around dz, (k - 1) / s + 1.
 * scratch: (HP * WP + (OH + 2 PH) * (OW + 2 PW)) * C floats; partial: 2 C floats.
 */
export function depthwiseBackward(
  count: i32, H: i32, W: i32, C: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32, HP: i32, WP: i32, OH: i32, OW: i32,
  dY: usize, Z: usize, affine: usize, coefficients: usize, activation: i32, X: usize, inAffine: usize, inActivation: i32,
  weights: usize, dW: usize, dX: usize, inS: usize, partial: usize, scratch: usize,
): void {
  const PH = (kh - 1) / sh + 1
  const PW = (kw - 1) / sw + 1
  const DW = OW + 2 * PW
  const xRow = bytes(WP * C)
  const dRow = bytes(DW * C)
  const ds = scratch + bytes(HP * WP * C)
  const inside = scratch + bytes((top * WP + left) * C)
  const dInside = ds + bytes((PH * DW + PW) * C)
  const band = max(1, 4096 / (OW * C))
  clear(dW, kh * kw * C)
  clear(scratch, HP * WP * C + (OH + 2 * PH) * DW * C)
  if (inS) {
    clear(partial, 2 * C)
    clearDoubles(inS, 2 * C)
  }
  for (let n = 0; n < count; n++, X += bytes(H * W * C)) {
    let copied = 0
    let done = 0
    for (let first = 0; first < OH; first += band) {
      const end = min(OH, first + band)
      const needed = min(H, (end - 1) * sh + kh - top)
      copyRows(copied, needed, X, inAffine, inActivation, W, C, inside, xRow)
      copied = max(copied, needed)
      const d = dInside + <usize>first * dRow
      for (let oh = first; oh < end; oh++, dY += bytes(OW * C), Z += bytes(OW * C))
        normBackward(OW, C, dY, Z, affine, coefficients, activation, dInside + <usize>oh * dRow)
      weightGradient(C, OW, end - first, d, dRow, scratch + <usize>(first * sh) * xRow, xRow, sh, sw, kh, kw, dW)
      if (!dX) continue
      const complete = end == OH ? H : min(H, end * sh - top)
      const from = done
      for (; done < complete; done++) inputRow(done, W, C, kh, kw, sh, sw, top, left, PH, PW, ds, DW, weights, dX + bytes(done * W * C))
      const at = bytes(from * W * C)
      if (inS) reduceBlock((done - from) * W, C, dX + at, X + at, inAffine, inActivation, partial)
    }
    if (!dX) continue
    if (inS) flush(2 * C, partial, inS)
    dX += bytes(H * W * C)
  }
}

/**
 * Row h of dX from the padded dz. By phases: the input pixels of a row that share their position modulo the stride are a correlation of
 * stride 1 with every s-th tap, walked backwards.
 */
function inputRow(
  h: i32, W: i32, C: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32, PH: i32, PW: i32, ds: usize, DW: i32, weights: usize,
  dx: usize,
): void {
  const col = bytes(C)
  const i0 = (h + top) % sh
  const r = (h + top) / sh + PH
  for (let b = 0; b < min(sw, W); b++) {
    const j0 = (b + left) % sw
    // Taps i0, i0 + sh, ... reach this phase, none where the stride outruns the kernel (then the pixels get zeros).
    const reached = i0 < kh && j0 < kw
    const th = reached ? (kh - i0 + sh - 1) / sh : 0
    const tw = reached ? (kw - j0 + sw - 1) / sw : 0
    const w0 = weights + bytes(((i0 + sh * max(th - 1, 0)) * kw + j0 + sw * max(tw - 1, 0)) * C)
    const from = ds + bytes(((r - max(th - 1, 0)) * DW + (b + left) / sw + PW - max(tw - 1, 0)) * C)
    correlateRow(
      C, (W - b + sw - 1) / sw, dx + bytes(b * C), <usize>sw * col, from, 1, bytes(DW * C), col, th, tw, w0,
      0 - <usize>(sh * kw) * col, 0 - <usize>sw * col, 0,
    )
  }
}
