// Eight channels at a time: int16 activations in 128 bits, int32 accumulators in 256. AVX2 only; elsewhere WebAssembly's kernels gain nothing from C.
#pragma once
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 16")

/** a + the products of x and w, two int16 a lane. No product of centred int8 and a weight comes near a sum that wraps. */
INLINE __m256i dot(__m256i x, __m256i w, __m256i a) {
#if defined(__AVX512VNNI__) && defined(__AVX512VL__)
  return _mm256_dpwssd_epi32(a, x, w);
#else
  return _mm256_add_epi32(a, _mm256_madd_epi16(x, w));
#endif
}

INLINE __m256i load8(const void *p) { return _mm256_loadu_si256((const __m256i *)p); }
INLINE __m128i load4(const void *p) { return _mm_loadu_si128((const __m128i *)p); }
INLINE int smaller(int a, int b) { return a < b ? a : b; }

/** The int32 at p in every lane. */
INLINE __m256i pair(const char *p) {
  int32_t v;
  memcpy(&v, p, sizeof v);
  return _mm256_set1_epi32(v);
}

INLINE uint32_t offset(const char *table) {
  uint32_t v;
  memcpy(&v, table, sizeof v);
  return v;
}
