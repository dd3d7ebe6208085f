import { expect, test } from 'vitest'
import { countGraph } from '../../src/graph/count.ts'
import { planStudy } from '../../src/run/record/plan.ts'
import type { TrainContext } from '../../src/train/context.ts'
import type { Engine } from '../../src/train/engine.ts'
import { finishNetwork, type Network, startNetwork } from '../../src/train/network.ts'
import { totalSteps } from '../../src/train/recipe.ts'
import { wasmEngine } from '../../src/train/wasm/engine.ts'
import { network, noise } from './noise.ts'

const dataset = noise()
const candidate: Network = { graph: network(4), unpruned: network(32), seed: '1' }
const { recipe } = planStudy({ dataset, typicalMacs: 1e4, workers: 1, trials: 1 }).trial

/** Trains the candidate in so many rounds; with the learning rate and the channels of every step. */
function trained(pruneRounds: number, tuneExamples: number) {
  const steps: { rate: number; channels: number }[] = []
  const engine = wasmEngine()
  const watched: Engine = {
    ...engine,
    create(graph, options) {
      const trainer = engine.create(graph, options)
      const step: typeof trainer.step = (batch, now) => {
        steps.push({ rate: now.learningRate, channels: graph.shapes[1]![2] })
        return trainer.step(batch, now)
      }
      return Object.assign(Object.create(trainer), { step })
    },
  }
  const context: TrainContext = {
    ...{ dataset, engine: watched, metric: { kind: 'accuracy' }, clock: () => 0 },
    recipe: { ...recipe, batchSize: 8, warmExamples: 80, tuneExamples, pruneRounds, int8Tolerance: null },
  }
  const start = startNetwork(context, candidate, 'searchValidation')
  return { ...finishNetwork(context, candidate, start, 'searchValidation'), trainings: steps, recipe: context.recipe }
}
const runs = (values: readonly number[]) =>
  values.reduce<[number, number][]>((found, v) => {
    const last = found.at(-1)
    if (last?.[0] === v) last[1]++
    else found.push([v, 1])
    return found
  }, [])

test('in three rounds: a share of the steps after each, two after the last, one learning-rate schedule over all', () => {
  const { trainings, steps, weights, recipe } = trained(3, 160)
  expect(trainings).toHaveLength(totalSteps(recipe))
  // 32 - 28 x 19/27 = 12.3 and 32 - 28 x 26/27 = 5.04 channels, to fours
  expect(runs(trainings.map((t) => t.channels))).toEqual([
    [32, 10],
    [12, 5],
    [4, 15],
  ])
  expect(weights['0/gamma']).toHaveLength(4)
  const pruned = steps.filter((s) => s.step === 'pruned')
  expect(pruned.map((s) => s.macs)).toEqual([network(12), network(4), network(4)].map((g) => countGraph(g).macs))
  const rates = trainings.map((t) => t.rate)
  expect(rates.slice(10)).toEqual([...rates.slice(10)].sort((a, b) => b - a))
})

test('a round is ten epochs at most: what is left comes after the last', () => {
  const { trainings } = trained(2, 64 * 45)
  expect(runs(trainings.map((t) => t.channels))).toEqual([
    [32, 10],
    [8, 80],
    [4, 280],
  ])
})

test('in one round: the channels go at once, as in every trial', () => {
  expect(runs(trained(1, 160).trainings.map((t) => t.channels))).toEqual([
    [32, 10],
    [4, 20],
  ])
})
