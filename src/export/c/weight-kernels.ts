/**
 * The C kernels with weights. All kernels: C99, no libc, no allocation, the arithmetic of TFLite-Micro to the bit (quant/reference.ts, mode
 * `tflm`). `needs` names the pieces of text that must stand before a piece. Sums wrap like int32, hence the unsigned accumulators; right
 * shifts of negative numbers are arithmetic in every compiler for these machines.
 */
export type Piece = { readonly needs: readonly string[]; readonly code: string }

export const weightKernels = {
  kernel: {
    needs: [],
    code: `/* One copy of each kernel, whatever the number of layers: no inlining, no versions for one layer's constants. */
#if defined(__GNUC__) && __GNUC__ >= 8 && !defined(__clang__)
#define TF_KERNEL static __attribute__((noipa))
#elif defined(__GNUC__)
#define TF_KERNEL static __attribute__((noinline))
#else
#define TF_KERNEL static
#endif
`,
  },

  requantize: {
    needs: [],
    code: `/* x * multiplier * 2^(shift - 31), rounded twice: gemmlowp's doubling high multiplication, then a rounding shift. */
static int32_t tf_requantize(int32_t x, int32_t multiplier, int32_t shift) {
  const int32_t right = shift > 0 ? 0 : -shift;
  const int32_t left = (int32_t)((uint32_t)x << (shift > 0 ? shift : 0));
  const int32_t high = (int32_t)(((int64_t)left * multiplier + (1 << 30)) >> 31);
  const int32_t mask = (int32_t)((1u << right) - 1u);
  return (high >> right) + ((high & mask) > (mask >> 1) + (high < 0));
}
`,
  },

  clamp: {
    needs: [],
    code: `static int8_t tf_clamp(int32_t x, int32_t low, int32_t high) {
  return (int8_t)(x < low ? low : x > high ? high : x);
}
`,
  },

  window: {
    needs: [],
    code: `/* An operator with a window. Per-tensor layers have one multiplier and scale_step 0. */
typedef struct {
  int32_t in_h, in_w, in_c, out_h, out_w, out_c, kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w;
  int32_t in_zero, out_zero, low, high, scale_step;
  const int8_t *weights;
  const int32_t *bias, *multiplier;
  const int8_t *shift;
} tf_window;

static int32_t tf_min(int32_t a, int32_t b) { return a < b ? a : b; }
static int32_t tf_max(int32_t a, int32_t b) { return a > b ? a : b; }
`,
  },

  output: {
    needs: ['window', 'requantize', 'clamp'],
    code: `static int8_t tf_output(const tf_window *p, uint32_t sum, int32_t channel) {
  const int32_t c = channel * p->scale_step;
  return tf_clamp(tf_requantize((int32_t)sum, p->multiplier[c], p->shift[c]) + p->out_zero, p->low, p->high);
}
`,
  },

  simd: {
    needs: [],
    code: `/* Two 16-bit multiplications an instruction where the core has them (Cortex-M4, M7, M33, M55; unaligned loads are allowed there). */
#if defined(__ARM_FEATURE_DSP) && defined(__GNUC__)
#define TF_SIMD 1
typedef struct { uint32_t value; } __attribute__((packed, may_alias)) tf_word;
static inline uint32_t tf_load(const int8_t *p) { return ((const tf_word *)p)->value; }
/* bytes 0 and 2, bytes 1 and 3, as two 16-bit values */
static inline uint32_t tf_even(uint32_t x) { uint32_t r; __asm__("sxtb16 %0, %1" : "=r"(r) : "r"(x)); return r; }
static inline uint32_t tf_odd(uint32_t x) { uint32_t r; __asm__("sxtb16 %0, %1, ror #8" : "=r"(r) : "r"(x)); return r; }
/* the same, each plus its half of \`to\` */
static inline uint32_t tf_even_plus(uint32_t to, uint32_t x) { uint32_t r; __asm__("sxtab16 %0, %1, %2" : "=r"(r) : "r"(to), "r"(x)); return r; }
static inline uint32_t tf_odd_plus(uint32_t to, uint32_t x) { uint32_t r; __asm__("sxtab16 %0, %1, %2, ror #8" : "=r"(r) : "r"(to), "r"(x)); return r; }
static inline uint32_t tf_twice(int32_t x) { return ((uint32_t)x & 0xFFFFu) * 0x10001u; }
#endif
`,
  },

  smlad: {
    needs: ['simd'],
    code: `#if defined(TF_SIMD)
static inline uint32_t tf_smlad(uint32_t a, uint32_t b, uint32_t c) { uint32_t r; __asm__("smlad %0, %1, %2, %3" : "=r"(r) : "r"(a), "r"(b), "r"(c)); return r; }
#endif
`,
  },

  dot: {
    needs: ['kernel', 'window', 'smlad'],
    code: `/* acc[k] += sum of (x - zero) * w over \`rows\` rows of n values, for four output channels k. Not inlined: it needs every register. */
TF_KERNEL void tf_dot4(const tf_window *p, uint32_t *acc, const int8_t *x, const int8_t *w, int32_t rows, int32_t n) {
  const int32_t row = p->kernel_w * p->in_c, step = p->kernel_h * row, zero = p->in_zero;
  uint32_t a0 = acc[0], a1 = acc[1], a2 = acc[2], a3 = acc[3];
  for (; rows > 0; rows--, x += p->in_w * p->in_c, w += row) {
    const int8_t *xs = x, *ws = w, *ws2 = w + 2 * step;
    const int8_t *const end = x + n;
#if defined(TF_SIMD)
    const uint32_t minus = tf_twice(-zero);
    for (const int8_t *const most = x + (n & ~3); xs != most;) {
      uint32_t v, odd, u, t;
      /* 16 products. One statement, because it needs all registers and compilers spill if they may reorder it. */
      __asm__("ldr %[v], [%[x]], #4\\n ldr %[u], [%[w], %[step]]\\n"
              "sxtab16 %[odd], %[minus], %[v], ror #8\\n sxtab16 %[v], %[minus], %[v]\\n"
              "sxtb16 %[t], %[u]\\n sxtb16 %[u], %[u], ror #8\\n"
              "smlad %[a1], %[v], %[t], %[a1]\\n smlad %[a1], %[odd], %[u], %[a1]\\n"
              "ldr %[u], [%[w]], #4\\n sxtb16 %[t], %[u]\\n sxtb16 %[u], %[u], ror #8\\n"
              "smlad %[a0], %[v], %[t], %[a0]\\n smlad %[a0], %[odd], %[u], %[a0]\\n"
              "ldr %[u], [%[w2], %[step]]\\n sxtb16 %[t], %[u]\\n sxtb16 %[u], %[u], ror #8\\n"
              "smlad %[a3], %[v], %[t], %[a3]\\n smlad %[a3], %[odd], %[u], %[a3]\\n"
              "ldr %[u], [%[w2]], #4\\n sxtb16 %[t], %[u]\\n sxtb16 %[u], %[u], ror #8\\n"
              "smlad %[a2], %[v], %[t], %[a2]\\n smlad %[a2], %[odd], %[u], %[a2]\\n"
              : [v] "=&r"(v), [odd] "=&r"(odd), [u] "=&r"(u), [t] "=&r"(t), [x] "+&r"(xs), [w] "+&r"(ws), [w2] "+&r"(ws2),
                [a0] "+&r"(a0), [a1] "+&r"(a1), [a2] "+&r"(a2), [a3] "+&r"(a3)
              : [step] "r"(step), [minus] "r"(minus)
              : "memory");
    }
#endif
    while (xs != end) {
      const int32_t v = *xs++ - zero;
      a0 += (uint32_t)(v * ws[0]);
      a1 += (uint32_t)(v * ws[step]);
      a2 += (uint32_t)(v * ws2[0]);
      a3 += (uint32_t)(v * ws2[step]);
      ws++, ws2++;
    }
  }
  acc[0] = a0, acc[1] = a1, acc[2] = a2, acc[3] = a3;
}

/* The same for one channel. */
TF_KERNEL uint32_t tf_dot1(const tf_window *p, uint32_t acc, const int8_t *x, const int8_t *w, int32_t rows, int32_t n) {
  for (; rows > 0; rows--, x += p->in_w * p->in_c, w += p->kernel_w * p->in_c) {
    const int8_t *xs = x, *ws = w;
    int32_t left = n;
#if defined(TF_SIMD)
    const uint32_t minus = tf_twice(-p->in_zero);
    for (; left >= 4; left -= 4, xs += 4, ws += 4) {
      const uint32_t v = tf_load(xs), u = tf_load(ws);
      acc = tf_smlad(tf_odd_plus(minus, v), tf_odd(u), tf_smlad(tf_even_plus(minus, v), tf_even(u), acc));
    }
#endif
    for (; left > 0; left--) acc += (uint32_t)((*xs++ - p->in_zero) * *ws++);
  }
  return acc;
}
`,
  },

  conv2d: {
    needs: ['kernel', 'output', 'dot'],
    code: `/* Weights [out][kernel_h][kernel_w][in]: a row of the window is one run of bytes in both input and weights. */
TF_KERNEL void tf_conv2d(const tf_window *p, const int8_t *x, int8_t *y) {
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
      for (; o + 4 <= p->out_c; o += 4, weights += 4 * taps) {
        uint32_t sum[4] = {(uint32_t)p->bias[o], (uint32_t)p->bias[o + 1], (uint32_t)p->bias[o + 2], (uint32_t)p->bias[o + 3]};
        tf_dot4(p, sum, from, weights, ky1 - ky0, n);
        for (int32_t k = 0; k < 4; k++) *y++ = tf_output(p, sum[k], o + k);
      }
      for (; o < p->out_c; o++, weights += taps) {
        const uint32_t sum = tf_dot1(p, (uint32_t)p->bias[o], from, weights, ky1 - ky0, n);
        *y++ = tf_output(p, sum, o);
      }
    }
  }
}
`,
  },

  smla: {
    needs: ['simd'],
    code: `#if defined(TF_SIMD)
static inline uint32_t tf_smlabb(uint32_t a, uint32_t b, uint32_t c) { uint32_t r; __asm__("smlabb %0, %1, %2, %3" : "=r"(r) : "r"(a), "r"(b), "r"(c)); return r; }
static inline uint32_t tf_smlatt(uint32_t a, uint32_t b, uint32_t c) { uint32_t r; __asm__("smlatt %0, %1, %2, %3" : "=r"(r) : "r"(a), "r"(b), "r"(c)); return r; }
#endif
`,
  },

  depthwise: {
    needs: ['kernel', 'output', 'smla'],
    code: `/* Weights [kernel_h][kernel_w][out]; output channel o reads input channel o / multiplier. */
TF_KERNEL void tf_depthwise(const tf_window *p, const int8_t *x, int8_t *y) {
  const int32_t multiplier = p->out_c / p->in_c;
  for (int32_t oy = 0; oy < p->out_h; oy++) {
    const int32_t top = oy * p->stride_h - p->pad_h;
    const int32_t ky0 = tf_max(0, -top), ky1 = tf_min(p->kernel_h, p->in_h - top);
    for (int32_t ox = 0; ox < p->out_w; ox++) {
      const int32_t left = ox * p->stride_w - p->pad_w;
      const int32_t kx0 = tf_max(0, -left), kx1 = tf_min(p->kernel_w, p->in_w - left);
      int32_t o = 0;
      for (; multiplier == 1 && o + 4 <= p->out_c; o += 4) {
        uint32_t a0 = (uint32_t)p->bias[o], a1 = (uint32_t)p->bias[o + 1], a2 = (uint32_t)p->bias[o + 2], a3 = (uint32_t)p->bias[o + 3];
#if defined(TF_SIMD)
        const uint32_t minus = tf_twice(-p->in_zero);
#endif
        for (int32_t ky = ky0; ky < ky1; ky++) {
          const int8_t *xs = x + ((top + ky) * p->in_w + left + kx0) * p->in_c + o;
          const int8_t *ws = p->weights + (ky * p->kernel_w + kx0) * p->out_c + o;
          for (int32_t kx = kx0; kx < kx1; kx++, xs += p->in_c, ws += p->out_c) {
#if defined(TF_SIMD)
            const uint32_t v = tf_load(xs), u = tf_load(ws);
            const uint32_t ve = tf_even_plus(minus, v), vo = tf_odd_plus(minus, v), ue = tf_even(u), uo = tf_odd(u);
            a0 = tf_smlabb(ve, ue, a0);
            a1 = tf_smlabb(vo, uo, a1);
            a2 = tf_smlatt(ve, ue, a2);
            a3 = tf_smlatt(vo, uo, a3);
#else
            a0 += (uint32_t)((xs[0] - p->in_zero) * ws[0]);
            a1 += (uint32_t)((xs[1] - p->in_zero) * ws[1]);
            a2 += (uint32_t)((xs[2] - p->in_zero) * ws[2]);
            a3 += (uint32_t)((xs[3] - p->in_zero) * ws[3]);
#endif
          }
        }
        *y++ = tf_output(p, a0, o);
        *y++ = tf_output(p, a1, o + 1);
        *y++ = tf_output(p, a2, o + 2);
        *y++ = tf_output(p, a3, o + 3);
      }
      for (; o < p->out_c; o++) {
        uint32_t sum = (uint32_t)p->bias[o];
        for (int32_t ky = ky0; ky < ky1; ky++)
          for (int32_t kx = kx0; kx < kx1; kx++)
            sum += (uint32_t)((x[((top + ky) * p->in_w + left + kx) * p->in_c + o / multiplier] - p->in_zero) *
                              p->weights[(ky * p->kernel_w + kx) * p->out_c + o]);
        *y++ = tf_output(p, sum, o);
      }
    }
  }
}
`,
  },
} as const satisfies Record<string, Piece>
