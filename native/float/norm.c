// Batch norm as an affine map of the convolution's output z: y = activation(scale * z + shift). Per layer, C floats each:
//   affine = [scale | shift | mean | 1/sqrt(variance + epsilon)]       coefficients = [k1 | k0]
// Activations are not stored: whoever reads a layer recomputes them from z and `affine` while the block is in cache.
#include "simd.h"

INLINE void storeAffine(int c, int C, float mean, float variance, float gamma, float beta, float epsilon, float *affine) {
  const float r = 1.0f / __builtin_sqrtf(variance + epsilon);
  affine[c] = gamma * r;
  affine[C + c] = beta - mean * gamma * r;
  affine[2 * C + c] = mean;
  affine[3 * C + c] = r;
}

/** Batch statistics S = [sum | sum of squares] over M rows -> affine. Running statistics move: r = keep * r + (1 - keep) * batch. */
static void normPrepare(int M, int C, const double *S, const float *gamma, const float *beta, float *mean, float *variance, float keep, float epsilon, float *affine) {
  const double unbiased = M > 1 ? (double)M / (double)(M - 1) : 1.0;
  for (int c = 0; c < C; c++) {
    const double m = S[c] / (double)M;
    const double spread = S[C + c] / (double)M - m * m;
    // Not a number stays: a network that diverged says so.
    const double v = spread <= 0 ? 0 : spread;
    mean[c] = keep * mean[c] + (1.0f - keep) * (float)m;
    variance[c] = keep * variance[c] + (1.0f - keep) * (float)(v * unbiased);
    storeAffine(c, C, (float)m, (float)v, gamma[c], beta[c], epsilon, affine);
  }
}

/** Running statistics -> affine (inference and frozen training). */
static void normFreeze(int C, const float *gamma, const float *beta, const float *mean, const float *variance, float epsilon, float *affine) {
  for (int c = 0; c < C; c++) storeAffine(c, C, mean[c], variance[c], gamma[c], beta[c], epsilon, affine);
}

/** A bias as an affine map: scale 1, shift = bias. */
static void biasPrepare(int C, const float *bias, float *affine) {
  for (int c = 0; c < C; c++) {
    affine[c] = 1;
    affine[C + c] = bias[c];
    affine[2 * C + c] = 0;
    affine[3 * C + c] = 0;
  }
}

/** What hardSigmoid does before it clamps: the affine's result times `gain`, plus `shift` for the first `channels`; the others stay zero. */
static void rescaleAffine(int C, int channels, float gain, float shift, float *affine) {
  for (int c = 0; c < C; c++) {
    affine[c] = affine[c] * gain;
    affine[C + c] = affine[C + c] * gain + (c < channels ? shift : 0.0f);
  }
}

/**
 * y = activation(scale * z + shift) for C of the channels of H rows of W pixels: `pixel` floats from pixel to pixel of z (also from row to row)
 * and from scales to shifts; the rows of y lie yRow floats apart, its pixels yPixel.
 */
static void normApplyRows(int H, int W, int C, ptrdiff_t pixel, const float *z, const float *affine, Activation activation, float *y, ptrdiff_t yRow, ptrdiff_t yPixel) {
  const vf low = bottom(activation), top = ceiling(activation);
  COLUMNS(C, {
    const vf a = load(affine + c, n), b = load(affine + pixel + c, n);
    const float *p = z + c;
    for (int h = 0; h < H; h++) {
      float *q = y + c + h * yRow;
      const float *end = p + W * pixel;
      if (activation.grid) {
        const vf inverse = splat(activation.grid[2]), step = splat(activation.grid[3]);
        for (; p < end; p += pixel, q += yPixel) store(q, snap(clamp(madd(load(p, n), a, b), low, top), inverse, step), n);
      } else if (activation.code)
        for (; p < end; p += pixel, q += yPixel) store(q, clamp(madd(load(p, n), a, b), low, top), n);
      else
        for (; p < end; p += pixel, q += yPixel) store(q, madd(load(p, n), a, b), n);
    }
  });
}

/** The same over M pixels of C channels. */
static void normApply(int M, int C, const float *z, const float *affine, Activation activation, float *y) {
  for (int m = 0; m < M; m += 16, z += (ptrdiff_t)C * 16, y += (ptrdiff_t)C * 16)
    normApplyRows(1, smaller(16, M - m), C, C, z, affine, activation, y, 0, C);
}

/**
 * sums[0..C) += d, sums[row..row+C) += d * z, row after row, where d is dy masked by the activation: a block gives the same sums whole or in parts.
 * C channels of rows that are `row` floats apart, as are the scales from the shifts and the sums of d from those of d * z.
 */
