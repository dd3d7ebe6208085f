import { gemmBlock, outerBlock } from './gemm'
import { padImage } from './image'
import { normBackward, reduceBlock } from './norm'
import { bytes, clear, clearDoubles, flush } from './simd'

// General convolutions by im2col, a block of output pixels at a time: nothing of the size of the unfolded input is ever stored.
// C: channels that count, CS: channels stored per pixel (CS > C where the planner padded). A column row holds [kh][kw][C], then zeros up to K.

/** Copies n floats, in fours: may write up to 3 floats beyond, which the caller overwrites. */
// @ts-ignore: decorator
@inline
function copyOver(to: usize, from: usize, n: i32): void {
  const end = from + bytes(n)
  for (; from < end; from += 16, to += 16) v128.store(to, v128.load(from))
}

// @ts-ignore: decorator
@inline
function addTo(to: usize, from: usize, n: i32): void {
  const whole = from + bytes(n & ~3)
  const end = from + bytes(n)
  for (; from < whole; from += 16, to += 16) v128.store(to, f32x4.add(v128.load(to), v128.load(from)))
  for (; from < end; from += 4, to += 4) store<f32>(to, load<f32>(to) + load<f32>(from))
}

/** Windows of output pixels [first, first + R) of one padded image -> cols[R, K]. */
function unfold(
  first: i32, R: i32, OW: i32, image: usize, WP: i32, C: i32, CS: i32, kh: i32, kw: i32, sh: i32, sw: i32, K: i32, cols: usize,
): void {
  const used = kh * kw * C
  for (let p = first; p < first + R; p++, cols += bytes(K)) {
    let window = image + bytes(((p / OW) * sh * WP + (p % OW) * sw) * CS)
    let to = cols
    for (let i = 0; i < kh; i++, window += bytes(WP * CS)) {
      if (C == CS) {
        copyOver(to, window, kw * C)
        to += bytes(kw * C)
      } else
        for (let j = 0; j < kw; j++, to += bytes(C)) copyOver(to, window + bytes(j * CS), C)
    }
    for (let k = used; k < K; k++, to += 4) store<f32>(to, 0)
  }
}

/** The transpose of `unfold`: adds cols[R, K] back into the padded image. */
function fold(
  first: i32, R: i32, OW: i32, image: usize, WP: i32, C: i32, CS: i32, kh: i32, kw: i32, sh: i32, sw: i32, K: i32, cols: usize,
): void {
  for (let p = first; p < first + R; p++, cols += bytes(K)) {
    let window = image + bytes(((p / OW) * sh * WP + (p % OW) * sw) * CS)
    let from = cols
    for (let i = 0; i < kh; i++, window += bytes(WP * CS)) {
      if (C == CS) {
        addTo(window, from, kw * C)
        from += bytes(kw * C)
      } else
        for (let j = 0; j < kw; j++, from += bytes(C)) addTo(window + bytes(j * CS), from, C)
    }
  }
}

/**
 * Z = conv(activation(X)) for `count` images; S != 0: batch statistics of Z.
 * scratch: HP * WP * CS + 4 + rows * K + 4 floats; partial: 2 N floats.
 */
export function convForward(
  count: i32, H: i32, W: i32, C: i32, CS: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32, HP: i32, WP: i32, OH: i32,
  OW: i32, N: i32, K: i32, X: usize, inAffine: usize, inActivation: i32, P: usize, Z: usize, S: usize, partial: usize, rows: i32,
  scratch: usize,
): void {
  const cols = scratch + bytes((HP * WP * CS + 7) & ~3)
  const M = OH * OW
  if (S) {
    clear(partial, 2 * N)
    clearDoubles(S, 2 * N)
  }
  for (let n = 0; n < count; n++, X += bytes(H * W * CS)) {
    padImage(X, inAffine, inActivation, H, W, CS, top, left, HP, WP, scratch)
    for (let m = 0; m < M; m += rows) {
      const R = min(rows, M - m)
      unfold(m, R, OW, scratch, WP, C, CS, kh, kw, sh, sw, K, cols)
      gemmBlock(R, N, K, cols, P, Z, S ? partial : 0)
      if (S) flush(2 * N, partial, S)
      Z += <usize>R * bytes(N)
    }
  }
}

/**
 * Backward of X -> conv -> z -> norm -> activation, as `matrixBackward`.
 * scratch: HP * WP * CS + 4 + rows * (K + N) + 4 floats, and with dX another rows * K + HP * WP * CS; partial: 2 CS floats.
 */
export function convBackward(
  count: i32, H: i32, W: i32, C: i32, CS: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32, HP: i32, WP: i32, OH: i32,
  OW: i32, N: i32, K: i32, dY: usize, Z: usize, affine: usize, coefficients: usize, activation: i32, X: usize, inAffine: usize,
  inActivation: i32, PT: usize, dW: usize, dX: usize, inS: usize, partial: usize, rows: i32, scratch: usize,
): void {
  const cols = scratch + bytes((HP * WP * CS + 7) & ~3)
  const dz = cols + bytes(rows * K + 4)
  const dCols = dz + bytes(rows * N)
  const dImage = dCols + bytes(rows * K)
  const M = OH * OW
  const image = bytes(H * W * CS)
  clear(dW, K * N)
  if (inS) {
    clear(partial, 2 * CS)
    clearDoubles(inS, 2 * CS)
  }
  for (let n = 0; n < count; n++, X += image) {
    padImage(X, inAffine, inActivation, H, W, CS, top, left, HP, WP, scratch)
    if (dX) clear(dImage, HP * WP * CS)
    for (let m = 0; m < M; m += rows) {
      const R = min(rows, M - m)
      normBackward(R, N, dY, Z, affine, coefficients, activation, dz)
      dY += <usize>R * bytes(N)
      Z += <usize>R * bytes(N)
      unfold(m, R, OW, scratch, WP, C, CS, kh, kw, sh, sw, K, cols)
      outerBlock(R, N, K, cols, dz, dW)
      if (dX) {
        gemmBlock(R, K, N, dz, PT, dCols, 0)
        fold(m, R, OW, dImage, WP, C, CS, kh, kw, sh, sw, K, dCols)
      }
    }
    if (dX) {
      for (let h = 0; h < H; h++)
        memory.copy(dX + bytes(h * W * CS), dImage + bytes(((h + top) * WP + left) * CS), bytes(W * CS))
      if (inS) {
        reduceBlock(H * W, CS, dX, X, inAffine, inActivation, partial)
        flush(2 * CS, partial, inS)
      }
      dX += image
    }
  }
}
