import { gemmBlock, outerBlock } from './gemm'
import { normApply, normBackward, reduceBlock } from './norm'
import { bytes, clear, clearDoubles, flush } from './simd'

// Pointwise convolutions and dense layers: rows times a matrix. `inAffine` = 0: X is used as it is; else X is the z of the layer before.

/**
 * Z[M, N] = activation(X[M, K]) * packed W, `rows` at a time. With S != 0 also the batch statistics of Z.
 * scratch: rows * K floats; partial: 2 N floats.
 */
export function matrixForward(
  M: i32, N: i32, K: i32, X: usize, inAffine: usize, inActivation: i32, P: usize, Z: usize, S: usize, partial: usize, rows: i32,
  scratch: usize,
): void {
  if (S) {
    clear(partial, 2 * N)
    clearDoubles(S, 2 * N)
  }
  for (let m = 0; m < M; m += rows) {
    const R = min(rows, M - m)
    let x = X + <usize>m * bytes(K)
    if (inAffine) {
      normApply(R, K, x, inAffine, inActivation, scratch)
      x = scratch
    }
    gemmBlock(R, N, K, x, P, Z + <usize>m * bytes(N), S ? partial : 0)
    if (S) flush(2 * N, partial, S)
  }
}

/**
 * Everything backward of X -> matrix -> z -> norm -> activation: dz is formed block by block, then dW[K, N] and (dX != 0) dX[M, K].
 * `PT`: transposed packed W. With inS != 0 also the gradient sums of the layer that made X.
 * scratch: rows * (N + K) floats; partial: 2 K floats.
 */
export function matrixBackward(
  M: i32, N: i32, K: i32, dY: usize, Z: usize, affine: usize, coefficients: usize, activation: i32, X: usize, inAffine: usize,
  inActivation: i32, PT: usize, dW: usize, dX: usize, inS: usize, partial: usize, rows: i32, scratch: usize,
): void {
  const dz = scratch
  const xs = scratch + <usize>rows * bytes(N)
  clear(dW, K * N)
  if (inS) {
    clear(partial, 2 * K)
    clearDoubles(inS, 2 * K)
  }
  for (let m = 0; m < M; m += rows) {
    const R = min(rows, M - m)
    const atN = <usize>m * bytes(N)
    const atK = <usize>m * bytes(K)
    let x = X + atK
    normBackward(R, N, dY + atN, Z + atN, affine, coefficients, activation, dz)
    if (inAffine) {
      normApply(R, K, x, inAffine, inActivation, xs)
      x = xs
    }
    outerBlock(R, N, K, x, dz, dW)
    if (dX) {
      gemmBlock(R, K, N, dz, PT, dX + atK, 0)
      if (inS) {
        reduceBlock(R, K, dX + atK, X + atK, inAffine, inActivation, partial)
        flush(2 * K, partial, inS)
      }
    }
  }
}