static void reduceSome(ptrdiff_t M, int C, ptrdiff_t row, const float *dy, const float *z, const float *affine, Activation activation, float *sums) {
  const vf low = bottom(activation), top = ceiling(activation);
  COLUMNS(C, {
    const vf a = load(affine + c, n), b = load(affine + row + c, n);
    vf s = load(sums + c, n), t = load(sums + row + c, n);
    const float *p = z + c;
    const float *q = dy + c;
    const float *end = p + M * row;
    if (activation.code)
      for (; p < end; p += row, q += row) {
        const vf v = load(p, n);
        const vf d = bits(passes(madd(v, a, b), low, top), load(q, n));
        s = s + d;
        t = madd(d, v, t);
      }
    else
      for (; p < end; p += row, q += row) {
        const vf d = load(q, n);
        s = s + d;
        t = madd(d, load(p, n), t);
      }
    store(sums + c, s, n);
    store(sums + row + c, t, n);
  });
}

static void reduceBlock(ptrdiff_t M, int C, const float *dy, const float *z, const float *affine, Activation activation, float *sums) {
  reduceSome(M, C, C, dy, z, affine, activation, sums);
}

/** S = [sum d | sum d * z] in doubles over M rows. */
static void normReduce(int M, int C, const float *dy, const float *z, const float *affine, Activation activation, double *S, float *partial) {
  clear(partial, 2 * C);
  clearDoubles(S, 2 * C);
  for (int m = 0; m < M; m += 64) {
    const ptrdiff_t at = (ptrdiff_t)m * C;
    reduceBlock(smaller(64, M - m), C, dy + at, z + at, affine, activation, partial);
    flush(2 * C, partial, S);
  }
}

/**
 * S -> dgamma, dbeta and the coefficients of dz = scale * d + k1 * z + k0. `frozen` statistics (and biases) do not depend on z: k1 = k0 = 0.
 * `dgamma` is NULL where there is none.
 */
static void normGradient(int M, int C, const double *S, const float *affine, int frozen, float *dgamma, float *dbeta, float *coefficients) {
  for (int c = 0; c < C; c++) {
    const double scale = (double)affine[c], mean = (double)affine[2 * C + c], r = (double)affine[3 * C + c];
    const double sum = S[c];
    const double centred = (S[C + c] - mean * sum) * r;
    if (dgamma) dgamma[c] = (float)centred;
    dbeta[c] = (float)sum;
    const double k1 = frozen ? 0.0 : (-scale * r * centred) / (double)M;
    coefficients[c] = (float)k1;
    coefficients[C + c] = frozen ? 0.0f : (float)((-scale * sum) / (double)M - k1 * mean);
  }
}

/**
 * dz = scale * (dy masked by the activation) + k1 * z + k0 for C of the channels of H rows of W pixels: `pixel` floats from pixel to pixel of dy
 * and z (also from row to row), from scales to shifts and from k1 to k0; the rows of dz lie dzRow floats apart, its pixels dzPixel.
 */
static void normBackwardRows(int H, int W, int C, ptrdiff_t pixel, const float *dy, const float *z, const float *affine, const float *coefficients, Activation activation,
                             float *dz, ptrdiff_t dzRow, ptrdiff_t dzPixel) {
  const vf low = bottom(activation), top = ceiling(activation);
  COLUMNS(C, {
    const vf a = load(affine + c, n), b = load(affine + pixel + c, n);
    const vf k1 = load(coefficients + c, n), k0 = load(coefficients + pixel + c, n);
    const float *p = z + c;
    const float *q = dy + c;
    for (int h = 0; h < H; h++) {
      float *o = dz + c + h * dzRow;
      const float *end = p + W * pixel;
      if (activation.code)
        for (; p < end; p += pixel, q += pixel, o += dzPixel) {
          const vf v = load(p, n);
          const vf d = bits(passes(madd(v, a, b), low, top), load(q, n));
          store(o, madd(a, d, madd(k1, v, k0)), n);
        }
      else
        for (; p < end; p += pixel, q += pixel, o += dzPixel) store(o, madd(a, load(q, n), madd(k1, load(p, n), k0)), n);
    }
  });
}

/** The same over M pixels of C channels. */
static void normBackward(int M, int C, const float *dy, const float *z, const float *affine, const float *coefficients, Activation activation, float *dz) {
  for (int m = 0; m < M; m += 16, dy += (ptrdiff_t)C * 16, z += (ptrdiff_t)C * 16, dz += (ptrdiff_t)C * 16)
    normBackwardRows(1, smaller(16, M - m), C, C, dy, z, affine, coefficients, activation, dz, 0, C);
}
