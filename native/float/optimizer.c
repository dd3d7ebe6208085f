// `count` is a multiple of 4. `share` scales the gradient (clipping), `keep` = 1 - learning rate * weight decay shrinks the weights (decoupled decay).
#include "simd.h"

/** Sum of squares: four lanes of doubles, the first with the third and the second with the fourth. */
static double squaredNorm(int count, const float *g) {
  double s[4] = {0};
  for (int i = 0; i < count; i += 4)
    for (int j = 0; j < 4; j++) s[j] += (double)g[i + j] * (double)g[i + j];
  return (s[0] + s[2]) + (s[1] + s[3]);
}

/** SGD with Nesterov momentum: v = m v + g; p = keep p - lr (g + m v). */
static void sgd(int count, float *p, const float *g, float *v, float learningRate, float momentum, float keep, float share) {
  const vf lr = splat(learningRate), m = splat(momentum), k = splat(keep), s = splat(share);
  COLUMNS(count, {
    const vf d = load(g + c, n) * s;
    const vf u = madd(m, load(v + c, n), d);
    store(v + c, u, n);
    store(p + c, k * load(p + c, n) - lr * madd(m, u, d), n);
  });
}

/** AdamW (Loshchilov and Hutter 2019): c1 = 1 / (1 - beta1^t), c2 = 1 / (1 - beta2^t). */
static void adamw(int count, float *p, const float *g, float *m, float *v, float learningRate, float beta1, float beta2, float epsilon, float c1, float c2, float keep,
                  float share) {
  const vf lr = splat(learningRate * c1), b1 = splat(beta1), b2 = splat(beta2), r1 = splat(1.0f - beta1), r2 = splat(1.0f - beta2);
  const vf k = splat(keep), s = splat(share);
  COLUMNS(count, {
    const vf d = load(g + c, n) * s;
    const vf mean = madd(b1, load(m + c, n), r1 * d);
    const vf square = madd(b2, load(v + c, n), r2 * (d * d));
    store(m + c, mean, n);
    store(v + c, square, n);
    const vf step = (lr * mean) / (squareRoot(square * splat(c2)) + splat(epsilon));
    store(p + c, k * load(p + c, n) - step, n);
  });
}
