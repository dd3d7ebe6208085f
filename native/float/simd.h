// Vectors of LANES floats (4 by default, 8 with AVX) by the vector extensions of GCC and Clang. Vectors are made of channels (or columns) and sums
// run over pixels in order, so a lane never meets another: the width cannot be seen in a result. Every count of channels is a multiple of 4;
// where LANES is 8 the last four of a row are a vector whose upper half is zeros and is never stored.
#pragma once
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#if defined(__AVX__)
#define LANES 8
#else
#define LANES 4
#endif

#define INLINE static inline __attribute__((always_inline))
// Loops of constant length over vectors in registers.
#define UNROLL _Pragma("GCC unroll 16")

typedef float v4 __attribute__((vector_size(16)));
typedef float v4u __attribute__((vector_size(16), aligned(4), may_alias));
typedef float vf __attribute__((vector_size(4 * LANES)));
typedef float vfu __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef int32_t vi __attribute__((vector_size(4 * LANES)));

/** The first n (LANES or 4, known to the compiler) floats at p, then zeros. */
INLINE vf load(const float *p, int n) {
#if LANES == 8
  if (n == 4) return __builtin_shufflevector((v4)*(const v4u *)p, (v4){0}, 0, 1, 2, 3, 4, 5, 6, 7);
#endif
  return *(const vfu *)p;
}

INLINE void store(float *p, vf v, int n) {
#if LANES == 8
  if (n == 4) {
    *(v4u *)p = __builtin_shufflevector(v, v, 0, 1, 2, 3);
    return;
  }
#endif
  *(vfu *)p = v;
}

INLINE vf splat(float f) { return f - (vf){0}; }

/** Runs `body` for each column c of C with n lanes: whole vectors, then four. `body` is compiled for each n. */
#if LANES == 8
#define COLUMNS(C, ...)                                                                                                                      \
  do {                                                                                                                                       \
    int c = 0;                                                                                                                               \
    for (; c + 8 <= (C); c += 8) {                                                                                                           \
      enum { n = 8 };                                                                                                                        \
      __VA_ARGS__                                                                                                                            \
    }                                                                                                                                        \
    if (c < (C)) {                                                                                                                           \
      enum { n = 4 };                                                                                                                        \
      __VA_ARGS__                                                                                                                            \
    }                                                                                                                                        \
  } while (0)
#else
#define COLUMNS(C, ...)                                                                                                                      \
  for (int c = 0; c < (C); c += 4) {                                                                                                         \
    enum { n = 4 };                                                                                                                          \
    __VA_ARGS__                                                                                                                              \
  }
#endif

/** a * b + c. The fused build rounds once, as relaxed WebAssembly does on this machine; the plain build rounds twice everywhere. */
INLINE vf madd(vf a, vf b, vf c) {
#if !defined(FUSED)
  return a * b + c;
#elif defined(__FMA__)
  return _mm256_fmadd_ps(a, b, c);
#elif defined(__aarch64__)
  return vfmaq_f32(c, a, b);
#else
#error "a fused build needs fused multiply-add"
#endif
}

INLINE vf bits(vi mask, vf v) { return (vf)(mask & (vi)v); }
/** v where the mask is zero. */
INLINE vf without(vi mask, vf v) { return (vf)(~mask & (vi)v); }
INLINE vf choose(vi mask, vf yes, vf no) { return (vf)((mask & (vi)yes) | (~mask & (vi)no)); }
INLINE vf magnitude(vf v) { return (vf)((vi)v & 0x7fffffff); }

/** WebAssembly's pmin and pmax: `b < a ? b : a` and `a < b ? b : a`, so the first argument where one is not a number. */
INLINE vf pmin(vf a, vf b) {
#if defined(__AVX__)
  return _mm256_min_ps(b, a);
#elif defined(__SSE2__)
  return _mm_min_ps(b, a);
#else
  return choose(b < a, b, a);
#endif
}

