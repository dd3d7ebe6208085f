#include "simd.h"

/** Largest magnitude of each of n columns. */
INLINE vf largest(int K, int N, const float *p, int n) {
  vf most = {0};
  for (int k = 0; k < K; k++) most = maximum(most, magnitude(load(p + (ptrdiff_t)k * N, n)));
  return most;
}

/**
 * Q[K, N] = what `levels` steps on either side (127 in int8, 7 in 4 bits) can hold of the kernel W[K, N]: symmetric, so many steps to the largest magnitude of each column (columns are output channels),
 * or of the whole kernel where `whole` is not 0. Batch norm scales a column and its steps alike, so this is the grid of the folded kernel, too.
 */
static void snapColumns(int K, int N, const float *W, int whole, int levels, float *Q) {
  const vf steps = splat((float)levels);
  vf shared = {0};
  if (whole) {
    COLUMNS(N, shared = maximum(shared, largest(K, N, W + c, n)););
    vf most = splat(shared[0]);
    for (int i = 1; i < LANES; i++) most = maximum(most, splat(shared[i]));
    shared = most;
  }
  COLUMNS(N, {
    const vf most = maximum(whole ? shared : largest(K, N, W + c, n), splat(1e-30f));
    const vf inverse = steps / most, step = most / steps;
    for (int k = 0; k < K; k++) store(Q + (ptrdiff_t)k * N + c, snap(load(W + (ptrdiff_t)k * N + c, n), inverse, step), n);
  });
}
