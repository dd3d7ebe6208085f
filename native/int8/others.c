// Operators without weights, on int16 activations less their zero point. Loops run in eights and may write up to seven values too many:
// the planner leaves room for them. Those that only move bytes or look up tables stay in WebAssembly.
#include "simd.h"

/** int8 to int16 less the zero point. */
static void int8Centre(int n, const char *from, char *to, int zero) {
  const __m128i z = _mm_set1_epi16((short)zero);
  for (int i = 0; i < n; i += 8, from += 8, to += 16)
    _mm_storeu_si128((__m128i *)to, _mm_sub_epi16(_mm_cvtepi8_epi16(_mm_loadl_epi64((const __m128i *)from)), z));
}

/** int16 less its zero point to int8. */
static void int8Uncentre(int n, const char *from, char *to, int zero) {
  const __m128i z = _mm_set1_epi16((short)zero);
  for (int i = 0; i < n; i += 8, from += 16, to += 8) {
    const __m128i v = _mm_add_epi16(load4(from), z);
    _mm_storel_epi64((__m128i *)to, _mm_packs_epi16(v, v));
  }
}

/** One rounding, XNNPACK: (a * ma + b * mb + rounding) >> shift. */
static void int8AddOnce(int n, const char *A, const char *B, char *Y, int ma, int mb, int rounding, int shift, int low, int high) {
  const __m128i lowest = _mm_set1_epi16((short)low), highest = _mm_set1_epi16((short)high), right = _mm_cvtsi32_si128(shift & 31);
  const __m256i va = _mm256_set1_epi32(ma), vb = _mm256_set1_epi32(mb), half = _mm256_set1_epi32(rounding);
  for (int i = 0; i < n; i += 8, A += 16, B += 16, Y += 16) {
    const __m256i a = _mm256_mullo_epi32(_mm256_cvtepi16_epi32(load4(A)), va), b = _mm256_mullo_epi32(_mm256_cvtepi16_epi32(load4(B)), vb);
    const __m256i s = _mm256_sra_epi32(_mm256_add_epi32(_mm256_add_epi32(a, b), half), right);
    _mm_storeu_si128((__m128i *)Y, within(narrow(s), lowest, highest));
  }
}

INLINE int halfOf(int right) { return right > 0 ? 1 << (right - 1) : 0; }

/** round(round((x << 20) * m / 2^31) / 2^right) = round((x * m + 2^10) >> 11 ...): with |x| < 2^9 the product splits into two of 32 bits. */
INLINE __m256i shifted(__m256i x, int m, int right) {
  const __m256i top = _mm256_slli_epi32(_mm256_mullo_epi32(x, _mm256_set1_epi32(m >> 16)), 5);
  const __m256i rest = _mm256_srai_epi32(_mm256_add_epi32(_mm256_mullo_epi32(x, _mm256_set1_epi32(m & 0xffff)), _mm256_set1_epi32(1024)), 11);
  return divideAll(_mm256_add_epi32(top, rest), right, halfOf(right));
}

/** Two roundings, TFLite-Micro: each input << 20 times its multiplier (mantissa m, right shift r), added, shifted left, times mo >> ro. */
static void int8AddTwice(int n, const char *A, const char *B, char *Y, int ma, int ra, int mb, int rb, int lo, int mo, int ro, int low, int high) {
  const __m128i lowest = _mm_set1_epi16((short)low), highest = _mm_set1_epi16((short)high), left = _mm_cvtsi32_si128(lo & 31);
  const __m256i mantissa = _mm256_set1_epi32(mo);
  for (int i = 0; i < n; i += 8, A += 16, B += 16, Y += 16) {
    const __m256i a = shifted(_mm256_cvtepi16_epi32(load4(A)), ma, ra), b = shifted(_mm256_cvtepi16_epi32(load4(B)), mb, rb);
    const __m256i s = _mm256_sll_epi32(_mm256_add_epi32(a, b), left);
    _mm_storeu_si128((__m128i *)Y, within(narrow(divideAll(doublingHighMul(s, mantissa), ro, halfOf(ro))), lowest, highest));
  }
}

/** Each of the `count` pixels of B multiplies `pixels` pixels of A. */
static void int8Mul(int count, int pixels, int channels, const char *A, const char *B, char *Y, const char *Q, int mode, int low, int high) {
  const __m128i lowest = _mm_set1_epi16((short)low), highest = _mm_set1_epi16((short)high);
  const Rescale to = rescaleOf(Q, mode);
  const size_t ld = (size_t)channels * 2;
  for (int e = 0; e < count; e++, B += ld)
    for (int m = 0; m < pixels; m++, A += ld, Y += ld)
      for (int n = 0; n < channels; n += 8) {
        const __m256i product = _mm256_mullo_epi32(_mm256_cvtepi16_epi32(load4(A + 2 * n)), _mm256_cvtepi16_epi32(load4(B + 2 * n)));
        storeLanes(Y + 2 * n, finish(product, &to, mode, lowest, highest), channels - n);
      }
}

/** Mean over the pixels of each example. */
static void int8Mean(int count, int pixels, int channels, const char *X, char *Y, const char *Q, int mode, int low, int high) {
  const __m128i lowest = _mm_set1_epi16((short)low), highest = _mm_set1_epi16((short)high);
  const Rescale to = rescaleOf(Q, mode);
  const size_t ld = (size_t)channels * 2;
  for (int e = 0; e < count; e++, X += pixels * ld, Y += ld)
    for (int n = 0; n < channels; n += 8) {
      __m256i a = _mm256_setzero_si256();
      for (int m = 0; m < pixels; m++) a = _mm256_add_epi32(a, _mm256_cvtepi16_epi32(load4(X + m * ld + 2 * n)));
      storeLanes(Y + 2 * n, finish(a, &to, mode, lowest, highest), channels - n);
    }
}
