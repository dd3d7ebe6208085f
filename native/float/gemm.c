// Matrices are row-major float32; every K and N here is a multiple of 4 (channels are padded by the planner).
#include "simd.h"

/** Columns of a panel, in memory that WebAssembly's kernels share: whatever the width of a vector. */
#define PANEL 8

/** W[K, N] as panels of 8 columns, each `[K][8]` (a last panel of 4 where N % 8 = 4). */
static void pack(int K, int N, const float *W, float *P) {
  int n = 0;
  for (; n + PANEL <= N; n += PANEL)
    for (int k = 0; k < K; k++, P += PANEL) memcpy(P, W + (ptrdiff_t)k * N + n, PANEL * sizeof(float));
  if (n < N)
    for (int k = 0; k < K; k++, P += 4) memcpy(P, W + (ptrdiff_t)k * N + n, 4 * sizeof(float));
}

/** The transpose of W[K, N] packed the same way: panels of 8 rows k of W, each `[N][8]`. */
static void packTransposed(int K, int N, const float *W, float *P) {
  for (int k = 0; k < K;) {
    const int width = k + PANEL <= K ? PANEL : 4;
    for (int q = 0; q < width; q += 4, k += 4) {
      const float *w = W + (ptrdiff_t)k * N;
      float *p = P + q;
      for (int n = 0; n < N; n += 4) {
        const v4 a = *(const v4u *)(w + n), b = *(const v4u *)(w + N + n);
        const v4 c = *(const v4u *)(w + 2 * N + n), d = *(const v4u *)(w + 3 * N + n);
        const v4 ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
        const v4 ef = __builtin_shufflevector(a, b, 2, 6, 3, 7), gh = __builtin_shufflevector(c, d, 2, 6, 3, 7);
        *(v4u *)p = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
        *(v4u *)(p + width) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
        *(v4u *)(p + 2 * width) = __builtin_shufflevector(ef, gh, 0, 1, 4, 5);
        *(v4u *)(p + 3 * width) = __builtin_shufflevector(ef, gh, 2, 3, 6, 7);
        p += 4 * width;
      }
    }
    P += (ptrdiff_t)N * width;
  }
}

/**
 * `rows` x `vectors` sums in registers; rows is 1 or a multiple of 4. `between`: floats from one vector's panel entries to the next one's,
 * `step` from one k to the next, n lanes a vector. Column sums add four rows at a time, whatever the tile.
 */
INLINE void tile(int rows, int vectors, int n, int K, const float *x, const float *P, ptrdiff_t between, int step, float *y, int N, float *sums) {
  vf a[8][2];
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++) a[r][v] = (vf){0};
  for (int k = 0; k < K; k++, P += step) {
    vf w[2];
    UNROLL for (int v = 0; v < vectors; v++) w[v] = load(P + v * between, n);
    UNROLL for (int r = 0; r < rows; r++) {
      const vf value = splat(x[(ptrdiff_t)r * K + k]);
      UNROLL for (int v = 0; v < vectors; v++) a[r][v] = madd(value, w[v], a[r][v]);
    }
  }
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int v = 0; v < vectors; v++) store(y + (ptrdiff_t)r * N + v * LANES, a[r][v], n);
  if (!sums) return;
  UNROLL for (int v = 0; v < vectors; v++) {
    float *s = sums + v * LANES;
    if (rows == 1) {
      accumulate(s, a[0][v], n);
      accumulate(s + N, a[0][v] * a[0][v], n);
      continue;
    }
    UNROLL for (int r = 0; r < rows; r += 4) {
      const vf b = a[r][v], c = a[r + 1][v], d = a[r + 2][v], e = a[r + 3][v];
      accumulate(s, ((b + c) + d) + e, n);
      accumulate(s + N, madd(e, e, madd(d, d, madd(c, c, b * b))), n);
    }
  }
}

