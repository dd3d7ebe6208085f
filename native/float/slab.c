// Depthwise kernels work on copies that hold 16 channels at a time, a cache line per pixel: an image of 20 x 20 then fits the first-level cache
// however many channels the network has.
#include "simd.h"

/** Channels of a slab, and floats from one of its pixels to the next. */
#define SLAB 16

INLINE void copyPixel(int channels, const float *from, float *to) {
  if (channels == SLAB)
    memcpy(to, from, SLAB * sizeof(float));
  else
    for (int c = 0; c < channels; c += 4) store(to + c, load(from + c, 4), 4);
}

/** Taps i0, i0 + s, ... below k: none where the stride outruns the kernel. */
INLINE int tapsOfPhase(int i0, int k, int s) { return i0 < k ? (k - i0 + s - 1) / s : 0; }

/** Taps of the phases before i0. */
INLINE int tapsBeforePhase(int i0, int k, int s) {
  int taps = 0;
  for (int i = 0; i < i0; i++) taps += tapsOfPhase(i, k, s);
  return taps;
}

/** Weights[taps][C] -> slabs [taps][16]; the last one's unused channels stay as they are. */
static void packTaps(int taps, int C, const float *weights, float *to) {
  for (int c = 0; c < C; c += SLAB, to += (ptrdiff_t)taps * SLAB)
    for (int t = 0; t < taps; t++) copyPixel(smaller(SLAB, C - c), weights + (ptrdiff_t)t * C + c, to + (ptrdiff_t)t * SLAB);
}

/** The same for walking backwards: taps of each phase [i0][j0] (positions modulo the strides) in reverse, phase after phase. */
static void packTapsBackward(int kh, int kw, int sh, int sw, int C, const float *weights, float *to) {
  for (int c = 0; c < C; c += SLAB)
    for (int i0 = 0; i0 < smaller(sh, kh); i0++)
      for (int j0 = 0; j0 < smaller(sw, kw); j0++)
        for (int i = tapsOfPhase(i0, kh, sh) - 1; i >= 0; i--)
          for (int j = tapsOfPhase(j0, kw, sw) - 1; j >= 0; j--, to += SLAB)
            copyPixel(smaller(SLAB, C - c), weights + (ptrdiff_t)((i0 + sh * i) * kw + j0 + sw * j) * C + c, to);
}
