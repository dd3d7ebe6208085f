// Depthwise convolutions of any kernel and stride. Weights [kh][kw][C]. Image by image, 16 channels at a time (a slab) are copied into zeros
// [HP, WP, 16], so that windows need no bounds checks; rows are copied (batch norm and activation on the way) just before the first output row
// that reads them, while both are in the first-level cache.
#include "simd.h"

/** Pixels of a slab that are worked on at a time: 16 kB, half a first-level cache. */
#define BAND_PIXELS 256

/**
 * Rows [from, to) of C channels of one image, `stored` floats from pixel to pixel (also from scales to shifts), to their places in the padded slab,
 * whose margins are already zero. Returns how many rows are there now.
 */
static int copyRows(int from, int to, const float *x, const float *affine, Activation activation, int W, int C, ptrdiff_t stored, float *padded, ptrdiff_t row) {
  if (from >= to) return from;
  x += (ptrdiff_t)from * W * stored;
  padded += from * row;
  if (affine)
    normApplyRows(to - from, W, C, stored, x, affine, activation, padded, row, SLAB);
  else
    for (int h = from; h < to; h++, padded += row)
      for (int w = 0; w < W; w++, x += stored) copyPixel(C, x, padded + (ptrdiff_t)w * SLAB);
  return to;
}

/**
 * Z = depthwise(activation(X)) for `count` images; with S: batch statistics of Z.
 * scratch: 16 HP * WP + kh * kw * (C up to a multiple of 16) floats; partial: 2 C floats.
 */
static void depthwiseForward(int count, int H, int W, int C, int kh, int kw, int sh, int sw, int top, int left, int HP, int WP, int OH, int OW, const float *X,
                             const float *inAffine, Activation inActivation, const float *weights, float *Z, double *S, float *partial, float *scratch) {
  if (S) {
    clear(partial, 2 * C);
    clearDoubles(S, 2 * C);
  }
  const ptrdiff_t row = (ptrdiff_t)WP * SLAB, zRow = (ptrdiff_t)OW * C;
  const int band = larger(1, BAND_PIXELS / (sh * WP));
  float *taps = scratch + HP * row;
  float *inside = scratch + ((ptrdiff_t)top * WP + left) * SLAB;
  clear(scratch, HP * row);
  packTaps(kh * kw, C, weights, taps);
  for (int n = 0; n < count; n++, X += (ptrdiff_t)H * W * C, Z += OH * zRow) {
    for (int c = 0; c < C; c += SLAB) {
      const int channels = smaller(SLAB, C - c);
      const float *w = taps + (ptrdiff_t)kh * kw * c;
      int copied = 0;
      if (n + 1 < count) fetch(X + (ptrdiff_t)H * W * (C + c), (ptrdiff_t)H * W * channels);
      for (int first = 0; first < OH; first += band) {
        const int end = smaller(OH, first + band);
        const int needed = smaller(H, (end - 1) * sh + kh - top);
        copied = copyRows(copied, needed, X + c, inAffine ? inAffine + c : NULL, inActivation, W, channels, C, inside, row);
        correlate(channels, end - first, OW, Z + c + first * zRow, zRow, C, scratch + (ptrdiff_t)first * sh * row, sh * row, sw, row, kh, kw, w, (ptrdiff_t)kw * SLAB,
                  S ? partial + c : NULL, C);
      }
    }
    if (S) flush(2 * C, partial, S);
  }
}

/**
 * Rows [first, end) of dX from the padded dz. By phases: the input pixels that share their position modulo the strides are a correlation of
 * stride 1 with every s-th tap, walked backwards (`packTapsBackward`).
 */
static void inputRows(int first, int end, int W, int C, int kh, int kw, int sh, int sw, int top, int left, int PH, int PW, const float *ds, int DW, const float *taps, float *dx,
                      ptrdiff_t stored) {
  const ptrdiff_t dRow = (ptrdiff_t)DW * SLAB;
  for (int h = first; h < smaller(first + sh, end); h++) {
    const int i0 = (h + top) % sh;
    const int th = tapsOfPhase(i0, kh, sh);
    const int r = (h + top) / sh + PH - larger(th - 1, 0);
    for (int b = 0; b < smaller(sw, W); b++) {
      const int j0 = (b + left) % sw;
      const int tw = tapsOfPhase(j0, kw, sw);
      const float *w = taps + (ptrdiff_t)(tapsBeforePhase(i0, kh, sh) * kw + th * tapsBeforePhase(j0, kw, sw)) * SLAB;
      const float *from = ds + ((ptrdiff_t)r * DW + (b + left) / sw + PW - larger(tw - 1, 0)) * SLAB;
      // A phase that the kernel does not reach gets zeros.
      correlate(C, (end - h + sh - 1) / sh, (W - b + sw - 1) / sw, dx + ((ptrdiff_t)h * W + b) * stored, (ptrdiff_t)sh * W * stored, sw * stored, from, dRow, 1, dRow,
                tw ? th : 0, tw, w, (ptrdiff_t)tw * SLAB, NULL, 0);
    }
  }
}

