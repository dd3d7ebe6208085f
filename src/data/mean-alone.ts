import type { Dataset } from './dataset.ts'
import { exampleSize } from './decoded.ts'

/** Examples that are looked at, at most, in either split. */
const most = 4000

/**
 * Accuracy on test of the nearest class centre, seeing only the mean of each channel over the example (in units of its spread within the
 * classes). High means that a constant offset tells the classes apart: for accelerometers usually how the sensor was taped on, not what it felt.
 */
export function meanAlone(dataset: Dataset, classOf: (example: number) => number): number | null {
  const { classes, splits } = dataset
  const channels = dataset.shape[2]
  if (splits.train.length === 0 || splits.test.length === 0) return null
  const train = splits.train.filter(spread(splits.train.length))
  const test = splits.test.filter(spread(splits.test.length))
  const [seen, asked] = [means(dataset, train), means(dataset, test)]
  const centres = new Float64Array(classes.length * channels)
  const counts = new Float64Array(classes.length)
  train.forEach((i, k) => {
    counts[classOf(i)]!++
    for (let c = 0; c < channels; c++) centres[classOf(i) * channels + c]! += seen[k * channels + c]!
  })
  for (let j = 0; j < centres.length; j++) centres[j]! /= Math.max(1, counts[Math.floor(j / channels)]!)
  const variance = new Float64Array(channels)
  train.forEach((i, k) => {
    for (let c = 0; c < channels; c++) {
      const d = seen[k * channels + c]! - centres[classOf(i) * channels + c]!
      variance[c]! += (d * d) / train.length
    }
  })
  let right = 0
  test.forEach((i, k) => {
    let best = -1
    let bestDistance = Infinity
    for (let label = 0; label < classes.length; label++) {
      if (counts[label] === 0) continue
      let distance = 0
      for (let c = 0; c < channels; c++) {
        const d = asked[k * channels + c]! - centres[label * channels + c]!
        distance += (d * d) / (variance[c]! + 1e-12)
      }
      if (distance < bestDistance) [best, bestDistance] = [label, distance]
    }
    if (best === classOf(i)) right++
  })
  return right / test.length
}

/** Every n-th example, so that at most `most` remain. */
const spread = (length: number) => {
  const step = Math.ceil(length / most)
  return (_: number, k: number) => k % step === 0
}

function means({ samples, shape, normalisation }: Dataset, indices: Int32Array): Float64Array {
  const channels = shape[2]
  const size = exampleSize(shape)
  const out = new Float64Array(indices.length * channels)
  indices.forEach((i, k) => {
    for (let j = 0; j < size; j++) out[k * channels + (j % channels)]! += samples[i * size + j]!
    for (let c = 0; c < channels; c++) {
      const mean = out[k * channels + c]! / (size / channels)
      out[k * channels + c] = (mean - normalisation.offset[c]!) * normalisation.scale[c]!
    }
  })
  return out
}
