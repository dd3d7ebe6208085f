import type { Graph } from '../graph/graph.ts'
import { hasWeights, kernelsOf, sizeOf } from '../graph/traits.ts'
import { type Decoded, decode } from '../space/decode.ts'
import type { Genome, Space } from '../space/genes.ts'
import { frontOf } from './front.ts'
import type { RelativeWeights, SearchSetup } from './strategy.ts'
import { lengthRung, type Trial } from './trial.ts'

type Network = Pick<Decoded, 'graph' | 'roles'>

/** For each operator of a network the layer of another one of its space that has the same role, -1 where there is none. */
export function layersAfter({ graph, roles }: Network, other: Network): number[] {
  const layers = new Map(other.roles.map((role, i) => [role, i]))
  return graph.ops.map((op, i) => (hasWeights(op) ? (layers.get(roles[i]!) ?? -1) : -1))
}

/** The graphs of a network's training: one that begins with a relative's weights begins with the channels that it keeps. */
export function decodeTrained(space: Space, { genome, weightsFrom }: Pick<Trial, 'genome' | 'weightsFrom'>): Decoded {
  const decoded = decode(space, genome)
  return weightsFrom === undefined ? decoded : { ...decoded, unpruned: decoded.graph }
}

/** Examples that a trial's weights have seen, those of its relatives' included. */
export const examplesSeen = (
  study: Pick<SearchSetup, 'space' | 'effort'>,
  trial: Pick<Trial, 'genome' | 'rung' | 'weightsFrom' | 'ancestralExamples'>,
): number => (trial.ancestralExamples ?? 0) + study.effort(decodeTrained(study.space, trial), lengthRung(trial)).examples

/** The weights that a proposal names, as a training needs them. */
export function relativeWeights(study: SearchSetup, genome: Genome, history: readonly Trial[], weights: string): RelativeWeights {
  const trial = history.find((t) => t.weights === weights)
  if (!trial) throw new RangeError(`a strategy asked for weights that no trial in its view has: ${weights}`)
  const relative = decode(study.space, trial.genome)
  return {
    weights,
    graph: relative.graph,
    layers: layersAfter(decode(study.space, genome), relative),
    examples: examplesSeen(study, trial),
  }
}

/** Kernels that two networks share, as a share of all that either has: 1 = the same, whichever begins with the other's weights. */
function overlap(network: Network, other: Network): number {
  let shared = 0
  let all = kernelValues(other.graph)
  const after = layersAfter(network, other)
  after.forEach((layer, i) => {
    const old = layer < 0 ? [] : kernelsOf(other.graph, layer)
    kernelsOf(network.graph, i).forEach(({ shape }, k) => {
      all += sizeOf(shape)
      if (old[k]) shared += sizeOf(shape.map((n, d) => Math.min(n, old[k]!.shape[d]!)))
    })
  })
  return shared / (all - shared)
}

const kernelValues = (graph: Graph): number =>
  graph.ops.reduce((sum, _, i) => sum + kernelsOf(graph, i).reduce((values, { shape }) => values + sizeOf(shape), 0), 0)

/** Trials older than this many are relatives only while they are on a front, so that the weights which are kept are bounded. */
const window = 96

/** Trials whose weights later proposals may ask for, of those that a proposal sees. */
export function inheritable(
  study: Pick<SearchSetup, 'targets' | 'objectives' | 'metric'>,
  history: readonly Trial[],
): readonly Trial[] {
  const has = (t: Trial) => t.state === 'trained' && t.weights !== null
  const recent = history.filter(has).slice(-window)
  const fronts = study.targets.flatMap((target) => frontOf(history, target, study.objectives, study.metric).trials.filter(has))
  return [...new Set([...fronts, ...recent])].sort((a, b) => a.n - b.n)
}

/**
 * Weights that a proposal from now on, or one that is in flight, is likely to ask for: what the oldest of them sees, and all that came after. Who is not
 * on a front then comes back to it only where a longer training of another network scored less than its first.
 */
export function neededLater(study: SearchSetup, committed: readonly Trial[]): Set<string> {
  const seen = Math.max(0, committed.length - study.lag - 1)
  const needed = [...inheritable(study, committed.slice(0, seen)), ...committed.slice(seen)]
  return new Set(needed.flatMap((t) => t.weights ?? []))
}

/**
 * Finds the trained trial with which a network shares most; of equals the last, which has the longest ancestry. Undefined where nobody is near.
 * It remembers the networks that it has seen.
 */
export function relativeFinder(study: SearchSetup): (history: readonly Trial[], genome: Genome) => Trial | undefined {
  const networks = new Map<string, Decoded>()
  const networkOf = (genome: Genome): Decoded => {
    const key = String(genome)
    const network = networks.get(key) ?? decode(study.space, genome)
    networks.set(key, network)
    return network
  }
  return (history, genome) => {
    const network = decode(study.space, genome)
    let nearest: Trial | undefined
    let most = leastShare
    for (const trial of inheritable(study, history)) {
      const share = overlap(network, networkOf(trial.genome))
      if (share >= most) {
        nearest = trial
        most = share
      }
    }
    return nearest
  }
}

/** Under it a relative is no better a beginning than none. */
const leastShare = 0.25
