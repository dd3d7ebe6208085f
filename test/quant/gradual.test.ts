import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildGraph } from '../../src/graph/build.ts'
import type { Graph } from '../../src/graph/graph.ts'
import { gradualCuts } from '../../src/quant/gradual.ts'
import { pruneChannels } from '../../src/quant/prune.ts'
import { decode } from '../../src/space/decode.ts'
import { openSpace } from '../../src/space/genes.ts'
import { randomGenome } from '../../src/space/genome.ts'
import { loadSpace } from '../../src/space/load.ts'
import { rng } from '../../src/util/rng.ts'
import { randomWeights } from './float-reference.ts'

const spaces = (['mcunet', 'mobilenetv3', 'ds-cnn', 'mlp'] as const).map((name) =>
  openSpace(loadSpace(name), { input: [28, 28, 1], outputs: 10, task: 'classification', kind: 'image' }),
)
const channels = (graph: Graph) => graph.shapes.map((shape) => shape[2])

test('cuts of any genome lead from unpruned to pruned, each an ancestor of the next, and the weights follow', () => {
  fc.assert(
    fc.property(fc.constantFrom(...spaces), fc.nat(), fc.integer({ min: 1, max: 5 }), (space, seed, rounds) => {
      const { graph, unpruned } = decode(space, randomGenome(space, rng('gradual', seed)))
      const cuts = gradualCuts(unpruned, graph, rounds)
      expect([cuts.length, cuts.at(-1)]).toEqual([rounds, graph])
      let before = unpruned
      let weights = randomWeights(unpruned, seed)
      for (const cut of cuts) {
        channels(cut).forEach((c, t) => {
          expect(c).toBeLessThanOrEqual(channels(before)[t]!)
          expect(c).toBeGreaterThanOrEqual(channels(graph)[t]!)
        })
        weights = pruneChannels(before, cut, weights, 'gamma') // throws where shapes do not follow
        before = cut
      }
    }),
    { numRuns: 60 },
  )
})

test('most goes early: of three rounds the first takes 19 of 27 parts, the second 7, the last 1', () => {
  const dense = (units: number) =>
    buildGraph(
      [1, 1, 8],
      [
        { kind: 'dense', inputs: [0], units, activation: 'relu' },
        { kind: 'dense', inputs: [1], units: 3, activation: 'none' },
      ],
    )
  const units = (cuts: readonly Graph[]) => cuts.map((cut) => cut.shapes[1]![2])
  expect(units(gradualCuts(dense(4 * 28), dense(4), 3))).toEqual([4 * 9, 4 * 2, 4])
  expect(units(gradualCuts(dense(30), dense(13), 3))).toEqual([20, 13, 13]) // 18.04 and 13.63, to fours
})
