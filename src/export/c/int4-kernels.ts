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
    code: `/* acc[k] += sum of (x - zero) * w over \`rows\` rows of n values, for two output channels k that share bytes. */
TF_KERNEL void tf_dot2_int4(const tf_window *p, uint32_t *acc, const int8_t *x, const int8_t *w, int32_t rows, int32_t n) {
  const int32_t zero = p->in_zero;
  uint32_t a0 = acc[0], a1 = acc[1];
  for (; rows > 0; rows--, x += p->in_w * p->in_c, w += p->kernel_w * p->in_c) {
    const int8_t *xs = x, *ws = w;
    int32_t left = n;
#if defined(TF_SIMD)
    const uint32_t minus = tf_twice(-zero);
    while (left >= 4) {
      /* weights in the high half of a byte are 16 times as large: so many products fit into 32 bits */
      int32_t some = tf_min(left, 32768) & ~3;
      uint32_t b0 = 0, b1 = 0;
      left -= some;
      for (; some > 0; some -= 4, xs += 4, ws += 4) {
        const uint32_t v = tf_load(xs), u = tf_load(ws), high = u & 0xF0F0F0F0u, low = (u << 4) & 0xF0F0F0F0u;
        const uint32_t even = tf_even_plus(minus, v), odd = tf_odd_plus(minus, v);
        b0 = tf_smlad(odd, tf_odd(low), tf_smlad(even, tf_even(low), b0));
        b1 = tf_smlad(odd, tf_odd(high), tf_smlad(even, tf_even(high), b1));
      }
      a0 += (uint32_t)((int32_t)b0 >> 4);
      a1 += (uint32_t)((int32_t)b1 >> 4);
    }
#endif
    for (; left > 0; left--, ws++) {
      const int32_t v = *xs++ - zero;
      a0 += (uint32_t)(v * tf_even_weight(*ws));
      a1 += (uint32_t)(v * tf_odd_weight(*ws));
    }
  }
  acc[0] = a0, acc[1] = a1;
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
      for (int32_t o = 0; o < p->out_c; o += 2, weights += taps) {
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
    needs: ['kernel', 'output', 'nibbles'],
    code: `/* Weights [kernel_h][kernel_w][out / 2], a byte for two output channels; output channel o reads input channel o / multiplier. */
TF_KERNEL void tf_depthwise_int4(const tf_window *p, const int8_t *x, int8_t *y) {
  const int32_t multiplier = p->out_c / p->in_c, pairs = (p->out_c + 1) / 2;
  for (int32_t oy = 0; oy < p->out_h; oy++) {
    const int32_t top = oy * p->stride_h - p->pad_h;
    const int32_t ky0 = tf_max(0, -top), ky1 = tf_min(p->kernel_h, p->in_h - top);
    for (int32_t ox = 0; ox < p->out_w; ox++) {
      const int32_t left = ox * p->stride_w - p->pad_w;
      const int32_t kx0 = tf_max(0, -left), kx1 = tf_min(p->kernel_w, p->in_w - left);
      for (int32_t o = 0; o < p->out_c; o += 2) {
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
