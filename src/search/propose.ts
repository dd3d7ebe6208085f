import { countGraph } from '../graph/count.ts'
import { graphKey } from '../space/decode.ts'
import { allGenomes, sizeOfSpace, toText } from '../space/genome.ts'
import { rng } from '../util/rng.ts'
import { decodeTrained, relativeWeights } from './relative.ts'
import type { Candidate, SearchSetup, Strategy, View } from './strategy.ts'
import { type Proposal, type TargetCost, type Trial, trialKey } from './trial.ts'

/** Redraws before a proposal is given up. */
export const maxRedraws = 64
/** Up to this size a space is searched for what is left when every redraw was a duplicate. */
const listableSize = 20_000n

export type Proposed =
  | { readonly kind: 'candidate'; readonly candidate: Candidate }
  /** Nothing fitted: the nearest miss, to be recorded and never trained. */
  | { readonly kind: 'miss'; readonly candidate: Candidate; readonly reason: string }
  /** Every network of the space was proposed already, and nothing is to be trained longer. */
  | { readonly kind: 'exhausted' }

/** The proposal for trial n: the first draw that some target can hold and that was not proposed before at this rung. */
export function propose(
  study: SearchSetup,
  strategy: Strategy,
  view: Omit<View, 'attempt'>,
  seen: ReadonlySet<string>,
  n: number,
): Proposed {
  const random = rng(study.seed, 'propose', n)
  let nearest: Candidate | undefined
  for (let attempt = 0; attempt < maxRedraws; attempt++) {
    const candidate = makeCandidate(study, strategy({ ...view, attempt }, n, random), n, view.history)
    if (seen.has(trialKey(candidate))) continue
    if (missOf(candidate.costs) <= 0) return { kind: 'candidate', candidate }
    if (!nearest || missOf(candidate.costs) < missOf(nearest.costs)) nearest = candidate
  }
  if (nearest) return { kind: 'miss', candidate: nearest, reason: describeMiss(nearest.costs) }
  const last = sizeOfSpace(study.space) <= listableSize ? firstUnseen(study, seen, n) : undefined
  return last ? { kind: 'candidate', candidate: last } : { kind: 'exhausted' }
}

/** `history` has the trial whose weights the proposal names, if it names one. */
export function makeCandidate(study: SearchSetup, proposal: Proposal, n: number, history: readonly Trial[]): Candidate {
  const { genome, parents, rung } = proposal
  if (!Number.isInteger(rung) || rung < 0) throw new RangeError(`a strategy asked for rung ${rung}: rungs count from 0`)
  const { graph, unpruned } = decodeTrained(study.space, proposal)
  const { weightsFrom } = proposal
  return {
    n,
    genome,
    text: toText(study.space, genome),
    parents,
    rung,
    graph,
    unpruned,
    ...(weightsFrom === undefined ? {} : { weightsFrom, relative: relativeWeights(study, genome, history, weightsFrom) }),
    graphHash: graphKey(graph, study.recipeHash),
    costs: study.price(graph),
    ...countGraph(graph),
  }
}

/** Smallest violation over the targets: 0 = some target can hold it. */
export function missOf(costs: Readonly<Record<string, TargetCost>>): number {
  let least = Number.POSITIVE_INFINITY
  for (const id in costs) least = Math.min(least, costs[id]!.violation)
  return least
}

function describeMiss(costs: Readonly<Record<string, TargetCost>>): string {
  const [id, cost] = Object.entries(costs).sort(([, a], [, b]) => a.violation - b.violation)[0]!
  return `fits no target; nearest is ${id}, ${Math.ceil(cost.violation * 100)} % over its budget in sum`
}

function firstUnseen(study: SearchSetup, seen: ReadonlySet<string>, n: number): Candidate | undefined {
  for (const genome of allGenomes(study.space)) {
    const candidate = makeCandidate(study, { genome, parents: [], rung: 0 }, n, [])
    if (missOf(candidate.costs) <= 0 && !seen.has(trialKey(candidate))) return candidate
  }
  return undefined
}
