#include "simd.h"

/**
 * One image x[H, W, C] into the middle of zeros s[HP, WP, C], batch norm and activation on the way (affine NULL: a plain copy).
 * Windows then need no bounds checks.
 */
static void padImage(const float *x, const float *affine, Activation activation, int H, int W, int C, int top, int left, int HP, int WP, float *s) {
  const ptrdiff_t row = (ptrdiff_t)W * C;
  const ptrdiff_t before = (ptrdiff_t)left * C, after = (ptrdiff_t)(WP - left - W) * C;
  clear(s, (ptrdiff_t)top * WP * C);
  s += (ptrdiff_t)top * WP * C;
  for (int h = 0; h < H; h++, x += row) {
    clear(s, before);
    s += before;
    if (affine)
      normApply(W, C, x, affine, activation, s);
    else
      memcpy(s, x, (size_t)row * sizeof(float));
    s += row;
    clear(s, after);
    s += after;
  }
  clear(s, (ptrdiff_t)(HP - top - H) * WP * C);
}
