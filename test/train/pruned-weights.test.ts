import { expect, test } from 'vitest'
import { makeBatcher } from '../../src/data/batches.ts'
import { planStudy } from '../../src/run/record/plan.ts'
import type { TrainContext } from '../../src/train/context.ts'
import { prunedWeights } from '../../src/train/pruned-weights.ts'
import { wasmEngine } from '../../src/train/wasm/engine.ts'
import { withTrainer } from '../../src/train/with-trainer.ts'
import { network, noise } from './noise.ts'

const dataset = noise()

test('taylor drops the channel that nobody listens to, however large; gamma drops the smallest', () => {
  const unpruned = network(4)
  const { recipe } = planStudy({ dataset, typicalMacs: 1e4, workers: 1, trials: 1 }).trial
  const context: TrainContext = { dataset, engine: wasmEngine(), metric: { kind: 'accuracy' }, recipe, clock: () => 0 }
  const weights = withTrainer(context, unpruned, '1', (trainer) => trainer.weights())
  weights['0/gamma']!.set([1, 5, 0.9, 1.1])
  for (let unit = 0; unit < 3; unit++) weights['2/kernel']![unit * 4 + 1] = 0
  const batcher = makeBatcher(dataset, dataset.splits.train, [4, 4, 2], { seed: '1', augment: 0 })
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
