import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { countGraph } from '../../src/graph/count.ts'
import { type Graph, inputShape } from '../../src/graph/graph.ts'
import { parametersOf, type Weights } from '../../src/graph/weights.ts'
import { pruneChannels } from '../../src/quant/prune.ts'
import { layersAfter } from '../../src/search/relative.ts'
import { decode } from '../../src/space/decode.ts'
import { type Genome, openSpace } from '../../src/space/genes.ts'
import { canonical, mutate, randomGenome } from '../../src/space/genome.ts'
import { loadSpace } from '../../src/space/load.ts'
import { inheritWeights } from '../../src/train/inherit.ts'
import { initialWeights } from '../../src/train/initial-weights.ts'
import { wasmEngine } from '../../src/train/wasm/engine.ts'
import { type Random, rng } from '../../src/util/rng.ts'

vi.setConfig({ testTimeout: 60_000 })

const space = openSpace(loadSpace('mcunet'), { input: [16, 16, 2], outputs: 3, task: 'classification' })
const seeds = fc.integer({ min: 0, max: 1e6 })

/** A random network that is no burden to run. */
function small(random: Random): Genome {
  for (;;) {
    const genome = randomGenome(space, random)
    if (countGraph(decode(space, genome).unpruned).macs < 4e5) return genome
  }
}

/** Weights as a training might leave them: batch norm included, no two channels alike. */
function trained(graph: Graph, random: Random): Weights {
  const weights: Record<string, Float32Array> = { ...initialWeights(graph, 'relative') }
  for (const { name, part } of parametersOf(graph))
    if (part !== 'kernel')
      weights[name] = weights[name]!.map(() => (part === 'beta' || part === 'mean' ? 0.2 * random.normal() : 0.5 + random.next()))
  return weights
}

function logits(graph: Graph, weights: Weights, random: Random): Float32Array {
  const optimizer = { kind: 'sgd', momentum: 0, weightDecay: 0 } as const
  const trainer = wasmEngine().create(graph, {
    batchSize: 4,
    loss: { kind: 'crossEntropy', labelSmoothing: 0 },
    optimizer,
    seed: '',
  })
  trainer.load(weights)
  const [h, w, c] = inputShape(graph)
  const found = trainer.predict(
    Float32Array.from({ length: 4 * h * w * c }, () => random.normal()),
    4,
  )
  trainer.dispose()
  return found
}

test('a network is its own relative: every weight stays', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const random = rng('self', seed)
      const network = decode(space, small(random))
      const weights = trained(network.graph, random)
      const relative = { graph: network.graph, weights, layers: layersAfter(network, network) }
      expect(inheritWeights(network.graph, relative, initialWeights(network.graph, 'fresh'))).toEqual(weights)
    }),
    { numRuns: 20 },
  )
})

test('where only channels go, what stays is what pruning by gamma keeps', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const random = rng('cut', seed)
      const { graph, unpruned, roles } = decode(space, small(random))
      const weights = trained(unpruned, random)
      const layers = layersAfter({ graph, roles }, { graph: unpruned, roles })
      expect(inheritWeights(graph, { graph: unpruned, weights, layers }, initialWeights(graph, 'fresh'))).toEqual(
        pruneChannels(unpruned, graph, weights, 'gamma'),
      )
    }),
    { numRuns: 20 },
  )
})

/** The same network with wider layers, wider kernels, more channels kept, and further residual blocks. */
function larger(genome: Genome, random: Random): Genome {
  const grown = space.genes.map(({ letter, labels, group }, i) => {
    const up = Math.min(labels.length - 1, genome[i]! + random.int(2))
    const isExpansionOfNone = letter === 'e' && labels[genome[i]!] === '1'
    const residual = space.genes.findIndex((g) => g.group === group && g.letter === 'r')
    const isGrowingStage = letter === 'd' && labels[genome[i]!] !== '0' && labels[genome[i]!] !== '1' && genome[residual] === 1
    if (letter === 'd') return isGrowingStage ? up : genome[i]!
    return !isExpansionOfNone && ['k', 'e', 'p', 'c'].includes(letter) ? up : genome[i]!
  })
  return canonical(space, grown)
}

test('a larger network computes at first what its relative computed', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const random = rng('grow', seed)
      const genome = small(random)
      const [old, network] = [decode(space, genome), decode(space, larger(genome, random))]
      const weights = trained(old.graph, random)
      const relative = { graph: old.graph, weights, layers: layersAfter(network, old) }
      const grown = inheritWeights(network.graph, relative, initialWeights(network.graph, 'fresh'))
      const [before, after] = [logits(old.graph, weights, rng('inputs')), logits(network.graph, grown, rng('inputs'))]
      const scale = Math.max(1, ...before.map(Math.abs))
      after.forEach((value, i) => {
        expect(Math.abs(value - before[i]!)).toBeLessThan(1e-3 * scale)
      })
    }),
    { numRuns: 30 },
  )
})

test('from any relative of the space, every weight is there and finite', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const random = rng('any', seed)
      const genome = small(random)
      const [old, network] = [
        decode(space, genome),
        decode(space, random.next() < 0.5 ? small(random) : mutate(space, genome, random)),
      ]
      const relative = { graph: old.graph, weights: trained(old.graph, random), layers: layersAfter(network, old) }
      const made = inheritWeights(network.graph, relative, initialWeights(network.graph, 'fresh'))
      for (const { name, shape } of parametersOf(network.graph)) {
        expect(made[name]).toHaveLength(shape.reduce((a, b) => a * b, 1))
        expect(made[name]!.every(Number.isFinite)).toBe(true)
      }
    }),
    { numRuns: 30 },
  )
})
