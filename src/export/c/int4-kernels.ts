import type { Piece } from './weight-kernels.ts'

/** The C kernels whose weights have 4 bits (`pairNibbles`): the same sums as with 8, so the same bits. */
export const int4Kernels = {
  nibbles: {
    needs: [],
    code: `/* Two weights of 4 bits: that of the even channel in the low half, that of the odd one in the high half. */
static inline int32_t tf_even_weight(int8_t pair) { return (int32_t)((uint32_t)pair << 28) >> 28; }
static inline int32_t tf_odd_weight(int8_t pair) { return pair >> 4; }
`,
  },

  dotInt4: {
    needs: ['kernel', 'window', 'smlad', 'nibbles'],
    code: `#if defined(TF_SIMD)
/* Weights shifted into the top of 16 bits are 4096 times as large: so many products of 255 x 8 fit into 32 bits. */
#define TF_NIBBLES 0xF000F000u
#define TF_MOST_PRODUCTS 256
#endif

/* Cores with few registers take two channels at a time. */
#if !defined(__thumb__) || defined(__thumb2__)
#define TF_FOUR 1

/* acc[k] += sum of (x - zero) * w over \`rows\` rows of n values, for four output channels k; two share bytes, the other two those \`step\` further on. */
TF_KERNEL void tf_dot4_int4(const tf_window *p, uint32_t *acc, const int8_t *x, const int8_t *w, int32_t rows, int32_t n) {
  const int32_t zero = p->in_zero, step = p->kernel_h * p->kernel_w * p->in_c;
  for (; rows > 0; rows--, x += p->in_w * p->in_c, w += p->kernel_w * p->in_c) {
    const int8_t *xs = x, *ws = w;
    int32_t left = n;
#if defined(TF_SIMD)
    const uint32_t minus = tf_twice(-zero);
    while (left >= 4) {
      const int32_t some = tf_min(left, TF_MOST_PRODUCTS) & ~3;
      const int8_t *const end = xs + some;
      uint32_t b0 = 0, b1 = 0, b2 = 0, b3 = 0;
      left -= some;
      while (xs != end) {
        uint32_t v, odd, u, t;
        /* 16 products in one statement, as in tf_dot4 */
        __asm__("ldr %[v], [%[x]], #4\\n ldr %[u], [%[w], %[step]]\\n"
                "sxtab16 %[odd], %[minus], %[v], ror #8\\n sxtab16 %[v], %[minus], %[v]\\n"
                "and %[t], %[mask], %[u], lsl #12\\n smlad %[b2], %[v], %[t], %[b2]\\n"
                "and %[t], %[mask], %[u], lsl #4\\n smlad %[b2], %[odd], %[t], %[b2]\\n"
                "and %[t], %[mask], %[u], lsl #8\\n smlad %[b3], %[v], %[t], %[b3]\\n"
                "and %[t], %[mask], %[u]\\n smlad %[b3], %[odd], %[t], %[b3]\\n"
                "ldr %[u], [%[w]], #4\\n"
                "and %[t], %[mask], %[u], lsl #12\\n smlad %[b0], %[v], %[t], %[b0]\\n"
                "and %[t], %[mask], %[u], lsl #4\\n smlad %[b0], %[odd], %[t], %[b0]\\n"
                "and %[t], %[mask], %[u], lsl #8\\n smlad %[b1], %[v], %[t], %[b1]\\n"
                "and %[t], %[mask], %[u]\\n smlad %[b1], %[odd], %[t], %[b1]\\n"
                : [v] "=&r"(v), [odd] "=&r"(odd), [u] "=&r"(u), [t] "=&r"(t), [x] "+&r"(xs), [w] "+&r"(ws),
                  [b0] "+&r"(b0), [b1] "+&r"(b1), [b2] "+&r"(b2), [b3] "+&r"(b3)
                : [step] "r"(step), [minus] "r"(minus), [mask] "r"(TF_NIBBLES)
                : "memory");
      }
      acc[0] += (uint32_t)((int32_t)b0 >> 12), acc[1] += (uint32_t)((int32_t)b1 >> 12);
      acc[2] += (uint32_t)((int32_t)b2 >> 12), acc[3] += (uint32_t)((int32_t)b3 >> 12);
    }
#endif
    uint32_t a0 = 0, a1 = 0, a2 = 0, a3 = 0;
    for (; left > 0; left--, ws++) {
      const int32_t v = *xs++ - zero;
      a0 += (uint32_t)(v * tf_even_weight(ws[0]));
      a1 += (uint32_t)(v * tf_odd_weight(ws[0]));
      a2 += (uint32_t)(v * tf_even_weight(ws[step]));
      a3 += (uint32_t)(v * tf_odd_weight(ws[step]));
    }
    acc[0] += a0, acc[1] += a1, acc[2] += a2, acc[3] += a3;
  }
}

#endif

/* The same for the two channels of one pair. */
TF_KERNEL void tf_dot2_int4(const tf_window *p, uint32_t *acc, const int8_t *x, const int8_t *w, int32_t rows, int32_t n) {
  const int32_t zero = p->in_zero;
  for (; rows > 0; rows--, x += p->in_w * p->in_c, w += p->kernel_w * p->in_c) {
    const int8_t *xs = x, *ws = w;
    int32_t left = n;
#if defined(TF_SIMD)
    const uint32_t minus = tf_twice(-zero);
    while (left >= 4) {
      const int32_t some = tf_min(left, TF_MOST_PRODUCTS) & ~3;
      const int8_t *const end = xs + some;
      uint32_t b0 = 0, b1 = 0;
      left -= some;
      for (; xs != end; xs += 4, ws += 4) {
        const uint32_t v = tf_load(xs), u = tf_load(ws), even = tf_even_plus(minus, v), odd = tf_odd_plus(minus, v);
        b0 = tf_smlad(odd, (u << 4) & TF_NIBBLES, tf_smlad(even, (u << 12) & TF_NIBBLES, b0));
        b1 = tf_smlad(odd, u & TF_NIBBLES, tf_smlad(even, (u << 8) & TF_NIBBLES, b1));
      }
      acc[0] += (uint32_t)((int32_t)b0 >> 12), acc[1] += (uint32_t)((int32_t)b1 >> 12);
    }
#endif
    uint32_t a0 = 0, a1 = 0;
    for (; left > 0; left--, ws++) {
      const int32_t v = *xs++ - zero;
      a0 += (uint32_t)(v * tf_even_weight(*ws));
      a1 += (uint32_t)(v * tf_odd_weight(*ws));
    }
    acc[0] += a0, acc[1] += a1;
  }
}
`,
  },

  conv2dInt4: {
    needs: ['kernel', 'output', 'dotInt4'],
    code: `/* Weights [out / 2][kernel_h][kernel_w][in], a byte for two output channels. */
TF_KERNEL void tf_conv2d_int4(const tf_window *p, const int8_t *x, int8_t *y) {
  const int32_t taps = p->kernel_h * p->kernel_w * p->in_c;
  for (int32_t oy = 0; oy < p->out_h; oy++) {
    const int32_t top = oy * p->stride_h - p->pad_h;
    const int32_t ky0 = tf_max(0, -top), ky1 = tf_min(p->kernel_h, p->in_h - top);
    for (int32_t ox = 0; ox < p->out_w; ox++) {
      const int32_t left = ox * p->stride_w - p->pad_w;
      const int32_t kx0 = tf_max(0, -left), n = (tf_min(p->kernel_w, p->in_w - left) - kx0) * p->in_c;
      const int8_t *const from = x + ((top + ky0) * p->in_w + left + kx0) * p->in_c;
      const int8_t *weights = p->weights + (ky0 * p->kernel_w + kx0) * p->in_c;
      int32_t o = 0;
#if defined(TF_FOUR)
      for (; o + 4 <= p->out_c; o += 4, weights += 2 * taps) {
        uint32_t sum[4] = {(uint32_t)p->bias[o], (uint32_t)p->bias[o + 1], (uint32_t)p->bias[o + 2], (uint32_t)p->bias[o + 3]};
        tf_dot4_int4(p, sum, from, weights, ky1 - ky0, n);
        for (int32_t k = 0; k < 4; k++) *y++ = tf_output(p, sum[k], o + k);
      }
#endif
      for (; o < p->out_c; o += 2, weights += taps) {
        const int32_t both = o + 1 < p->out_c;
        uint32_t sum[2] = {(uint32_t)p->bias[o], both ? (uint32_t)p->bias[o + 1] : 0u};
        tf_dot2_int4(p, sum, from, weights, ky1 - ky0, n);
        *y++ = tf_output(p, sum[0], o);
        if (both) *y++ = tf_output(p, sum[1], o + 1);
      }
    }
  }
}
`,
  },

  depthwiseInt4: {
    needs: ['kernel', 'output', 'nibbles', 'smla'],
    code: `#if defined(TF_SIMD)
typedef struct { uint16_t value; } __attribute__((packed, may_alias)) tf_two_pairs;
static inline uint32_t tf_smlatb(uint32_t a, uint32_t b, uint32_t c) { uint32_t r; __asm__("smlatb %0, %1, %2, %3" : "=r"(r) : "r"(a), "r"(b), "r"(c)); return r; }
/* weight k of two pairs */
static inline uint32_t tf_weight(uint32_t pairs, int32_t k) { return (uint32_t)((int32_t)(pairs << (28 - 4 * k)) >> 28); }
#endif

/* Weights [kernel_h][kernel_w][out / 2], a byte for two output channels; output channel o reads input channel o / multiplier. */
TF_KERNEL void tf_depthwise_int4(const tf_window *p, const int8_t *x, int8_t *y) {
  const int32_t multiplier = p->out_c / p->in_c, pairs = (p->out_c + 1) / 2;
  for (int32_t oy = 0; oy < p->out_h; oy++) {
    const int32_t top = oy * p->stride_h - p->pad_h;
    const int32_t ky0 = tf_max(0, -top), ky1 = tf_min(p->kernel_h, p->in_h - top);
    for (int32_t ox = 0; ox < p->out_w; ox++) {
      const int32_t left = ox * p->stride_w - p->pad_w;
      const int32_t kx0 = tf_max(0, -left), kx1 = tf_min(p->kernel_w, p->in_w - left);
      int32_t o = 0;
#if defined(TF_SIMD)
      const uint32_t minus = tf_twice(-p->in_zero);
      for (; multiplier == 1 && o + 4 <= p->out_c; o += 4) {
        uint32_t a0 = (uint32_t)p->bias[o], a1 = (uint32_t)p->bias[o + 1], a2 = (uint32_t)p->bias[o + 2], a3 = (uint32_t)p->bias[o + 3];
        for (int32_t ky = ky0; ky < ky1; ky++) {
          const int8_t *xs = x + ((top + ky) * p->in_w + left + kx0) * p->in_c + o;
          const int8_t *ws = p->weights + (ky * p->kernel_w + kx0) * pairs + o / 2;
          for (int32_t kx = kx0; kx < kx1; kx++, xs += p->in_c, ws += pairs) {
            const uint32_t v = tf_load(xs), u = ((const tf_two_pairs *)ws)->value;
            const uint32_t even = tf_even_plus(minus, v), odd = tf_odd_plus(minus, v);
            a0 = tf_smlabb(even, tf_weight(u, 0), a0);
            a1 = tf_smlabb(odd, tf_weight(u, 1), a1);
            a2 = tf_smlatb(even, tf_weight(u, 2), a2);
            a3 = tf_smlatb(odd, tf_weight(u, 3), a3);
          }
        }
        *y++ = tf_output(p, a0, o);
        *y++ = tf_output(p, a1, o + 1);
        *y++ = tf_output(p, a2, o + 2);
        *y++ = tf_output(p, a3, o + 3);
      }
#endif
      for (; o < p->out_c; o += 2) {
        /* an odd channel is computed twice over: its pair has weights of zero */
        const int32_t both = o + 1 < p->out_c, i0 = o / multiplier, step = both ? (o + 1) / multiplier - i0 : 0;
        uint32_t a0 = (uint32_t)p->bias[o], a1 = both ? (uint32_t)p->bias[o + 1] : 0u;
        for (int32_t ky = ky0; ky < ky1; ky++) {
          const int8_t *xs = x + ((top + ky) * p->in_w + left + kx0) * p->in_c + i0;
          const int8_t *ws = p->weights + (ky * p->kernel_w + kx0) * pairs + o / 2;
          for (int32_t kx = kx0; kx < kx1; kx++, xs += p->in_c, ws += pairs) {
            a0 += (uint32_t)((xs[0] - p->in_zero) * tf_even_weight(*ws));
            a1 += (uint32_t)((xs[step] - p->in_zero) * tf_odd_weight(*ws));
          }
        }
        *y++ = tf_output(p, a0, o);
        if (both) *y++ = tf_output(p, a1, o + 1);
      }
    }
  }
}
`,
  },
} as const satisfies Record<string, Piece>