INLINE vf pmax(vf a, vf b) {
#if defined(__AVX__)
  return _mm256_max_ps(b, a);
#elif defined(__SSE2__)
  return _mm_max_ps(b, a);
#else
  return choose(a < b, b, a);
#endif
}

/** WebAssembly's max: NaN where one is, and +0 above -0. */
INLINE vf maximum(vf a, vf b) {
  const vf larger = choose(a == b, (vf)((vi)a & (vi)b), choose(a > b, a, b));
  return choose(a != a, a, larger);
}

INLINE vf squareRoot(vf v) {
#if defined(__AVX__)
  return _mm256_sqrt_ps(v);
#elif defined(__SSE2__)
  return _mm_sqrt_ps(v);
#elif defined(__aarch64__)
  return vsqrtq_f32(v);
#else
  for (int i = 0; i < LANES; i++) v[i] = __builtin_sqrtf(v[i]);
  return v;
#endif
}

/** Halves to even, the sign of zero kept. */
INLINE vf nearest(vf v) {
#if defined(__AVX__)
  return _mm256_round_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#elif defined(__aarch64__)
  return vrndnq_f32(v);
#else
  const vf size = magnitude(v);
  const vf whole = (size + 8388608.0f) - 8388608.0f;
  const vf rounded = (vf)((vi)whole | ((vi)v & (int32_t)0x80000000));
  return choose(size < splat(8388608.0f), rounded, v);
#endif
}

// Activations by code: 0 none, 1 ReLU, 2 ReLU6, 3 clamped to [0, 1]; a grid [low, high, 1 / step, step] that int8 can hold (quantisation-aware
// training): values are clamped to it and rounded, the gradient passes straight through the rounding.
typedef struct {
  int code;
  /** NULL where there is none. */
  const float *grid;
} Activation;

/** Lower end of what passes. */
INLINE vf bottom(Activation a) { return splat(a.grid ? a.grid[0] : 0.0f); }
/** Upper end. */
INLINE vf ceiling(Activation a) { return splat(a.grid ? a.grid[1] : a.code == 2 ? 6.0f : a.code == 3 ? 1.0f : INFINITY); }

/** min(max(v, low), top); NaN stays NaN, so that a diverged network says so. */
INLINE vf clamp(vf v, vf low, vf top) { return pmin(pmax(v, low), top); }

/** The nearest multiple of `step`. */
INLINE vf snap(vf v, vf inverse, vf step) { return nearest(v * inverse) * step; }

/** Any activation of any value: where its parts are not worth keeping in registers. */
INLINE vf activate(vf v, Activation a) {
  if (!a.code) return v;
  const vf y = clamp(v, bottom(a), ceiling(a));
  return a.grid ? snap(y, splat(a.grid[2]), splat(a.grid[3])) : y;
}

/** All ones where the activation lets the gradient through: low < v < top. */
INLINE vi passes(vf v, vf low, vf top) { return (v > low) & (v < top); }

/** p += v */
INLINE void accumulate(float *p, vf v, int n) { store(p, load(p, n) + v, n); }

INLINE int smaller(int a, int b) { return a < b ? a : b; }
INLINE int larger(int a, int b) { return a > b ? a : b; }

/** Asks for n floats before they are needed. A block's rows come from memory while the block before is computed. */
INLINE void fetch(const float *p, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i += 16) __builtin_prefetch(p + i, 0, 2);
}

INLINE void clear(float *p, ptrdiff_t n) { memset(p, 0, (size_t)n * sizeof(float)); }
INLINE void clearDoubles(double *p, ptrdiff_t n) { memset(p, 0, (size_t)n * sizeof(double)); }

/** Column sums are built from float blocks that are emptied into doubles. S[i] += partial[i]; partial[i] = 0 */
INLINE void flush(int n, float *partial, double *S) {
  for (int i = 0; i < n; i++) S[i] += (double)partial[i];
  clear(partial, n);
}
