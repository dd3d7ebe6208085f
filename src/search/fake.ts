import { countGraph } from '../graph/count.ts'
import { elements, type Graph, inputShape, outputShape } from '../graph/graph.ts'
import { hasWeights, int4Layers, isWindowed } from '../graph/traits.ts'
import { errorOf, type Metric } from '../task/metric.ts'
import { pow } from '../util/math.ts'
import { seed32 } from '../util/rng.ts'
import type { EvaluationResult } from './loop.ts'
import type { Candidate } from './strategy.ts'

/**
 * `--engine fake`: a score made up from the network's shape, in microseconds. It rises with size, depth, receptive field and the narrowest
 * map, falls a little with weights in 4 bits, has diminishing returns and a little noise that belongs to the network, as real scores do. It says nothing about any data.
 */
export function fakeScore(graph: Graph, seed: string | number = 0): number {
  const { macs, params } = countGraph(graph)
  const layers = graph.ops.filter(hasWeights).length
  const features = elements(graph.shapes.findLast((_, t) => t > 0 && graph.ops[t - 1]!.kind === 'mean') ?? [1, 1, 16])
  const narrowest = Math.min(...graph.shapes.slice(1, -3).map(elements), elements(inputShape(graph)))
  const quality =
    pow(rising(macs, 40_000), 0.2) *
    pow(rising(params, 2500), 0.25) *
    pow(rising(layers, 3), 0.3) *
    pow(rising(features, 8), 0.25) *
    pow(rising(narrowest, 40), 0.2) *
    pow(rising(reach(graph), 0.35), 0.3) *
    (1 - (0.03 * int4Layers(graph)) / layers) *
    (1 - 0.0004 * (layers - 12) * (layers - 12)) // very deep ones train badly in few epochs
  const chance = 1 / Math.max(2, outputShape(graph)[2])
  const noise = (seed32('fake', seed, macs, params, layers, narrowest) / 4294967296 - 0.5) * 0.012
  return Math.min(1, Math.max(0, chance + (0.98 - chance) * Math.max(0, quality) + noise))
}

/** The result of a trial under the fake engine; errors of regression are 1 - score. */
export function fakeResult(
  { graph, unpruned, rung }: Pick<Candidate, 'graph' | 'unpruned' | 'rung'>,
  metric: Metric,
  seed: string | number = 0,
): EvaluationResult {
  const turn = (score: number) => (errorOf(metric, 1) === 0 ? score : 1 - score)
  const step = (name: 'float' | 'pruned' | 'int8', score: number, of: Graph, bytesPerWeight: number) => {
    const { macs, params } = countGraph(of)
    return { step: name, score: turn(score), bytes: params * bytesPerWeight, macs, milliseconds: 0 }
  }
  const score = trainedOn(fakeScore(graph, seed), rung)
  const float = Math.max(score, trainedOn(fakeScore(unpruned, seed), rung))
  const steps = [step('float', float, unpruned, 4), step('pruned', score, graph, 4), step('int8', score, graph, 1)]
  return { state: 'trained', score: turn(score), steps, weights: null }
}

/** Each rung takes a tenth of the error. */
const trainedOn = (score: number, rung: number): number => (rung === 0 ? score : trainedOn(score + 0.1 * (1 - score), rung - 1))

const rising = (x: number, half: number): number => x / (x + half)

/** Receptive field of the last map as a share of the input's rows. */
function reach(graph: Graph): number {
  let field = 1
  let step = 1
  for (const op of graph.ops) {
    if (!isWindowed(op)) continue
    field += (op.kernel[0] - 1) * step
    step *= op.stride[0]
  }
  return Math.min(2, field / inputShape(graph)[0])
}
