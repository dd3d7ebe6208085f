import type { Dataset, SplitName } from '../../src/data/dataset.ts'
import { buildGraph } from '../../src/graph/build.ts'
import { oneEach } from '../../src/task/labels.ts'
import { rng } from '../../src/util/rng.ts'

/** 4 x 4 x 2 in, three classes out, one convolution of so many channels between. */
export const network = (channels: number) =>
  buildGraph(
    [4, 4, 2],
    [
      { kind: 'conv2d', inputs: [0], channels, kernel: [3, 3], stride: [1, 1], padding: 'same', activation: 'relu' },
      { kind: 'mean', inputs: [1] },
      { kind: 'dense', inputs: [2], units: 3, activation: 'none' },
    ],
  )

/** Noise for that network: 64 examples to train on, and 8 of every other split. */
export function noise(): Dataset {
  const random = rng('noise')
  const part = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => from + i)
  const splits: Record<SplitName, Int32Array> = {
    train: part(0, 64),
    calibration: part(64, 72),
    searchValidation: part(72, 80),
    selectionValidation: part(80, 88),
    test: part(88, 96),
  }
  return {
    name: 'noise',
    kind: 'image',
    task: 'classification',
    shape: [4, 4, 2],
    classes: ['a', 'b', 'c'],
    samples: Float32Array.from({ length: 96 * 32 }, () => random.normal()),
    labels: oneEach(Array.from({ length: 96 }, (_, i) => i % 3)),
    normalisation: { offset: [0, 0], scale: [1, 1] },
    splits,
    fingerprint: 'noise',
    frontEnd: {},
  }
}
