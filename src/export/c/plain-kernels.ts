import type { Piece } from './weight-kernels.ts'

/** The C kernels without weights; see weight-kernels.ts. */
export const plainKernels = {
  barrier: {
    needs: [],
    code: `/* Keeps compilers from turning the loops below into calls of memcpy and memset, which need a libc. */
#if defined(__GNUC__)
#define TF_OWN_LOOP() __asm__ volatile("" ::: "memory")
#else
#define TF_OWN_LOOP() ((void)0)
#endif
`,
  },

  copy: {
    needs: ['kernel', 'barrier'],
    code: `TF_KERNEL void tf_copy(int8_t *to, const int8_t *from, int32_t bytes) {
  for (int32_t i = 0; i < bytes; i++) {
    to[i] = from[i];
    TF_OWN_LOOP();
  }
}
`,
  },

  averagePool: {
    needs: ['kernel', 'window', 'clamp'],
    code: `TF_KERNEL void tf_average_pool(const tf_window *p, const int8_t *x, int8_t *y) {
  for (int32_t oy = 0; oy < p->out_h; oy++) {
    const int32_t top = oy * p->stride_h - p->pad_h, y0 = tf_max(0, top), y1 = tf_min(p->in_h, top + p->kernel_h);
    for (int32_t ox = 0; ox < p->out_w; ox++) {
      const int32_t left = ox * p->stride_w - p->pad_w, x0 = tf_max(0, left), x1 = tf_min(p->in_w, left + p->kernel_w);
      const int32_t count = (y1 - y0) * (x1 - x0);
      for (int32_t c = 0; c < p->in_c; c++) {
        int32_t sum = 0;
        for (int32_t iy = y0; iy < y1; iy++)
          for (int32_t ix = x0; ix < x1; ix++) sum += x[(iy * p->in_w + ix) * p->in_c + c];
        *y++ = tf_clamp((sum > 0 ? sum + count / 2 : sum - count / 2) / count, p->low, p->high);
      }
    }
  }
}
`,
  },

  maxPool: {
    needs: ['kernel', 'window', 'clamp'],
    code: `TF_KERNEL void tf_max_pool(const tf_window *p, const int8_t *x, int8_t *y) {
  for (int32_t oy = 0; oy < p->out_h; oy++) {
    const int32_t top = oy * p->stride_h - p->pad_h, y0 = tf_max(0, top), y1 = tf_min(p->in_h, top + p->kernel_h);
    for (int32_t ox = 0; ox < p->out_w; ox++) {
      const int32_t left = ox * p->stride_w - p->pad_w, x0 = tf_max(0, left), x1 = tf_min(p->in_w, left + p->kernel_w);
      for (int32_t c = 0; c < p->in_c; c++) {
        int32_t most = -128;
        for (int32_t iy = y0; iy < y1; iy++)
          for (int32_t ix = x0; ix < x1; ix++) most = tf_max(most, x[(iy * p->in_w + ix) * p->in_c + c]);
        *y++ = tf_clamp(most, p->low, p->high);
      }
    }
  }
}
`,
  },

  mean: {
    needs: ['kernel', 'requantize', 'clamp'],
    code: `/* Mean of \`count\` values of each channel; 1 / count is part of the multiplier. */
TF_KERNEL void tf_mean(const int8_t *x, int8_t *y, int32_t count, int32_t channels, int32_t in_zero, int32_t multiplier, int32_t shift,
                    int32_t out_zero) {
  for (int32_t c = 0; c < channels; c++) {
    int32_t sum = -in_zero * count;
    for (int32_t i = 0; i < count; i++) sum += x[i * channels + c];
    y[c] = tf_clamp(tf_requantize(sum, multiplier, shift) + out_zero, -128, 127);
  }
}
`,
  },

  add: {
    needs: ['kernel', 'requantize', 'clamp'],
    code: `typedef struct {
  int32_t a_zero, a_multiplier, a_shift, b_zero, b_multiplier, b_shift, multiplier, shift, out_zero, low, high;
} tf_sum;

/* Both inputs with 20 more bits, in units of twice the larger scale. */
TF_KERNEL void tf_add(const tf_sum *p, const int8_t *a, const int8_t *b, int8_t *y, int32_t n) {
  for (int32_t i = 0; i < n; i++) {
    const int32_t l = tf_requantize((a[i] - p->a_zero) * 1048576, p->a_multiplier, p->a_shift);
    const int32_t r = tf_requantize((b[i] - p->b_zero) * 1048576, p->b_multiplier, p->b_shift);
    y[i] = tf_clamp(tf_requantize(l + r, p->multiplier, p->shift) + p->out_zero, p->low, p->high);
  }
}
`,
  },

  mul: {
    needs: ['kernel', 'requantize', 'clamp'],
    code: `typedef struct { int32_t a_zero, b_zero, multiplier, shift, out_zero, low, high; } tf_product;

/* The m values of b in turn: n of them, or one pixel again and again. */
TF_KERNEL void tf_mul(const tf_product *p, const int8_t *a, const int8_t *b, int8_t *y, int32_t n, int32_t m) {
  for (; n > 0; n -= m)
    for (int32_t i = 0; i < m; i++) {
      const int32_t product = (*a++ - p->a_zero) * (b[i] - p->b_zero);
      *y++ = tf_clamp(tf_requantize(product, p->multiplier, p->shift) + p->out_zero, p->low, p->high);
    }
}
`,
  },

  softmax: {
    needs: ['kernel'],
    code: `/* round(a * b / 2^31) */
static int32_t tf_high(int32_t a, int32_t b) { return (int32_t)(((int64_t)a * b + (1 << 30)) >> 31); }
static int32_t tf_divide_pot(int32_t x, int32_t e) {
  const int32_t mask = (int32_t)((1u << e) - 1u);
  return (x >> e) + ((x & mask) > (mask >> 1) + (x < 0));
}

/* Softmax over runs of n values. \`exponential[d]\` is exp(-d * scale) with 31 fractional bits for d below \`entries\`, 0 from there on. */
TF_KERNEL void tf_softmax(const int32_t *exponential, int32_t entries, const int8_t *x, int8_t *y, int32_t runs, int32_t n) {
  for (; runs > 0; runs--, x += n, y += n) {
    int32_t most = -128, sum = 0, headroom = 0;
    for (int32_t i = 0; i < n; i++) most = x[i] > most ? x[i] : most;
    for (int32_t i = 0; i < n; i++)
      if (most - x[i] < entries) sum += tf_divide_pot(exponential[most - x[i]], 12);
    uint32_t normal = (uint32_t)sum;
    for (; headroom < 31 && !(normal & 0x80000000u); headroom++) normal <<= 1;
    /* 1 / (1 + f) by three Newton steps, f the fraction of the normalised sum */
    const int32_t half = (int32_t)(normal >> 1);
    int32_t inverse = 1515870810 + tf_high(half, -1010580540);
    for (int32_t step = 0; step < 3; step++) {
      const int64_t more = (int64_t)tf_high(inverse, 536870912 - tf_high(half, inverse)) * 4;
      inverse += (int32_t)(more > 2147483647 ? 2147483647 : more < -2147483647 - 1 ? -2147483647 - 1 : more);
    }
    inverse = inverse > 1073741823 ? 2147483647 : inverse * 2;
    for (int32_t i = 0; i < n; i++) {
      const int32_t d = most - x[i], e = d < entries ? exponential[d] : 0;
      const int32_t share = e == 0 ? 0 : tf_divide_pot(tf_high(inverse, e), headroom > 4 ? 35 - headroom : 31);
      y[i] = (int8_t)(share > 255 ? 127 : share - 128);
    }
  }
}
`,
  },

  pad: {
    needs: ['kernel', 'barrier'],
    code: `TF_KERNEL void tf_pad(const int8_t *x, int8_t *y, int32_t h, int32_t w, int32_t c, int32_t top, int32_t left, int32_t out_h, int32_t out_w,
                   int32_t zero) {
  for (int32_t oy = 0; oy < out_h; oy++)
    for (int32_t ox = 0; ox < out_w; ox++) {
      const int inside = oy >= top && oy < top + h && ox >= left && ox < left + w;
      for (int32_t i = 0; i < c; i++) {
        *y++ = (int8_t)(inside ? *x++ : zero);
        TF_OWN_LOOP();
      }
    }
}
`,
  },

  concat: {
    needs: ['kernel', 'barrier'],
    code: `/* One input of a concatenation along channels. */
TF_KERNEL void tf_concat(const int8_t *x, int8_t *y, int32_t pixels, int32_t channels, int32_t out_channels) {
  for (int32_t i = 0; i < pixels; i++, y += out_channels - channels)
    for (int32_t c = 0; c < channels; c++) {
      *y++ = *x++;
      TF_OWN_LOOP();
    }
}
`,
  },

  lookUp: {
    needs: ['kernel'],
    code: `/* A function of one value: its results for -128 .. 127. */
TF_KERNEL void tf_look_up(const int8_t *table, const int8_t *x, int8_t *y, int32_t n) {
  for (int32_t i = 0; i < n; i++) y[i] = table[x[i] + 128];
}
`,
  },

  quantize: {
    needs: ['kernel', 'requantize', 'clamp'],
    code: `TF_KERNEL void tf_quantize(const int8_t *x, int8_t *y, int32_t n, int32_t in_zero, int32_t multiplier, int32_t shift, int32_t out_zero) {
  for (int32_t i = 0; i < n; i++) y[i] = tf_clamp(tf_requantize(x[i] - in_zero, multiplier, shift) + out_zero, -128, 127);
}
`,
  },
} as const satisfies Record<string, Piece>
