#include "simd.h"

// Rows of a depthwise correlation, C <= SLAB channels:
//   y[h * yRow + o * ys] = sum over taps (i, j) of x[h * xStep + i * xRow + (o * stride + j) * SLAB] * w[i * wRow + j * SLAB],
// h < height, o < width. Strides are in floats. sums: sums += y, and `squares` floats further += y * y.

/** O neighbouring outputs of n channels: column k of x serves output o with tap k - S * o. Unused outputs are zeros. */
INLINE void outputs(int O, int KW, int S, int n, float *y, ptrdiff_t ys, const float *x, ptrdiff_t xRow, int kh, const float *w, ptrdiff_t wRow, float *sums, ptrdiff_t squares) {
  vf a[4] = {{0}};
  for (int i = 0; i < kh; i++, x += xRow, w += wRow) {
    vf taps[7];
    UNROLL for (int j = 0; j < KW; j++) taps[j] = load(w + j * SLAB, n);
    UNROLL for (int k = 0; k < (O - 1) * S + KW; k++) {
      const vf v = load(x + k * SLAB, n);
      UNROLL for (int o = 0; o < O; o++) {
        const int j = k - S * o;
        if (j >= 0 && j < KW) a[o] = madd(v, taps[j], a[o]);
      }
    }
  }
  UNROLL for (int o = 0; o < O; o++) store(y + o * ys, a[o], n);
  if (!sums) return;
  accumulate(sums, (a[0] + a[1]) + (a[2] + a[3]), n);
  accumulate(sums + squares, madd(a[3], a[3], madd(a[2], a[2], madd(a[1], a[1], a[0] * a[0]))), n);
}

/** Four outputs at a time, then two, then one: kernel widths and strides of real networks, where a column is loaded once for all its outputs. */
INLINE void knownLanes(int KW, int S, int n, int height, int width, float *y, ptrdiff_t yRow, ptrdiff_t ys, const float *x, ptrdiff_t xStep, ptrdiff_t xRow, int kh, const float *w,
                       ptrdiff_t wRow, float *sums, ptrdiff_t squares) {
  const ptrdiff_t step = S * SLAB;
  for (int h = 0; h < height; h++, y += yRow, x += xStep) {
    float *to = y;
    const float *from = x;
    for (int o = 4; o <= width; o += 4, to += 4 * ys, from += 4 * step) outputs(4, KW, S, n, to, ys, from, xRow, kh, w, wRow, sums, squares);
    if (width & 2) {
      outputs(2, KW, S, n, to, ys, from, xRow, kh, w, wRow, sums, squares);
      to += 2 * ys;
      from += 2 * step;
    }
    if (width & 1) outputs(1, KW, S, n, to, ys, from, xRow, kh, w, wRow, sums, squares);
  }
}

/** Any window; `step` = stride * SLAB. */
INLINE void anyRow(int n, int width, float *to, ptrdiff_t ys, const float *from, ptrdiff_t step, ptrdiff_t xRow, int kh, int kw, const float *w, ptrdiff_t wRow, float *sums,
                   ptrdiff_t squares) {
  vf s = {0}, q = {0};
  int o = 0;
  for (; o + 4 <= width; o += 4, from += 4 * step) {
    vf a[4] = {{0}};
    for (int i = 0; i < kh; i++)
      for (int j = 0; j < kw; j++) {
        const float *x = from + i * xRow + j * SLAB;
        const vf v = load(w + i * wRow + j * SLAB, n);
        UNROLL for (int k = 0; k < 4; k++) a[k] = madd(load(x + k * step, n), v, a[k]);
      }
    UNROLL for (int k = 0; k < 4; k++, to += ys) store(to, a[k], n);
    s = s + ((a[0] + a[1]) + (a[2] + a[3]));
    q = madd(a[3], a[3], madd(a[2], a[2], madd(a[1], a[1], madd(a[0], a[0], q))));
  }
  for (; o < width; o++, from += step, to += ys) {
    vf a = {0};
    for (int i = 0; i < kh; i++)
      for (int j = 0; j < kw; j++) a = madd(load(from + i * xRow + j * SLAB, n), load(w + i * wRow + j * SLAB, n), a);
    store(to, a, n);
    s = s + a;
    q = madd(a, a, q);
  }
  if (!sums) return;
  accumulate(sums, s, n);
  accumulate(sums + squares, q, n);
}

#define KNOWN(KW, S)                                                                                                                         \
  if (kw == KW && stride == S) {                                                                                                             \
    COLUMNS(C, knownLanes(KW, S, n, height, width, y + c, yRow, ys, x + c, xStep, xRow, kh, w + c, wRow, sums ? sums + c : NULL, squares););   \
    return;                                                                                                                                  \
  }

static void correlate(int C, int height, int width, float *y, ptrdiff_t yRow, ptrdiff_t ys, const float *x, ptrdiff_t xStep, int stride, ptrdiff_t xRow, int kh, int kw,
                      const float *w, ptrdiff_t wRow, float *sums, ptrdiff_t squares) {
  KNOWN(3, 1)
  KNOWN(5, 1)
  KNOWN(7, 1)
  KNOWN(1, 1)
  KNOWN(2, 1)
  KNOWN(4, 1)
  KNOWN(3, 2)
  KNOWN(5, 2)
  KNOWN(7, 2)
  for (int h = 0; h < height; h++, y += yRow, x += xStep)
    COLUMNS(C, anyRow(n, width, y + c, ys, x + c, (ptrdiff_t)stride * SLAB, xRow, kh, kw, w + c, wRow, sums ? sums + c : NULL, squares););
}
