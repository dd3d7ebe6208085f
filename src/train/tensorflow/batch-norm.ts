import { batchNormEpsilon } from '../../graph/weights.ts'
import type { Tensor, Tensor4D, Tf } from './library.ts'
import type { Normalise } from './network.ts'
import type { ParameterOf } from './parameters.ts'

function affine(tf: Tf, of: ParameterOf, i: number, z: Tensor4D, mean: Tensor, variance: Tensor): Tensor4D {
  const scale = tf.mul(of(i, 'gamma'), tf.rsqrt(tf.add(variance, batchNormEpsilon)))
  return tf.add(tf.mul(tf.sub(z, mean), scale), of(i, 'beta'))
}

/** Running statistics: inference and frozen training. */
export const frozenNorm =
  (tf: Tf, of: ParameterOf): Normalise =>
  (i, z) =>
    affine(tf, of, i, z, of(i, 'mean'), of(i, 'variance'))

/** This batch's statistics; the running ones keep `keep` of themselves and take the rest from the batch (its variance unbiased). */
export const batchNorm =
  (tf: Tf, of: ParameterOf, keep: number): Normalise =>
  (i, z) => {
    const mean = tf.mean(z, [0, 1, 2])
    const variance = tf.mean(tf.square(tf.sub(z, mean)), [0, 1, 2])
    const rows = z.size / z.shape[3]
    const unbiased = rows > 1 ? rows / (rows - 1) : 1
    const [runningMean, runningVariance] = [of(i, 'mean'), of(i, 'variance')]
    runningMean.assign(tf.add(tf.mul(runningMean, keep), tf.mul(mean, 1 - keep)))
    runningVariance.assign(tf.add(tf.mul(runningVariance, keep), tf.mul(variance, (1 - keep) * unbiased)))
    return affine(tf, of, i, z, mean, variance)
  }
