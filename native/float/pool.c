// Pooling over windows cut at the borders: padding counts neither in the mean nor in the maximum (TensorFlow's rule).
// Backward reads the pooled values themselves: an activation passed exactly where 0 < y < top.
#include "simd.h"

/** Walks the windows of `count` images: `body` sees h0 to h1 and w0 to w1, the window cut at the border. */
#define WINDOWS(...)                                                                                                                         \
  for (int oh = 0; oh < OH; oh++)                                                                                                            \
    for (int ow = 0; ow < OW; ow++) {                                                                                                        \
      const int h0 = larger(0, oh * sh - top), h1 = smaller(H, oh * sh - top + kh);                                                          \
      const int w0 = larger(0, ow * sw - left), w1 = smaller(W, ow * sw - left + kw);                                                        \
      __VA_ARGS__                                                                                                                            \
    }

INLINE vf gradientAt(const float *d, const float *y, Activation activation, int n) {
  const vf v = load(d, n);
  return activation.code ? bits(passes(load(y, n), bottom(activation), ceiling(activation)), v) : v;
}

static void averageForward(int count, int H, int W, int C, int kh, int kw, int sh, int sw, int top, int left, int OH, int OW, const float *x, Activation activation, float *y) {
  for (int e = 0; e < count; e++, x += (ptrdiff_t)H * W * C) WINDOWS({
    const vf share = splat(1.0f / (float)((h1 - h0) * (w1 - w0)));
    COLUMNS(C, {
      vf s = {0};
      for (int h = h0; h < h1; h++)
        for (int w = w0; w < w1; w++) s = s + load(x + ((ptrdiff_t)h * W + w) * C + c, n);
      store(y + c, activate(s * share, activation), n);
    });
    y += C;
  })
}

static void averageBackward(int count, int H, int W, int C, int kh, int kw, int sh, int sw, int top, int left, int OH, int OW, const float *y, Activation activation,
                            const float *dy, float *dx) {
  clear(dx, (ptrdiff_t)count * H * W * C);
  for (int e = 0; e < count; e++, dx += (ptrdiff_t)H * W * C) WINDOWS({
    const vf share = splat(1.0f / (float)((h1 - h0) * (w1 - w0)));
    COLUMNS(C, {
      const vf d = gradientAt(dy + c, y + c, activation, n) * share;
      for (int h = h0; h < h1; h++)
        for (int w = w0; w < w1; w++) accumulate(dx + ((ptrdiff_t)h * W + w) * C + c, d, n);
    });
    y += C;
    dy += C;
  })
}

INLINE vf windowMax(const float *x, int W, int C, int h0, int h1, int w0, int w1, int n) {
  vf m = splat(-INFINITY);
  for (int h = h0; h < h1; h++)
    for (int w = w0; w < w1; w++) m = maximum(m, load(x + ((ptrdiff_t)h * W + w) * C, n));
  return m;
}

static void maxForward(int count, int H, int W, int C, int kh, int kw, int sh, int sw, int top, int left, int OH, int OW, const float *x, Activation activation, float *y) {
  for (int e = 0; e < count; e++, x += (ptrdiff_t)H * W * C) WINDOWS({
    COLUMNS(C, store(y + c, activate(windowMax(x + c, W, C, h0, h1, w0, w1, n), activation), n););
    y += C;
  })
}

/** The gradient goes to the first maximum of a window. */
static void maxBackward(int count, int H, int W, int C, int kh, int kw, int sh, int sw, int top, int left, int OH, int OW, const float *x, const float *y, Activation activation,
                        const float *dy, float *dx) {
  clear(dx, (ptrdiff_t)count * H * W * C);
  for (int e = 0; e < count; e++, x += (ptrdiff_t)H * W * C, dx += (ptrdiff_t)H * W * C) WINDOWS({
    COLUMNS(C, {
      const vf m = windowMax(x + c, W, C, h0, h1, w0, w1, n);
      vf open = gradientAt(dy + c, y + c, activation, n);
      for (int h = h0; h < h1; h++)
        for (int w = w0; w < w1; w++) {
          const ptrdiff_t at = ((ptrdiff_t)h * W + w) * C + c;
          const vi here = load(x + at, n) == m;
          accumulate(dx + at, bits(here, open), n);
          open = without(here, open);
        }
    });
    y += C;
    dy += C;
  })
}

/** y[n, C] = mean over `pixels` of x[n, pixels, C]. */
static void meanForward(int count, int pixels, int C, const float *x, float *y) {
  const vf share = splat(1.0f / (float)pixels);
  for (int e = 0; e < count; e++, x += (ptrdiff_t)pixels * C, y += C) COLUMNS(C, {
    vf s = {0};
    for (int i = 0; i < pixels; i++) s = s + load(x + (ptrdiff_t)i * C + c, n);
    store(y + c, s * share, n);
  });
}

static void meanBackward(int count, int pixels, int C, const float *dy, float *dx) {
  const vf share = splat(1.0f / (float)pixels);
  for (int e = 0; e < count; e++, dy += C)
    for (int i = 0; i < pixels; i++, dx += C) COLUMNS(C, store(dx + c, load(dy + c, n) * share, n););
}
