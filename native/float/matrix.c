// Pointwise convolutions and dense layers: rows times a matrix. `inAffine` NULL: X is used as it is; else X is the z of the layer before.
#include "simd.h"

/**
 * Z[M, N] = activation(X[M, K]) * packed W, `rows` at a time. With S also the batch statistics of Z.
 * scratch: rows * K floats; partial: 2 N floats.
 */
static void matrixForward(int M, int N, int K, const float *X, const float *inAffine, Activation inActivation, const float *P, float *Z, double *S, float *partial, int rows,
                          float *scratch) {
  if (S) {
    clear(partial, 2 * N);
    clearDoubles(S, 2 * N);
  }
  for (int m = 0; m < M; m += rows) {
    const int R = smaller(rows, M - m);
    const float *x = X + (ptrdiff_t)m * K;
    if (inAffine) {
      normApply(R, K, x, inAffine, inActivation, scratch);
      x = scratch;
    }
    gemmBlock(R, N, K, x, P, Z + (ptrdiff_t)m * N, S ? partial : NULL);
    if (S) flush(2 * N, partial, S);
  }
}

/**
 * Everything backward of X -> matrix -> z -> norm -> activation: dz is formed block by block, then dW[K, N] and (with dX) dX[M, K].
 * `PT`: transposed packed W. With inS also the gradient sums of the layer that made X.
 * scratch: rows * (N + K) floats; partial: 2 K floats.
 */
static void matrixBackward(int M, int N, int K, const float *dY, const float *Z, const float *affine, const float *coefficients, Activation activation, const float *X,
                           const float *inAffine, Activation inActivation, const float *PT, float *dW, float *dX, double *inS, float *partial, int rows, float *scratch) {
  float *dz = scratch;
  float *xs = scratch + (ptrdiff_t)rows * N;
  clear(dW, (ptrdiff_t)K * N);
  if (inS) {
    clear(partial, 2 * K);
    clearDoubles(inS, 2 * K);
  }
  for (int m = 0; m < M; m += rows) {
    const int R = smaller(rows, M - m);
    const ptrdiff_t atN = (ptrdiff_t)m * N, atK = (ptrdiff_t)m * K;
    const float *x = X + atK;
    const int next = smaller(rows, M - m - R);
    normBackward(R, N, dY + atN, Z + atN, affine, coefficients, activation, dz);
    fetch(dY + atN + (ptrdiff_t)R * N, (ptrdiff_t)next * N);
    if (inAffine) {
      normApply(R, K, x, inAffine, inActivation, xs);
      x = xs;
    }
    outerBlock(R, N, K, x, dz, dW);
    fetch(Z + atN + (ptrdiff_t)R * N, (ptrdiff_t)next * N);
    fetch(X + atK + (ptrdiff_t)R * K, (ptrdiff_t)next * K);
    if (dX) {
      gemmBlock(R, K, N, dz, PT, dX + atK, NULL);
      if (inS) {
        reduceBlock(R, K, dX + atK, X + atK, inAffine, inActivation, partial);
        flush(2 * K, partial, inS);
      }
    }
  }
}
