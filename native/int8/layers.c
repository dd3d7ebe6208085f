// Activations are int16 less their zero point, so padding is plain zero and sums need no correction. Pixels are processed in fours: the
// planner leaves room for three surplus ones behind every tensor and every table.
#include "simd.h"

#define BLOCK 64
#define PIXELS 4

/** PIXELS pixels by `panels` x 8 channels; panels are `panel` bytes apart. */
INLINE void convolveTile(int panels, int rows, int pairs, size_t rowBytes, const char *X, const char *table, const char *W, size_t panel, const Rescale *to, char *Y, size_t ldy,
                         int lanes, int mode, __m128i lowest, __m128i highest) {
  __m256i a[PIXELS][2];
  const char *x[PIXELS];
  UNROLL for (int i = 0; i < PIXELS; i++) {
    x[i] = X + offset(table + 4 * i);
    UNROLL for (int v = 0; v < panels; v++) a[i][v] = to[v].bias;
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
      storeLanes(Y + i * ldy + 16 * v, finish(a[i][v], to + v, mode, lowest, highest), lanes - 8 * v);
}

INLINE void convolve(int pixels, int channels, int rows, int pairs, size_t rowBytes, const char *X, const char *table, const char *W, const char *Q, char *Y, int mode, int low, int high) {
  const __m128i lowest = _mm_set1_epi16((short)low), highest = _mm_set1_epi16((short)high);
  const size_t ldy = (size_t)channels * 2, panel = (size_t)rows * pairs * 32;
  for (int m0 = 0; m0 < pixels; m0 += BLOCK) {
    const int m1 = smaller(m0 + BLOCK, pixels);
    int n = 0;
    for (; n + 8 < channels; n += 16) {
      const Rescale to[2] = {rescaleOf(Q + n / 8 * PARAMS, mode), rescaleOf(Q + (n / 8 + 1) * PARAMS, mode)};
      for (int m = m0; m < m1; m += PIXELS)
        convolveTile(2, rows, pairs, rowBytes, X, table + 4 * (size_t)m, W + n / 8 * panel, panel, to, Y + m * ldy + 2 * n, ldy, channels - n, mode, lowest, highest);
    }
    if (n < channels) {
      const Rescale to = rescaleOf(Q + n / 8 * PARAMS, mode);
      for (int m = m0; m < m1; m += PIXELS)
        convolveTile(1, rows, pairs, rowBytes, X, table + 4 * (size_t)m, W + n / 8 * panel, panel, &to, Y + m * ldy + 2 * n, ldy, channels - n, mode, lowest, highest);
    }
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
INLINE __m256i lowHalves(__m256i a, __m256i b) { return _mm256_permute2x128_si256(a, b, 0x20); }
INLINE __m256i highHalves(__m256i a, __m256i b) { return _mm256_permute2x128_si256(a, b, 0x31); }

INLINE void depthwiseTile(int pairs, const char *X, const char *table, const char *taps, const char *W, const Rescale *to, char *Y, size_t ldy, int lanes, int mode, __m128i lowest,
                          __m128i highest) {
  __m256i a[PIXELS];
  const char *x[PIXELS];
  UNROLL for (int i = 0; i < PIXELS; i++) {
    x[i] = X + offset(table + 4 * i);
    a[i] = to->bias;
  }
  for (int t = 0; t < pairs; t++, W += 32, taps += 8) {
    const __m256i w = load8(W);
    const size_t s = offset(taps), u = offset(taps + 4);
    UNROLL for (int i = 0; i < PIXELS; i++) a[i] = dot(interleave(load4(x[i] + s), load4(x[i] + u)), w, a[i]);
  }
  UNROLL for (int i = 0; i < PIXELS; i++) storeLanes(Y + i * ldy, finish(a[i], to, mode, lowest, highest), lanes);
}

/**
 * The same for 9 to 16 channels, whose panels of weights are `panel` bytes apart. Interleaving 256 bits leaves channels 0 to 3 and 8 to 11 together
 * and the others together; weights are arranged alike, sums brought back at the end.
 */
INLINE void depthwiseWide(int pairs, const char *X, const char *table, const char *taps, const char *W, size_t panel, const Rescale *to, char *Y, size_t ldy, int lanes, int mode,
                          __m128i lowest, __m128i highest) {
  __m256i a[PIXELS], b[PIXELS];
  const char *x[PIXELS];
  UNROLL for (int i = 0; i < PIXELS; i++) {
    x[i] = X + offset(table + 4 * i);
    a[i] = lowHalves(to[0].bias, to[1].bias);
    b[i] = highHalves(to[0].bias, to[1].bias);
  }
  for (int t = 0; t < pairs; t++, W += 32, taps += 8) {
    const __m256i first = load8(W), second = load8(W + panel);
    const __m256i v = lowHalves(first, second), w = highHalves(first, second);
    const size_t s = offset(taps), u = offset(taps + 4);
    UNROLL for (int i = 0; i < PIXELS; i++) {
      const __m256i p = load8(x[i] + s), q = load8(x[i] + u);
      a[i] = dot(_mm256_unpacklo_epi16(p, q), v, a[i]);
      b[i] = dot(_mm256_unpackhi_epi16(p, q), w, b[i]);
    }
  }
  UNROLL for (int i = 0; i < PIXELS; i++) {
    storeLanes(Y + i * ldy, finish(lowHalves(a[i], b[i]), to, mode, lowest, highest), 8);
    storeLanes(Y + i * ldy + 16, finish(highHalves(a[i], b[i]), to + 1, mode, lowest, highest), lanes - 8);
  }
}

INLINE void depthwise(int pixels, int channels, int pairs, const char *X, const char *table, const char *taps, const char *W, const char *Q, char *Y, int mode, int low, int high) {
  const __m128i lowest = _mm_set1_epi16((short)low), highest = _mm_set1_epi16((short)high);
  const size_t ldy = (size_t)channels * 2, panel = (size_t)pairs * 32;
  for (int m0 = 0; m0 < pixels; m0 += BLOCK) {
    const int m1 = smaller(m0 + BLOCK, pixels);
    int n = 0;
    for (; n + 8 < channels; n += 16) {
      const Rescale to[2] = {rescaleOf(Q + n / 8 * PARAMS, mode), rescaleOf(Q + (n / 8 + 1) * PARAMS, mode)};
      for (int m = m0; m < m1; m += PIXELS)
        depthwiseWide(pairs, X + 2 * n, table + 4 * (size_t)m, taps, W + n / 8 * panel, panel, to, Y + m * ldy + 2 * n, ldy, channels - n, mode, lowest, highest);
    }
    if (n < channels) {
      const Rescale to = rescaleOf(Q + n / 8 * PARAMS, mode);
      for (int m = m0; m < m1; m += PIXELS)
        depthwiseTile(pairs, X + 2 * n, table + 4 * (size_t)m, taps, W + n / 8 * panel, &to, Y + m * ldy + 2 * n, ldy, channels - n, mode, lowest, highest);
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