/** All rows of `vectors` x n columns. Fewer columns, more rows: eight chains of sums either way hide the latency of an addition. */
INLINE void columns(int vectors, int n, int R, int K, const float *X, const float *P, ptrdiff_t between, int step, float *Y, int N, float *sums) {
  int m = 0;
  if (vectors == 1)
    for (; m + 8 <= R; m += 8) tile(8, 1, n, K, X + (ptrdiff_t)m * K, P, between, step, Y + (ptrdiff_t)m * N, N, sums);
  for (; m + 4 <= R; m += 4) tile(4, vectors, n, K, X + (ptrdiff_t)m * K, P, between, step, Y + (ptrdiff_t)m * N, N, sums);
  for (; m < R; m++) tile(1, vectors, n, K, X + (ptrdiff_t)m * K, P, between, step, Y + (ptrdiff_t)m * N, N, sums);
}

/**
 * Y[R, N] = X[R, K] * packed W. With `sums` also column sums: sums[0..N) += column of Y, sums[N..2N) += its squares.
 * Each element adds its K products in order, whichever tile computes it: results do not depend on R.
 */
static void gemmBlock(int R, int N, int K, const float *X, const float *P, float *Y, float *sums) {
  // Two vectors of LANES columns lie in one panel or in two neighbours.
  const ptrdiff_t between = LANES == PANEL ? (ptrdiff_t)PANEL * K : LANES;
  int n = 0;
  for (; n + 2 * LANES <= N; n += 2 * LANES, P += (ptrdiff_t)2 * LANES * K) columns(2, LANES, R, K, X, P, between, PANEL, Y + n, N, sums ? sums + n : NULL);
  if (LANES == PANEL && n + PANEL <= N) {
    columns(1, LANES, R, K, X, P, 0, PANEL, Y + n, N, sums ? sums + n : NULL);
    n += PANEL;
    P += (ptrdiff_t)PANEL * K;
  }
  if (n < N) columns(1, 4, R, K, X, P, 0, 4, Y + n, N, sums ? sums + n : NULL);
}

INLINE void outerTile(int rows, int vectors, int n, int R, int N, int K, const float *X, const float *D, float *O) {
  vf a[8][2];
  UNROLL for (int k = 0; k < rows; k++) UNROLL for (int v = 0; v < vectors; v++) a[k][v] = load(O + (ptrdiff_t)k * N + v * LANES, n);
  for (int r = 0; r < R; r++, X += K, D += N) {
    vf d[2];
    UNROLL for (int v = 0; v < vectors; v++) d[v] = load(D + v * LANES, n);
    UNROLL for (int k = 0; k < rows; k++) {
      const vf x = splat(X[k]);
      UNROLL for (int v = 0; v < vectors; v++) a[k][v] = madd(x, d[v], a[k][v]);
    }
  }
  UNROLL for (int k = 0; k < rows; k++) UNROLL for (int v = 0; v < vectors; v++) store(O + (ptrdiff_t)k * N + v * LANES, a[k][v], n);
}

INLINE void outerColumns(int vectors, int n, int R, int N, int K, const float *X, const float *D, float *O) {
  int k = 0;
  if (vectors == 1)
    for (; k + 8 <= K; k += 8) outerTile(8, 1, n, R, N, K, X + k, D, O + (ptrdiff_t)k * N);
  for (; k < K; k += 4) outerTile(4, vectors, n, R, N, K, X + k, D, O + (ptrdiff_t)k * N);
}

/** O[K, N] += X[R, K] transposed * D[R, N]: the gradient of a weight matrix, one block of rows at a time. */
static void outerBlock(int R, int N, int K, const float *X, const float *D, float *O) {
  int n = 0;
  for (; n + 2 * LANES <= N; n += 2 * LANES) outerColumns(2, LANES, R, N, K, X, D + n, O + n);
  if (n + LANES <= N) {
    outerColumns(1, LANES, R, N, K, X, D + n, O + n);
    n += LANES;
  }
  if (n < N) outerColumns(1, 4, R, N, K, X, D + n, O + n);
}
