import { type Budget, totalViolation, violations } from '../../device/cost.ts'
import { price } from '../../device/predict.ts'
import type { Target } from '../../device/schema.ts'
import { countGraph } from '../../graph/count.ts'
import type { Graph } from '../../graph/graph.ts'
import type { TargetCost } from '../../search/trial.ts'
import { decode } from '../../space/decode.ts'
import type { Genome, Space } from '../../space/genes.ts'
import { randomGenome } from '../../space/genome.ts'
import { exp, log } from '../../util/math.ts'
import { rng } from '../../util/rng.ts'

export type TargetBudget = { readonly target: Target; readonly budget: Budget }

/** The price of a graph on every target of a study, with its violation of each budget. */
export function priceAll(graph: Graph, targets: readonly TargetBudget[]): Record<string, TargetCost> {
  const costs: Record<string, TargetCost> = {}
  for (const { target, budget } of targets) {
    const cost = price(graph, target)
    costs[target.id] = { ...cost, violation: totalViolation(violations(cost, budget)) }
  }
  return costs
}

export type Range = { readonly least: number; readonly median: number; readonly most: number }

/** What random networks of a space cost: decides how long trials are, and is what `plan` prints. */
export type Survey = {
  readonly sampled: number
  readonly feasibleAnywhere: number
  /** Geometric mean of the unpruned MACs of networks that fit somewhere (of all, if none does). */
  readonly typicalMacs: number
  readonly mostMacs: number
  readonly perTarget: Readonly<
    Record<
      string,
      {
        feasible: number
        latencyMs: Range
        ramBytes: Range
        flashBytes: Range
        energyUj: Range | null
        nearest: { genome: Genome; violation: number; cost: TargetCost }
      }
    >
  >
}

/** Prices `count` random networks. A function of space, targets and seed alone. */
export function surveySpace(space: Space, targets: readonly TargetBudget[], seed: string, count = 400): Survey {
  const samples = Array.from({ length: count }, (_, i) => {
    const genome = randomGenome(space, rng(seed, 'survey', i))
    const { graph, unpruned } = decode(space, genome)
    return { genome, costs: priceAll(graph, targets), macs: countGraph(unpruned).macs }
  })
  const fits = samples.filter(({ costs }) => Object.values(costs).some((c) => c.violation === 0))
  const of = fits.length > 0 ? fits : samples
  return {
    sampled: count,
    feasibleAnywhere: fits.length,
    typicalMacs: Math.round(exp(of.reduce((sum, s) => sum + log(Math.max(1, s.macs)), 0) / of.length)),
    mostMacs: Math.max(...samples.map((s) => s.macs)),
    perTarget: Object.fromEntries(
      targets.map(({ target: { id } }) => {
        const costs = samples.map((s) => s.costs[id]!)
        const nearest = samples.reduce((a, b) => (b.costs[id]!.violation < a.costs[id]!.violation ? b : a))
        return [
          id,
          {
            feasible: costs.filter((c) => c.violation === 0).length,
            latencyMs: range(costs.map((c) => c.latencyMs)),
            ramBytes: range(costs.map((c) => c.ramBytes)),
            flashBytes: range(costs.map((c) => c.flashBytes)),
            energyUj: costs[0]!.energyUj === null ? null : range(costs.map((c) => c.energyUj ?? 0)),
            nearest: { genome: nearest.genome, violation: nearest.costs[id]!.violation, cost: nearest.costs[id]! },
          },
        ]
      }),
    ),
  }
}

function range(values: number[]): Range {
  const sorted = [...values].sort((a, b) => a - b)
  return { least: sorted[0]!, median: sorted[sorted.length >> 1]!, most: sorted[sorted.length - 1]! }
}

/**
 * The teacher: of 400 random networks of the space without pruning, the one with most parameters among those within the MACs that the plan allows
 * (a wide network of the same family, Cho & Hariharan 2019: a teacher too far from its student teaches worse).
 */
export function chooseTeacher(space: Space, seed: string, teacherMacs: number): Graph {
  let best: { graph: Graph; params: number } | undefined
  let smallest: { graph: Graph; macs: number } | undefined
  for (let i = 0; i < 400; i++) {
    const { unpruned: graph } = decode(space, randomGenome(space, rng(seed, 'teacher', i)))
    const { macs, params } = countGraph(graph)
    if (!smallest || macs < smallest.macs) smallest = { graph, macs }
    if (macs <= teacherMacs && macs >= 0.4 * teacherMacs && (!best || params > best.params)) best = { graph, params }
  }
  return best?.graph ?? smallest!.graph
}
