import { expect, test } from 'vitest'
import { makeBatcher } from '../../src/data/batches.ts'
import type { Dataset } from '../../src/data/dataset.ts'
import { buildGraph } from '../../src/graph/build.ts'
import { planStudy } from '../../src/run/plan.ts'
import type { TrainContext } from '../../src/train/context.ts'
import { prunedWeights } from '../../src/train/pruned-weights.ts'
import { wasmEngine } from '../../src/train/wasm/index.ts'
import { withTrainer } from '../../src/train/with-trainer.ts'
import { rng } from '../../src/util/rng.ts'

const network = (channels: number) =>
  buildGraph(
    [4, 4, 2],
    [
      { kind: 'conv2d', inputs: [0], channels, kernel: [3, 3], stride: [1, 1], padding: 'same', activation: 'relu' },
      { kind: 'mean', inputs: [1] },
      { kind: 'dense', inputs: [2], units: 3, activation: 'none' },
    ],
  )
const random = rng('pruned')
const train = Int32Array.from({ length: 64 }, (_, i) => i)
const none = new Int32Array(0)
const dataset: Dataset = {
  name: 'noise',
  kind: 'image',
  task: 'classification',
  shape: [4, 4, 2],
  classes: ['a', 'b', 'c'],
  samples: Float32Array.from({ length: 64 * 32 }, () => random.normal()),
  labels: Int32Array.from(train, (i) => i % 3),
  normalisation: { offset: [0, 0], scale: [1, 1] },
  splits: { train, calibration: none, searchValidation: none, selectionValidation: none, test: none },
  fingerprint: 'noise',
  frontEnd: {},
}

test('taylor drops the channel that nobody listens to, however large; gamma drops the smallest', () => {
  const unpruned = network(4)
  const { recipe } = planStudy({ dataset, typicalMacs: 1e4, workers: 1, trials: 1 }).trial
  const context: TrainContext = { dataset, engine: wasmEngine(), metric: { kind: 'accuracy' }, recipe, clock: () => 0 }
  const weights = withTrainer(context, unpruned, '1', (trainer) => trainer.weights())
  weights['0/gamma']!.set([1, 5, 0.9, 1.1])
  for (let unit = 0; unit < 3; unit++) weights['2/kernel']![unit * 4 + 1] = 0
  const batcher = makeBatcher(dataset, train, [4, 4, 2], { seed: '1', augment: 0 })
  const kept = (importance: 'gamma' | 'taylor') =>
    Array.from(
      prunedWeights({ ...context, recipe: { ...recipe, importance } }, { unpruned, graph: network(3) }, weights, batcher)[
        '0/gamma'
      ]!,
      (v) => Math.round(10 * v) / 10,
    )
  expect(kept('taylor')).toEqual([1, 0.9, 1.1])
  expect(kept('gamma')).toEqual([1, 5, 1.1])
})
