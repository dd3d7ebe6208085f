import { makeBatcher } from '../../src/data/batches.ts'
import type { Dataset, SplitName } from '../../src/data/dataset.ts'
import { exp } from '../../src/util/math.ts'

type Plain = { readonly count: number; readonly width: number; readonly x: Float32Array; readonly y: readonly number[] }

/** A split as a matrix of normalised raw inputs. */
export function matrix(dataset: Dataset, split: SplitName): Plain {
  const indices = dataset.splits[split]
  const batcher = makeBatcher(dataset, indices, dataset.shape, { seed: '', augment: 0 })
  const x = new Float32Array(batcher.count * batcher.exampleLength)
  batcher.gather(0, batcher.count, x)
  return { count: batcher.count, width: batcher.exampleLength, x, y: Array.from(indices, (i) => dataset.labels.values[i]!) }
}

/** Test accuracy of multinomial logistic regression on the raw input: mini-batch gradient descent with momentum and weight decay. */
export function linearAccuracy(train: Plain, test: Plain, classes: number, epochs: number): number {
  const { width } = train
  const weights = new Float32Array(classes * width)
  const velocity = new Float32Array(weights.length)
  const gradient = new Float32Array(weights.length)
  const scores = new Float64Array(classes)
  const predict = (x: Float32Array, n: number) => {
    for (let k = 0; k < classes; k++) {
      let sum = 0
      for (let j = 0; j < width; j++) sum += weights[k * width + j]! * x[n * width + j]!
      scores[k] = sum
    }
    return scores.indexOf(Math.max(...scores))
  }
  for (let epoch = 0; epoch < epochs; epoch++) {
    const rate = 0.3 / Math.sqrt(width) / (1 + epoch / 8)
    for (let from = 0; from < train.count; from += 64) {
      const to = Math.min(train.count, from + 64)
      gradient.fill(0)
      for (let n = from; n < to; n++) {
        const top = scores[predict(train.x, n)]!
        let sum = 0
        for (let k = 0; k < classes; k++) sum += scores[k] = exp(scores[k]! - top)
        for (let k = 0; k < classes; k++) {
          const error = scores[k]! / sum - (k === train.y[n] ? 1 : 0)
          for (let j = 0; j < width; j++) gradient[k * width + j]! += error * train.x[n * width + j]!
        }
      }
      for (let i = 0; i < weights.length; i++) {
        velocity[i] = 0.9 * velocity[i]! - rate * (gradient[i]! / (to - from) + 1e-3 * weights[i]!)
        weights[i]! += velocity[i]!
      }
    }
  }
  return test.y.filter((label, n) => predict(test.x, n) === label).length / test.count
}

/** Test accuracy of the nearest neighbour, over the first `asked` test examples. */
export function nearestAccuracy(train: Plain, test: Plain, asked: number): number {
  let right = 0
  const count = Math.min(asked, test.count)
  for (let n = 0; n < count; n++) {
    let best = Infinity
    let label = -1
    for (let m = 0; m < train.count; m++) {
      let distance = 0
      for (let j = 0; j < train.width && distance < best; j++) {
        const d = train.x[m * train.width + j]! - test.x[n * train.width + j]!
        distance += d * d
      }
      if (distance < best) [best, label] = [distance, train.y[m]!]
    }
    if (label === test.y[n]) right++
  }
  return right / count
}
