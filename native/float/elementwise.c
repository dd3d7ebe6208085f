#include "simd.h"

/** p[0..n) = value */
static void fill(int n, float *p, float value) {
  for (int i = 0; i < n; i++) p[i] = value;
}

/** One operand of an addition: values as they are, or the z of a layer with its affine and activation. */
INLINE vf operand(const float *p, int c, int C, const float *affine, Activation activation, int n) {
  const vf v = load(p + c, n);
  return affine ? activate(madd(v, load(affine + c, n), load(affine + C + c, n)), activation) : v;
}

/** y = activation(a + b) over M rows of C channels. */
static void addForward(int M, int C, const float *a, const float *aAffine, Activation aActivation, const float *b, const float *bAffine, Activation bActivation,
                       Activation activation, float *y) {
  for (int m = 0; m < M; m++, a += C, b += C, y += C)
    COLUMNS(C, store(y + c, activate(operand(a, c, C, aAffine, aActivation, n) + operand(b, c, C, bAffine, bActivation, n), activation), n););
}

/** y = activation(a * b), C channels a pixel: each of the `count` pixels of b multiplies `pixels` pixels of a. */
static void mulForward(int count, int pixels, int C, const float *a, const float *b, Activation activation, float *y) {
  for (int e = 0; e < count; e++, b += C)
    for (int p = 0; p < pixels; p++, a += C, y += C) COLUMNS(C, store(y + c, activate(load(a + c, n) * load(b + c, n), activation), n););
}

/** da = dy * b; db = the sum over the pixels of dy * a. Either may be NULL: nobody wants it. */
static void mulBackward(int count, int pixels, int C, const float *dy, const float *a, const float *b, float *da, float *db) {
  const ptrdiff_t map = (ptrdiff_t)pixels * C;
  for (int e = 0; e < count; e++, dy += map, a += map, b += C) {
    if (da)
      for (ptrdiff_t at = 0; at < map; at += C, da += C) COLUMNS(C, store(da + c, load(dy + at + c, n) * load(b + c, n), n););
    if (db) {
      COLUMNS(C, {
        vf s = {0};
        for (ptrdiff_t at = c; at < map; at += C) s = madd(load(dy + at, n), load(a + at, n), s);
        store(db + c, s, n);
      });
      db += C;
    }
  }
}

INLINE vf gateOf(vf v) { return clamp(madd(v, splat(1.0f / 6.0f), splat(0.5f)), splat(0), splat(1)); }

/** y = activation(v min(max(v / 6 + 1 / 2, 0), 1)) over M rows of C channels, v the values of x: as they are, or by its affine and activation. */
static void hardSwishForward(int M, int C, const float *x, const float *affine, Activation inActivation, Activation activation, float *y) {
  for (int m = 0; m < M; m++, x += C, y += C) COLUMNS(C, {
    const vf v = operand(x, c, C, affine, inActivation, n);
    store(y + c, activate(v * gateOf(v), activation), n);
  });
}

/** dx = dy times the derivative, (2 v + 3) / 6 in (-3, 3), 0 below and 1 above. */
static void hardSwishBackward(int M, int C, const float *x, const float *affine, Activation inActivation, const float *dy, float *dx) {
  for (int m = 0; m < M; m++, x += C, dy += C, dx += C) COLUMNS(C, {
    const vf v = operand(x, c, C, affine, inActivation, n);
    const vf slope = choose(magnitude(v) < splat(3), madd(v, splat(1.0f / 3.0f), splat(0.5f)), gateOf(v));
    store(dx + c, load(dy + c, n) * slope, n);
  });
}

/** y = activation(y), n values (read and written in fours). */
static void activateInPlace(int count, float *y, Activation activation) {
  COLUMNS(count, store(y + c, activate(load(y + c, n), activation), n););
}

/** dx = dy where the activated sum y let it pass. `count` is a multiple of 4. */
static void maskBackward(int count, const float *y, Activation activation, const float *dy, float *dx) {
  const vf low = bottom(activation), top = ceiling(activation);
  COLUMNS(count, store(dx + c, bits(passes(load(y + c, n), low, top), load(dy + c, n)), n););
}

/** y *= factor, `count` a multiple of 4. */
static void scale(int count, float *y, float factor) {
  COLUMNS(count, store(y + c, load(y + c, n) * splat(factor), n););
}

/** y += x, `count` a multiple of 4. */
static void addInto(int count, const float *x, float *y) {
  COLUMNS(count, accumulate(y + c, load(x + c, n), n););
}

/** y = a + b, `count` a multiple of 4. */
static void sum(int count, const float *a, const float *b, float *y) {
  COLUMNS(count, store(y + c, load(a + c, n) + load(b + c, n), n););
}

/** Rows of `from` floats to rows of `to` floats: drops the padding channels, or adds them as zeros. */
static void restride(int rows, int from, int to, const float *x, float *y) {
  const int n = smaller(from, to);
  for (int r = 0; r < rows; r++, x += from, y += to) {
    for (int i = 0; i < n; i++) y[i] = x[i];
    for (int i = n; i < to; i++) y[i] = 0;
  }
}
