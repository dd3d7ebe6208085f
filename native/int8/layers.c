// Activations are int16 less their zero point, so padding is plain zero and sums need no correction. Pixels are processed in fours: the
// planner leaves room for three surplus ones behind every tensor and every table.
#include "simd.h"

#define BLOCK 64
#define PIXELS 4

/** PIXELS pixels by `panels` x 8 channels; panels are `panel` bytes apart. */
INLINE void convolveTile(int panels, int rows, int pairs, size_t rowBytes, const char *X, const char *table, const char *W, size_t panel, const char *Q, char *Y, size_t ldy, int lanes,
                         int mode, __m128i lowest, __m128i highest) {
  __m256i a[PIXELS][2];
  const char *x[PIXELS];
  UNROLL for (int i = 0; i < PIXELS; i++) {
    x[i] = X + offset(table + 4 * i);
    UNROLL for (int v = 0; v < panels; v++) a[i][v] = load8(Q + v * PARAMS);
  }
  for (int r = 0; r < rows; r++) {
    for (int p = 0; p < pairs; p++, W += 32) {
      __m256i w[2];
      UNROLL for (int v = 0; v < panels; v++) w[v] = load8(W + v * panel);
      UNROLL for (int i = 0; i < PIXELS; i++) {
        const __m256i both = pair(x[i] + 4 * (ptrdiff_t)p);
        UNROLL for (int v = 0; v < panels; v++) a[i][v] = dot(both, w[v], a[i][v]);
      }
    }
    UNROLL for (int i = 0; i < PIXELS; i++) x[i] += rowBytes;
  }
  UNROLL for (int i = 0; i < PIXELS; i++) UNROLL for (int v = 0; v < panels; v++)
      storeLanes(Y + i * ldy + 16 * v, finish(a[i][v], Q + v * PARAMS, mode, lowest, highest), lanes - 8 * v);
}

INLINE void convolve(int pixels, int channels, int rows, int pairs, size_t rowBytes, const char *X, const char *table, const char *W, const char *Q, char *Y, int mode, int low, int high) {
  const __m128i lowest = _mm_set1_epi16((short)low), highest = _mm_set1_epi16((short)high);
  const size_t ldy = (size_t)channels * 2, panel = (size_t)rows * pairs * 32;
  for (int m0 = 0; m0 < pixels; m0 += BLOCK) {
    const int m1 = smaller(m0 + BLOCK, pixels);
    int n = 0;
    for (; n + 8 < channels; n += 16)
      for (int m = m0; m < m1; m += PIXELS)
        convolveTile(2, rows, pairs, rowBytes, X, table + 4 * (size_t)m, W + n / 8 * panel, panel, Q + n / 8 * PARAMS, Y + m * ldy + 2 * n, ldy, channels - n, mode, lowest, highest);
    if (n < channels)
      for (int m = m0; m < m1; m += PIXELS)
        convolveTile(1, rows, pairs, rowBytes, X, table + 4 * (size_t)m, W + n / 8 * panel, panel, Q + n / 8 * PARAMS, Y + m * ldy + 2 * n, ldy, channels - n, mode, lowest, highest);
  }
}

/**
 * conv2d and dense: Y[m, n] = finish(bias[n] + sum of x * w). Output pixel m reads `rows` runs of 2 x `pairs` values, `rowBytes` apart, the
 * first at X + table[m]. Weights are panels of 8 channels, each [rows][pairs][8 channels][2].
 */
static void int8Convolve(int pixels, int channels, int rows, int pairs, size_t rowBytes, const char *X, const char *table, const char *W, const char *Q, char *Y, int mode, int low,
                         int high) {
  // One copy for each rounding: the choice then costs nothing inside.
  if (mode == TWICE_FAST) convolve(pixels, channels, rows, pairs, rowBytes, X, table, W, Q, Y, TWICE_FAST, low, high);
  else if (mode == ONCE) convolve(pixels, channels, rows, pairs, rowBytes, X, table, W, Q, Y, ONCE, low, high);
  else convolve(pixels, channels, rows, pairs, rowBytes, X, table, W, Q, Y, 0, low, high);
}

/** Two taps of 8 channels interleaved, as their weights are. */
INLINE __m256i interleave(__m128i u, __m128i v) { return _mm256_set_m128i(_mm_unpackhi_epi16(u, v), _mm_unpacklo_epi16(u, v)); }

INLINE void depthwise(int pixels, int channels, int pairs, const char *X, const char *table, const char *taps, const char *W, const char *Q, char *Y, int mode, int low, int high) {
  const __m128i lowest = _mm_set1_epi16((short)low), highest = _mm_set1_epi16((short)high);
  const size_t ldy = (size_t)channels * 2;
  for (int m0 = 0; m0 < pixels; m0 += BLOCK) {
    const int m1 = smaller(m0 + BLOCK, pixels);
    const char *P = W;
    const char *q = Q;
    for (int n = 0; n < channels; n += 8, P += (size_t)pairs * 32, q += PARAMS)
      for (int m = m0; m < m1; m += PIXELS) {
        __m256i a[PIXELS];
        const char *x[PIXELS];
        UNROLL for (int i = 0; i < PIXELS; i++) {
          x[i] = X + 2 * (size_t)n + offset(table + 4 * (size_t)(m + i));
          a[i] = load8(q);
        }
        for (int t = 0; t < pairs; t++) {
          const __m256i w = load8(P + 32 * (size_t)t);
          const size_t s = offset(taps + 8 * (size_t)t), u = offset(taps + 8 * (size_t)t + 4);
          UNROLL for (int i = 0; i < PIXELS; i++) a[i] = dot(interleave(load4(x[i] + s), load4(x[i] + u)), w, a[i]);
        }
        UNROLL for (int i = 0; i < PIXELS; i++) storeLanes(Y + (m + i) * ldy + 2 * n, finish(a[i], q, mode, lowest, highest), channels - n);
      }
  }
}

/**
 * Depthwise: taps in pairs, two taps of 8 channels interleaved so that one dot product serves both. `taps` holds 2 x `pairs` byte offsets from
 * X + table[m]; weights are [8 channels][pairs][8][2].
 */
static void int8Depthwise(int pixels, int channels, int pairs, const char *X, const char *table, const char *taps, const char *W, const char *Q, char *Y, int mode, int low, int high) {
  if (mode == TWICE_FAST) depthwise(pixels, channels, pairs, X, table, taps, W, Q, Y, TWICE_FAST, low, high);
  else if (mode == ONCE) depthwise(pixels, channels, pairs, X, table, taps, W, Q, Y, ONCE, low, high);
  else depthwise(pixels, channels, pairs, X, table, taps, W, Q, Y, 0, low, high);
}
