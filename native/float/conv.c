// General convolutions by im2col, a block of output pixels at a time: nothing of the size of the unfolded input is ever stored.
// C: channels that count, CS: channels stored per pixel (CS > C where the planner padded). A column row holds [kh][kw][C], then zeros up to K.
#include "simd.h"

/** Copies n floats, the last in fours: may write up to 3 floats beyond, which the caller overwrites. */
INLINE void copyOver(float *to, const float *from, int n) {
  int i = 0;
  for (; i + LANES <= n; i += LANES) store(to + i, load(from + i, LANES), LANES);
  for (; i < n; i += 4) store(to + i, load(from + i, 4), 4);
}

INLINE void addTo(float *to, const float *from, int n) {
  for (int i = 0; i < n; i++) to[i] += from[i];
}

/** Windows of output pixels [first, first + R) of one padded image -> cols[R, K]. */
static void unfold(int first, int R, int OW, const float *image, int WP, int C, int CS, int kh, int kw, int sh, int sw, int K, float *cols) {
  const int used = kh * kw * C;
  for (int p = first; p < first + R; p++, cols += K) {
    const float *window = image + ((ptrdiff_t)(p / OW) * sh * WP + (ptrdiff_t)(p % OW) * sw) * CS;
    float *to = cols;
    for (int i = 0; i < kh; i++, window += (ptrdiff_t)WP * CS) {
      if (C == CS) {
        copyOver(to, window, kw * C);
        to += kw * C;
      } else
        for (int j = 0; j < kw; j++, to += C) copyOver(to, window + (ptrdiff_t)j * CS, C);
    }
    for (int k = used; k < K; k++) cols[k] = 0;
  }
}

/** The transpose of `unfold`: adds cols[R, K] back into the padded image. */
static void fold(int first, int R, int OW, float *image, int WP, int C, int CS, int kh, int kw, int sh, int sw, int K, const float *cols) {
  for (int p = first; p < first + R; p++, cols += K) {
    float *window = image + ((ptrdiff_t)(p / OW) * sh * WP + (ptrdiff_t)(p % OW) * sw) * CS;
    const float *from = cols;
    for (int i = 0; i < kh; i++, window += (ptrdiff_t)WP * CS) {
      if (C == CS) {
        addTo(window, from, kw * C);
        from += kw * C;
      } else
        for (int j = 0; j < kw; j++, from += C) addTo(window + (ptrdiff_t)j * CS, from, C);
    }
  }
}

/**
 * Z = conv(activation(X)) for `count` images; with S: batch statistics of Z.
 * scratch: HP * WP * CS + 4 + rows * K + 4 floats; partial: 2 N floats.
 */
static void convForward(int count, int H, int W, int C, int CS, int kh, int kw, int sh, int sw, int top, int left, int HP, int WP, int OH, int OW, int N, int K, const float *X,
                        const float *inAffine, Activation inActivation, const float *P, float *Z, double *S, float *partial, int rows, float *scratch) {
  float *cols = scratch + ((HP * WP * CS + 7) & ~3);
  const int M = OH * OW;
  if (S) {
    clear(partial, 2 * N);
    clearDoubles(S, 2 * N);
  }
  for (int n = 0; n < count; n++, X += (ptrdiff_t)H * W * CS) {
    padImage(X, inAffine, inActivation, H, W, CS, top, left, HP, WP, scratch);
    for (int m = 0; m < M; m += rows) {
      const int R = smaller(rows, M - m);
      unfold(m, R, OW, scratch, WP, C, CS, kh, kw, sh, sw, K, cols);
      gemmBlock(R, N, K, cols, P, Z, S ? partial : NULL);
      if (S) flush(2 * N, partial, S);
      Z += (ptrdiff_t)R * N;
    }
  }
}

/**
 * Backward of X -> conv -> z -> norm -> activation, as `matrixBackward`.
 * scratch: HP * WP * CS + 4 + rows * (K + N) + 4 floats, and with dX another rows * K + HP * WP * CS; partial: 2 CS floats.
 */
static void convBackward(int count, int H, int W, int C, int CS, int kh, int kw, int sh, int sw, int top, int left, int HP, int WP, int OH, int OW, int N, int K, const float *dY,
                         const float *Z, const float *affine, const float *coefficients, Activation activation, const float *X, const float *inAffine, Activation inActivation,
                         const float *PT, float *dW, float *dX, double *inS, float *partial, int rows, float *scratch) {
  float *cols = scratch + ((HP * WP * CS + 7) & ~3);
  float *dz = cols + (ptrdiff_t)rows * K + 4;
  float *dCols = dz + (ptrdiff_t)rows * N;
  float *dImage = dCols + (ptrdiff_t)rows * K;
  const int M = OH * OW;
  clear(dW, (ptrdiff_t)K * N);
  if (inS) {
    clear(partial, 2 * CS);
    clearDoubles(inS, 2 * CS);
  }
  for (int n = 0; n < count; n++, X += (ptrdiff_t)H * W * CS) {
    padImage(X, inAffine, inActivation, H, W, CS, top, left, HP, WP, scratch);
    if (dX) clear(dImage, (ptrdiff_t)HP * WP * CS);
    for (int m = 0; m < M; m += rows) {
      const int R = smaller(rows, M - m);
      normBackward(R, N, dY, Z, affine, coefficients, activation, dz);
      dY += (ptrdiff_t)R * N;
      Z += (ptrdiff_t)R * N;
      unfold(m, R, OW, scratch, WP, C, CS, kh, kw, sh, sw, K, cols);
      outerBlock(R, N, K, cols, dz, dW);
      if (dX) {
        gemmBlock(R, K, N, dz, PT, dCols, NULL);
        fold(m, R, OW, dImage, WP, C, CS, kh, kw, sh, sw, K, dCols);
      }
    }
    if (dX) {
      for (int h = 0; h < H; h++)
        memcpy(dX + (ptrdiff_t)h * W * CS, dImage + ((ptrdiff_t)(h + top) * WP + left) * CS, (size_t)W * CS * sizeof(float));
      if (inS) {
        reduceBlock((ptrdiff_t)H * W, CS, dX, X, inAffine, inActivation, partial);
        flush(2 * CS, partial, inS);
      }
      dX += (ptrdiff_t)H * W * CS;
    }
  }
}