/**
 * Backward of X -> depthwise -> z -> norm -> activation, as `matrixBackward`, a band of output rows at a time: their dz, their part of dW,
 * and the rows of dX that they complete. PH, PW: zeros around dz, (k - 1) / s + 1.
 * scratch: 16 (HP * WP + (OH + 2 PH) * (OW + 2 PW)) + kh * kw * (C up to a multiple of 16) floats; partial: 2 C floats.
 */
static void depthwiseBackward(int count, int H, int W, int C, int kh, int kw, int sh, int sw, int top, int left, int HP, int WP, int OH, int OW, const float *dY, const float *Z,
                              const float *affine, const float *coefficients, Activation activation, const float *X, const float *inAffine, Activation inActivation,
                              const float *weights, float *dW, float *dX, double *inS, float *partial, float *scratch) {
  const int PH = (kh - 1) / sh + 1, PW = (kw - 1) / sw + 1, DW = OW + 2 * PW;
  const ptrdiff_t xRow = (ptrdiff_t)WP * SLAB, dRow = (ptrdiff_t)DW * SLAB, zRow = (ptrdiff_t)OW * C;
  float *ds = scratch + HP * xRow;
  float *taps = ds + (OH + 2 * PH) * dRow;
  float *inside = scratch + ((ptrdiff_t)top * WP + left) * SLAB;
  float *dInside = ds + ((ptrdiff_t)PH * DW + PW) * SLAB;
  const int band = larger(1, BAND_PIXELS / OW);
  clear(dW, (ptrdiff_t)kh * kw * C);
  clear(scratch, HP * xRow + (OH + 2 * PH) * dRow);
  packTapsBackward(kh, kw, sh, sw, C, weights, taps);
  if (inS) {
    clear(partial, 2 * C);
    clearDoubles(inS, 2 * C);
  }
  for (int n = 0; n < count; n++, X += (ptrdiff_t)H * W * C) {
    for (int c = 0; c < C; c += SLAB) {
      const int channels = smaller(SLAB, C - c);
      const float *w = taps + (ptrdiff_t)kh * kw * c;
      const float *in = inAffine ? inAffine + c : NULL;
      int copied = 0, done = 0;
      if (n + 1 < count) {
        fetch(X + (ptrdiff_t)H * W * (C + c), (ptrdiff_t)H * W * channels);
        fetch(dY + zRow * OH + (ptrdiff_t)OH * OW * c, (ptrdiff_t)OH * OW * channels);
        fetch(Z + zRow * OH + (ptrdiff_t)OH * OW * c, (ptrdiff_t)OH * OW * channels);
      }
      for (int first = 0; first < OH; first += band) {
        const int end = smaller(OH, first + band);
        const int needed = smaller(H, (end - 1) * sh + kh - top);
        copied = copyRows(copied, needed, X + c, in, inActivation, W, channels, C, inside, xRow);
        float *d = dInside + first * dRow;
        const ptrdiff_t rows = first * zRow + c;
        normBackwardRows(end - first, OW, channels, C, dY + rows, Z + rows, affine + c, coefficients + c, activation, d, dRow, SLAB);
        weightGradient(channels, OW, end - first, d, dRow, scratch + (ptrdiff_t)first * sh * xRow, xRow, sh, sw, kh, kw, dW + c, C);
        if (!dX) continue;
        // Rows of dX whose last output row is done: none yet where a band is lower than the margin.
        const int complete = end == OH ? H : larger(done, smaller(H, end * sh - top));
        const ptrdiff_t at = (ptrdiff_t)done * W * C + c;
        inputRows(done, complete, W, channels, kh, kw, sh, sw, top, left, PH, PW, ds, DW, w, dX + c, C);
        if (inS) reduceSome((ptrdiff_t)(complete - done) * W, channels, C, dX + at, X + at, in, inActivation, partial + c);
        done = complete;
      }
    }
    dY += OH * zRow;
    Z += OH * zRow;
    if (!dX) continue;
    if (inS) flush(2 * C, partial, inS);
    dX += (ptrdiff_t)H * W * C;
  }
}
