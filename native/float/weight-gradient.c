#include "simd.h"

/** R rows of KW taps, n channels: their sums stay in registers over the whole band. */
INLINE void taps(int R, int KW, int n, int width, int height, const float *d, ptrdiff_t dRow, const float *x, ptrdiff_t xRow, ptrdiff_t xStep, ptrdiff_t step, float *g,
                 ptrdiff_t gCol, ptrdiff_t gRow) {
  vf a[3][7];
  UNROLL for (int i = 0; i < R; i++) UNROLL for (int j = 0; j < KW; j++) a[i][j] = load(g + i * gRow + j * gCol, n);
  for (int h = 0; h < height; h++, d += dRow, x += xStep) {
    const float *p = d;
    const float *q = x;
    for (int o = 0; o < width; o++, p += SLAB, q += step) {
      const vf v = load(p, n);
      UNROLL for (int i = 0; i < R; i++) UNROLL for (int j = 0; j < KW; j++) a[i][j] = madd(v, load(q + i * xRow + j * SLAB, n), a[i][j]);
    }
  }
  UNROLL for (int i = 0; i < R; i++) UNROLL for (int j = 0; j < KW; j++) store(g + i * gRow + j * gCol, a[i][j], n);
}

/**
 * Gradient of a depthwise kernel over a band of output rows:
 *   dw[i][j] += sum over h < height, o < width of d[h * dRow + o] * x[(h * sh + i) * xRow + o * sw + j].
 * C <= SLAB channels; strides in floats, `gCol` from tap to tap of dw. As many taps at once as leave registers for their sums: 3 rows of 3, 2 rows of
 * 5, 1 row of 7.
 */
static void weightGradient(int C, int width, int height, const float *d, ptrdiff_t dRow, const float *x, ptrdiff_t xRow, int sh, int sw, int kh, int kw, float *dw,
                           ptrdiff_t gCol) {
  const ptrdiff_t xStep = sh * xRow, step = (ptrdiff_t)sw * SLAB, gRow = kw * gCol;
  for (int i = 0; i < kh;) {
    const float *from = x + i * xRow;
    float *g = dw + i * gRow;
    if (kw == 3 && kh - i >= 3) {
      COLUMNS(C, taps(3, 3, n, width, height, d + c, dRow, from + c, xRow, xStep, step, g + c, gCol, gRow););
      i += 3;
      continue;
    }
    if (kw == 5 && kh - i >= 2) {
      COLUMNS(C, taps(2, 5, n, width, height, d + c, dRow, from + c, xRow, xStep, step, g + c, gCol, gRow););
      i += 2;
      continue;
    }
    for (int j = 0; j < kw;) {
      const int left = kw - j;
      const float *q = from + (ptrdiff_t)j * SLAB;
      float *to = g + j * gCol;
      if (left == 7) {
        COLUMNS(C, taps(1, 7, n, width, height, d + c, dRow, q + c, xRow, xStep, step, to + c, gCol, gRow););
        j += 7;
      } else if (left == 5) {
        COLUMNS(C, taps(1, 5, n, width, height, d + c, dRow, q + c, xRow, xStep, step, to + c, gCol, gRow););
        j += 5;
      } else if (left >= 4) {
        COLUMNS(C, taps(1, 4, n, width, height, d + c, dRow, q + c, xRow, xStep, step, to + c, gCol, gRow););
        j += 4;
      } else if (left == 3) {
        COLUMNS(C, taps(1, 3, n, width, height, d + c, dRow, q + c, xRow, xStep, step, to + c, gCol, gRow););
        j += 3;
      } else {
        COLUMNS(C, taps(1, 1, n, width, height, d + c, dRow, q + c, xRow, xStep, step, to + c, gCol, gRow););
        j++;
      }
    }
    i++;
  }
}
