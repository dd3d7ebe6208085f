import { countGraph } from '../graph/count.ts'
import { type Graph, inputShape } from '../graph/graph.ts'
import { isWindowed } from '../graph/traits.ts'
import type { Genome, Space } from '../space/genes.ts'
import { activeGenes } from '../space/genome.ts'
import { backward, cholesky, forward } from '../util/cholesky.ts'
import { exp, log } from '../util/math.ts'
import type { Random } from '../util/rng.ts'

/** A network to guess at. `examples` that its weights have seen after training: all networks of one surrogate have the number, or none. */
export type Guessed = { readonly graph: Graph; readonly genome: Genome; readonly examples: number | undefined }

/** A guess at the error of a network: its median, and one draw from what the trials so far leave possible. */
export type Surrogate = {
  median(network: Guessed): number
  draw(random: Random): (network: Guessed) => number
}

/**
 * Bayesian linear regression of log error on a network's size, depth, resolution and genes (Bishop 2006, 3.3). It only chooses which of
 * several children is trained; no reported number comes from it. A draw of its weights (Thompson sampling) makes it try what it is
 * unsure about. Sizes may bend the curve freely (wide prior); a single gene is expected to matter little (narrow prior).
 */
export function fitSurrogate(space: Space, data: readonly (Guessed & { readonly error: number })[]): Surrogate {
  const x = data.map((d) => features(space, d))
  const y = data.map((d) => log(Math.max(d.error, 1e-3)))
  const mean = y.reduce((a, b) => a + b, 0) / y.length
  const width = x[0]!.length
  const variance = Math.max(1e-4, y.reduce((sum, v) => sum + (v - mean) * (v - mean), 0) / y.length)
  // noise 15 % of the spread; prior deviation of a weight in units of the spread
  const noise = 0.0225 * variance
  const wide = sizeFeatures + (data[0]!.examples === undefined ? 0 : 1)
  const precision = (i: number) => 1 / (variance * (i < wide ? 1 : 0.02))
  const a = Array.from({ length: width }, (_, i) => {
    const row = new Float64Array(width)
    row[i] = precision(i)
    return row
  })
  const b = new Float64Array(width)
  x.forEach((row, k) => {
    for (let i = 0; i < width; i++) {
      b[i]! += (row[i]! * (y[k]! - mean)) / noise
      for (let j = 0; j <= i; j++) a[i]![j]! += (row[i]! * row[j]!) / noise
    }
  })
  const l = cholesky(a)
  const weights = backward(l, forward(l, b))
  const errorAt = (w: Float64Array, network: Guessed) =>
    exp(mean + features(space, network).reduce((sum, v, i) => sum + v * w[i]!, 0))
  return {
    median: (network) => errorAt(weights, network),
    draw: (random) => {
      const z = backward(
        l,
        Float64Array.from({ length: width }, () => random.normal()),
      )
      const drawn = weights.map((w, i) => w + z[i]!)
      return (network) => errorAt(drawn, network)
    },
  }
}

const sizeFeatures = 9

/** Sizes (about -2 .. 2) and their squares, examples seen, then each gene: its place in its list (-1 .. 1), 0 where it says nothing. */
function features(space: Space, { graph, genome, examples }: Guessed): number[] {
  const { macs, params } = countGraph(graph)
  const [m, p] = [(log(1 + macs) - 13.1) / 2, (log(1 + params) - 9.2) / 1.5]
  const depth = log(1 + graph.ops.filter(isWindowed).length) - 2
  const resolution = log(inputShape(graph)[0] / space.context.input[0])
  const active = activeGenes(space, genome)
  const seen = examples === undefined ? [] : [(log(1 + examples) - 9.2) / 1.5]
  return [1, m, p, m * m, p * p, m * p, depth, depth * depth, resolution, ...seen].concat(
    space.genes.map((gene, i) => (active[i] ? (2 * genome[i]!) / (gene.labels.length - 1) - 1 : 0)),
  )
}
