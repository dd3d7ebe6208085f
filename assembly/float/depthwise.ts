import { correlate } from './correlate'
import { normApplyRows, normBackwardRows, reduceSome } from './norm'
import { bytes, clear, clearDoubles, flush } from './simd'
import { copyPixel, packTaps, packTapsBackward, pixel, slab, tapsBeforePhase, tapsOfPhase } from './slab'
import { weightGradient } from './weight-gradient'

// Depthwise convolutions of any kernel and stride. Weights [kh][kw][C]. Image by image, 16 channels at a time (a slab) are copied into zeros
// [HP, WP, 16], so that windows need no bounds checks; rows are copied (batch norm and activation on the way) just before the first output row
// that reads them, while both are in the first-level cache.

/** Pixels of a slab that are worked on at a time: 16 kB, half a first-level cache. */
const bandPixels: i32 = 256

/**
 * Rows [from, to) of C channels of one image, `stored` bytes from pixel to pixel (also from scales to shifts), to their places in the padded slab,
 * whose margins are already zero. Returns how many rows are there now.
 */
function copyRows(
  from: i32, to: i32, x: usize, affine: usize, activation: i32, W: i32, C: i32, stored: usize, padded: usize, rowBytes: usize,
): i32 {
  if (from >= to) return from
  x += <usize>(from * W) * stored
  padded += <usize>from * rowBytes
  if (affine) normApplyRows(to - from, W, C, stored, x, affine, activation, padded, rowBytes, pixel)
  else
    for (let h = from; h < to; h++, padded += rowBytes)
      for (let p = padded; p < padded + <usize>W * pixel; p += pixel, x += stored) copyPixel(C, x, p)
  return to
}

/**
 * Z = depthwise(activation(X)) for `count` images; S != 0: batch statistics of Z.
 * scratch: 16 HP * WP + kh * kw * (C up to a multiple of 16) floats; partial: 2 C floats.
 */
export function depthwiseForward(
  count: i32, H: i32, W: i32, C: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32, HP: i32, WP: i32, OH: i32, OW: i32,
  X: usize, inAffine: usize, inActivation: i32, weights: usize, Z: usize, S: usize, partial: usize, scratch: usize,
): void {
  if (S) {
    clear(partial, 2 * C)
    clearDoubles(S, 2 * C)
  }
  const stored = bytes(C)
  const row = <usize>WP * pixel
  const zRow = <usize>OW * stored
  const band = max(1, bandPixels / (sh * WP))
  const taps = scratch + <usize>HP * row
  const inside = scratch + <usize>(top * WP + left) * pixel
  clear(scratch, HP * WP * slab)
  packTaps(kh * kw, C, weights, taps)
  for (let n = 0; n < count; n++, X += <usize>(H * W) * stored, Z += <usize>(OH * OW) * stored) {
    for (let c0 = 0; c0 < C; c0 += slab) {
      const c = bytes(c0)
      const channels = min(slab, C - c0)
      const w = taps + <usize>(kh * kw) * c
      let copied = 0
      for (let first = 0; first < OH; first += band) {
        const end = min(OH, first + band)
        const needed = min(H, (end - 1) * sh + kh - top)
        copied = copyRows(copied, needed, X + c, inAffine ? inAffine + c : 0, inActivation, W, channels, stored, inside, row)
        correlate(
          channels, end - first, OW, Z + c + <usize>first * zRow, zRow, stored, scratch + <usize>(first * sh) * row, <usize>sh * row, sw,
          row, kh, kw, w, <usize>kw * pixel, S ? partial + c : 0, stored,
        )
      }
    }
    if (S) flush(2 * C, partial, S)
  }
}

/**
 * Backward of X -> depthwise -> z -> norm -> activation, as `matrixBackward`, a band of output rows at a time: their dz, their part of dW,
 * and the rows of dX that they complete. PH, PW: zeros around dz, (k - 1) / s + 1.
 * scratch: 16 (HP * WP + (OH + 2 PH) * (OW + 2 PW)) + kh * kw * (C up to a multiple of 16) floats; partial: 2 C floats.
 */
