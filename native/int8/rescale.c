// Accumulators to int16 outputs in SIMD lanes, bit for bit as `src/quant/multiplier.ts` has it. Parameters of 8 channels lie together in five
// groups of eight words; the first is the bias. The other four depend on the rounding:
//   TWICE       left = 2^max(shift, 0), mantissa, power = 2^(30 - right), sign = (right > 0 ? -1 : 0)     TFLite-Micro, any multiplier
//   TWICE_FAST  mantissa, bound = 511 * 2^right, half = 2^(right - 1), power = 2^(21 - right)              TFLite-Micro, 1 <= right <= 21
//   ONCE        scale (float32)                                                                            XNNPACK
// where right = max(-shift, 0). TWICE_FAST takes accumulators doubled (weights and bias are packed so): no shift behind the product.
#include "simd.h"

#define PARAMS 160
#define ONCE 1
#define TWICE_FAST 2

/** (a * b + half) >> shift of each lane in 64 bits, the low 32 bits of it. `shift` is known to the compiler, at most 32. */
INLINE __m256i productShifted(__m256i a, __m256i b, int64_t half, int shift) {
  const __m256i h = _mm256_set1_epi64x(half);
  const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(a, b), h);
  const __m256i odd = _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(a, 32), _mm256_srli_epi64(b, 32)), h);
  return _mm256_blend_epi32(_mm256_srli_epi64(even, shift), _mm256_slli_epi64(odd, 32 - shift), 0xaa);
}

/** The parameters of 8 channels as the loops want them: read once, used for every pixel. */
typedef struct {
  const char *Q;
  __m256i bias, mantissa, oddMantissa, half, right;
} Rescale;

INLINE Rescale rescaleOf(const char *Q, int mode) {
  Rescale r = {Q, load8(Q)};
  if (mode != TWICE_FAST) return r;
  r.mantissa = load8(Q + 32);
  r.oddMantissa = _mm256_srli_epi64(r.mantissa, 32);
  r.half = load8(Q + 96);
  // AVX2 shifts each lane by its own: right is 21 less the exponent of power = 2^(21 - right).
  const __m256i exponent = _mm256_sub_epi32(_mm256_srli_epi32(_mm256_castps_si256(_mm256_cvtepi32_ps(load8(Q + 128))), 23), _mm256_set1_epi32(127));
  r.right = _mm256_sub_epi32(_mm256_set1_epi32(21), exponent);
  return r;
}

/** Beyond +-2^20 every output is at its bound; within, adding 1.5 * 2^23 rounds halves to even and leaves the integer in the low bits. */
INLINE __m256i once(__m256i x, const char *Q) {
  const __m256 product = _mm256_mul_ps(_mm256_cvtepi32_ps(x), _mm256_loadu_ps((const float *)(Q + 32)));
  const __m256 bounded = _mm256_max_ps(_mm256_set1_ps(-1048576), _mm256_min_ps(_mm256_set1_ps(1048576), product));
  return _mm256_sub_epi32(_mm256_castps_si256(_mm256_add_ps(bounded, _mm256_set1_ps(12582912))), _mm256_set1_epi32(0x4b400000));
}

/**
 * round(round(x * mantissa / 2^32) / 2^right) for a doubled accumulator x, the second with halves away from zero. WebAssembly has no shifts of each
 * lane's own and bounds the first result so that it can multiply instead; that changes no output.
 */
INLINE __m256i twiceFast(__m256i x, const Rescale *r) {
  const __m256i h = _mm256_set1_epi64x(0x80000000);
  const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(x, r->mantissa), h);
  const __m256i odd = _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(x, 32), r->oddMantissa), h);
  const __m256i product = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xaa);
  return _mm256_srav_epi32(_mm256_add_epi32(_mm256_add_epi32(product, r->half), _mm256_srai_epi32(product, 31)), r->right);
}

/** round(a * b / 2^31): adding 2^30 and flooring equals gemmlowp's rounding for both signs. */
INLINE __m256i doublingHighMul(__m256i a, __m256i b) { return productShifted(a, b, 1 << 30, 31); }

INLINE __m256i twice(__m256i x, const char *Q) {
  const __m256i high = doublingHighMul(_mm256_mullo_epi32(x, load8(Q + 32)), load8(Q + 64));
  const __m256i t = _mm256_add_epi32(high, _mm256_and_si256(_mm256_srai_epi32(high, 31), load8(Q + 128)));
  return productShifted(t, load8(Q + 96), 1 << 29, 30);
}

/** round(x / 2^right), halves away from zero, one shift for all lanes. `half` is 2^(right - 1), or 0 for right = 0. */
INLINE __m256i divideAll(__m256i x, int right, int half) {
  const __m256i sign = right > 0 ? _mm256_srai_epi32(x, 31) : _mm256_setzero_si256();
  return _mm256_sra_epi32(_mm256_add_epi32(_mm256_add_epi32(x, _mm256_set1_epi32(half)), sign), _mm_cvtsi32_si128(right));
}

INLINE __m128i narrow(__m256i v) { return _mm_packs_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1)); }
INLINE __m128i within(__m128i v, __m128i low, __m128i high) { return _mm_min_epi16(_mm_max_epi16(v, low), high); }

/** Eight accumulators, bias included, to eight centred outputs within [low, high]. */
INLINE __m128i finish(__m256i a, const Rescale *r, int mode, __m128i low, __m128i high) {
  return within(narrow(mode == TWICE_FAST ? twiceFast(a, r) : mode == ONCE ? once(a, r->Q) : twice(a, r->Q)), low, high);
}

/** The first `n` of eight lanes. */
INLINE void storeLanes(char *y, __m128i v, int n) {
  if (n >= 8) {
    _mm_storeu_si128((__m128i *)y, v);
    return;
  }
  int16_t lanes[8];
  _mm_storeu_si128((__m128i *)lanes, v);
  memcpy(y, lanes, 2 * (size_t)n);
}
