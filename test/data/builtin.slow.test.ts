import { expect, test } from 'vitest'
import { makeBatcher } from '../../src/data/batches.ts'
import type { Dataset } from '../../src/data/dataset.ts'
import { openDataset } from '../../src/data/open.ts'
import { buildGraph } from '../../src/graph/build.ts'
import type { Graph, Op } from '../../src/graph/graph.ts'
import { wasmEngine } from '../../src/train/wasm/engine.ts'
import { cos } from '../../src/util/math.ts'
import { linearAccuracy, matrix } from './linear.ts'

/** A plain network of depthwise-separable blocks, 11 to 17 thousand parameters, for pictures and spectra (3 x 3) or windows (9 x 1). */
function smallNetwork({ kind, shape, classes }: Dataset): Graph {
  const ops: Op[] = []
  type Pair = readonly [number, number]
  const conv = (kernel: Pair, stride: Pair, channels: number) =>
    ops.push({ kind: 'conv2d', inputs: [ops.length], channels, kernel, stride, padding: 'same', activation: 'relu6' })
  const block = (kernel: Pair, stride: Pair, channels: number) => {
    ops.push({ kind: 'depthwise', inputs: [ops.length], multiplier: 1, kernel, stride, padding: 'same', activation: 'relu6' })
    conv([1, 1], [1, 1], channels)
  }
  const inTime = kind === 'series'
  const [kernel, down, same]: [Pair, Pair, Pair] = inTime
    ? [
        [9, 1],
        [2, 1],
        [1, 1],
      ]
    : [
        [3, 3],
        [2, 2],
        [1, 1],
      ]
  conv(kernel, down, 16)
  block(kernel, inTime ? down : same, 32)
  block(kernel, down, 48)
  block(kernel, inTime && shape[0] > 200 ? down : same, 64)
  block(kernel, inTime ? same : down, 64)
  if (kind === 'image') block(kernel, same, 96)
  ops.push({ kind: 'mean', inputs: [ops.length] })
  ops.push({ kind: 'dense', inputs: [ops.length], units: classes.length, activation: 'none' })
  return buildGraph(shape, ops)
}

/** Test accuracy after `steps` of 32 examples: SGD with momentum, half a cosine. */
function trainedAccuracy(data: Dataset, steps: number): number {
  const size = 32
  const trainer = wasmEngine().create(smallNetwork(data), {
    batchSize: size,
    seed: '1',
    loss: { kind: 'crossEntropy', labelSmoothing: 0 },
    optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 1e-4 },
  })
  const batcher = makeBatcher(data, data.splits.train, data.shape, { seed: '1', augment: 1 })
  const inputs = new Float32Array(size * batcher.exampleLength)
  const targets = new Float32Array(size * data.classes.length)
  const perEpoch = Math.floor(batcher.count / size)
  for (let s = 0; s < steps; s++) {
    batcher.batch(Math.floor(s / perEpoch), s % perEpoch, size, inputs, targets)
    const learningRate = 0.08 * Math.min(1, (s + 1) / 50) * 0.5 * (1 + cos((Math.PI * s) / steps))
    trainer.step({ count: size, inputs, targets }, { learningRate })
  }
  const held = matrix(data, 'test')
  const logits = trainer.predict(held.x, held.count)
  const outputs = data.classes.length
  const right = held.y.filter((label, n) => {
    const row = logits.subarray(n * outputs, (n + 1) * outputs)
    return row.indexOf(Math.max(...row)) === label
  })
  trainer.dispose()
  return right.length / held.count
}

// measured: keywords .94, gestures .96, bearings .84, shapes .75 (docs/data.md)
test.each([
  ['keywords', 750, 0.85],
  ['gestures', 750, 0.9],
  ['bearings', 750, 0.75],
  ['shapes', 900, 0.65],
])('a small network learns builtin:%s in %i steps, far better than a linear model', async (name, steps, floor) => {
  const data = await openDataset(`builtin:${name}`, { seed: '1', cacheDir: 'unused' })
  const network = trainedAccuracy(data, steps)
  expect(network).toBeGreaterThan(floor)
  const train = matrix(data, 'train')
  const linear = linearAccuracy(train, matrix(data, 'test'), data.classes.length, 6)
  expect(network - linear).toBeGreaterThan(0.15)
})