export function depthwiseBackward(
  count: i32, H: i32, W: i32, C: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32, HP: i32, WP: i32, OH: i32, OW: i32,
  dY: usize, Z: usize, affine: usize, coefficients: usize, activation: i32, X: usize, inAffine: usize, inActivation: i32,
  weights: usize, dW: usize, dX: usize, inS: usize, partial: usize, scratch: usize,
): void {
  const PH = (kh - 1) / sh + 1
  const PW = (kw - 1) / sw + 1
  const DW = OW + 2 * PW
  const stored = bytes(C)
  const xRow = <usize>WP * pixel
  const dRow = <usize>DW * pixel
  const zRow = <usize>OW * stored
  const ds = scratch + <usize>HP * xRow
  const taps = ds + <usize>(OH + 2 * PH) * dRow
  const inside = scratch + <usize>(top * WP + left) * pixel
  const dInside = ds + <usize>(PH * DW + PW) * pixel
  const band = max(1, bandPixels / OW)
  clear(dW, kh * kw * C)
  clear(scratch, (HP * WP + (OH + 2 * PH) * DW) * slab)
  packTapsBackward(kh, kw, sh, sw, C, weights, taps)
  if (inS) {
    clear(partial, 2 * C)
    clearDoubles(inS, 2 * C)
  }
  for (let n = 0; n < count; n++, X += <usize>(H * W) * stored) {
    for (let c0 = 0; c0 < C; c0 += slab) {
      const c = bytes(c0)
      const channels = min(slab, C - c0)
      const w = taps + <usize>(kh * kw) * c
      let copied = 0
      let done = 0
      for (let first = 0; first < OH; first += band) {
        const end = min(OH, first + band)
        const needed = min(H, (end - 1) * sh + kh - top)
        copied = copyRows(copied, needed, X + c, inAffine ? inAffine + c : 0, inActivation, W, channels, stored, inside, xRow)
        const d = dInside + <usize>first * dRow
        const rows = <usize>first * zRow + c
        normBackwardRows(
          end - first, OW, channels, stored, dY + rows, Z + rows, affine + c, coefficients + c, activation, d, dRow, pixel,
        )
        weightGradient(channels, OW, end - first, d, dRow, scratch + <usize>(first * sh) * xRow, xRow, sh, sw, kh, kw, dW + c, stored)
        if (!dX) continue
        // Rows of dX whose last output row is done: none yet where a band is lower than the margin.
        const complete = end == OH ? H : max(done, min(H, end * sh - top))
        const at = <usize>(done * W) * stored + c
        inputRows(done, complete, W, channels, kh, kw, sh, sw, top, left, PH, PW, ds, DW, w, dX + c, stored)
        if (inS) reduceSome((complete - done) * W, channels, stored, dX + at, X + at, inAffine + c, inActivation, partial + c)
        done = complete
      }
    }
    dY += <usize>OH * zRow
    Z += <usize>OH * zRow
    if (!dX) continue
    if (inS) flush(2 * C, partial, inS)
    dX += <usize>(H * W) * stored
  }
}

/**
 * Rows [first, end) of dX from the padded dz. By phases: the input pixels that share their position modulo the strides are a correlation of
 * stride 1 with every s-th tap, walked backwards (`packTapsBackward`).
 */
function inputRows(
  first: i32, end: i32, W: i32, C: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32, PH: i32, PW: i32, ds: usize, DW: i32,
  taps: usize, dx: usize, stored: usize,
): void {
  const dRow = <usize>DW * pixel
  for (let h = first; h < min(first + sh, end); h++) {
    const i0 = (h + top) % sh
    const th = tapsOfPhase(i0, kh, sh)
    const r = (h + top) / sh + PH - max(th - 1, 0)
    for (let b = 0; b < min(sw, W); b++) {
      const j0 = (b + left) % sw
      const tw = tapsOfPhase(j0, kw, sw)
      const w = taps + <usize>(tapsBeforePhase(i0, kh, sh) * kw + th * tapsBeforePhase(j0, kw, sw)) * pixel
      const from = ds + <usize>(r * DW + (b + left) / sw + PW - max(tw - 1, 0)) * pixel
      // A phase that the kernel does not reach gets zeros.
      correlate(
        C, (end - h + sh - 1) / sh, (W - b + sw - 1) / sw, dx + <usize>(h * W + b) * stored, <usize>(sh * W) * stored, <usize>sw * stored,
        from, dRow, 1, dRow, tw ? th : 0, tw, w, <usize>tw * pixel, 0, 0,
      )
    }
  }
}
