import type { Graph } from '../graph/graph.ts'
import type { Decoded } from '../space/decode.ts'
import type { Genome, Space } from '../space/genes.ts'
import type { Metric } from '../task/metric.ts'
import type { Random } from '../util/rng.ts'
import type { ObjectiveName, Proposal, TargetCost, TargetSpec, Trial } from './trial.ts'

/** What is fixed for a whole study and shapes its proposals. Nothing here may depend on the machine or on how long the search will run. */
export type SearchSetup = {
  readonly space: Space
  readonly targets: readonly TargetSpec[]
  readonly objectives: readonly ObjectiveName[]
  readonly metric: Metric
  readonly seed: string | number
  /** Identity of the training recipe: a part of every candidate's key. */
  readonly recipeHash: string
  /** Trial n learns from trials 0 .. n-lag-1. */
  readonly lag: number
  /** Price of a pruned graph on every target, by target id. */
  price(graph: Graph): Readonly<Record<string, TargetCost>>
  /** What training a network at a rung takes, known before it is trained. */
  effort(network: Pick<Decoded, 'graph' | 'unpruned'>, rung: number): Effort
}

/** Examples that a training sees, and its work in MACs: what stands for CPU seconds, which are not the same everywhere. */
export type Effort = { readonly examples: number; readonly work: number }

/** A relative as a training needs it: its weights by content address, their graph, its layer for each operator (-1: none), and how much they have seen. */
export type RelativeWeights = {
  readonly weights: string
  readonly graph: Graph
  readonly layers: readonly number[]
  readonly examples: number
}

/** A priced network that waits to be trained. */
export type Candidate = {
  readonly n: number
  readonly genome: Genome
  readonly text: string
  readonly parents: readonly number[]
  /** How long it is trained (`Trial.rung`). */
  readonly rung: number
  readonly graph: Graph
  readonly unpruned: Graph
  /** Whose weights its training begins with; absent = it begins at random. */
  readonly relative?: RelativeWeights
  readonly weightsFrom?: string
  readonly graphHash: string
  readonly costs: Readonly<Record<string, TargetCost>>
  readonly macs: number
  readonly params: number
}

/**
 * What a strategy sees: finished trials 0 .. n-lag-1, the proposals between them and n (their results do not exist yet), and how many
 * proposals for n were refused already, so that it can leave a corner where everything is known or too big.
 */
export type View = {
  readonly history: readonly Trial[]
  readonly pending: readonly Pick<Proposal, 'genome' | 'rung'>[]
  readonly attempt: number
}
export type Strategy = (view: View, n: number, random: Random) => Proposal
export type StrategyFactory = (study: SearchSetup) => Strategy
