import { countGraph } from '../graph/count.ts'
import { decode } from '../space/decode.ts'
import { errorOf } from '../task/metric.ts'
import type { Random } from '../util/rng.ts'
import { isFeasible, longestOf, normalise, objectivesOf } from './front.ts'
import { improvement, nonDominated } from './hypervolume.ts'
import { examplesSeen } from './relative.ts'
import type { SearchSetup, View } from './strategy.ts'
import type { Guessed, Surrogate } from './surrogate.ts'
import { goesOn, lengthRung, objective, type Proposal, type TargetSpec, type Trial } from './trial.ts'

/**
 * What a proposal is for. Hypervolume hardly sees the accurate end of a front, where every cost is near its bound and the box below the
 * reference is thin; but the most accurate network that fits is what most people flash. So some proposals care for it alone.
 */
export type Goal = 'front' | 'error'

/** What a brood is judged by. */
export type Outlook = {
  readonly target: TargetSpec
  readonly goal: Goal
  readonly trained: readonly Trial[]
  readonly surrogate: Surrogate
  readonly view: View
  /** A gain counts by itself, or by the work of the training that it takes. */
  readonly per: 'trial' | 'work'
  /** Examples that the weights which children begin with have typically seen; undefined where they begin at random. */
  readonly ancestral: number | undefined
}

/** The child that promises most for the goal; a network that was proposed before, or that the target cannot hold, promises nothing. */
export function mostPromising(study: SearchSetup, outlook: Outlook, brood: readonly Proposal[], random: Random): Proposal {
  const { goal, surrogate, view, per } = outlook
  const known = new Set([...view.history, ...view.pending].map(keyOf))
  const draw = surrogate.draw(random)
  const gainOf = goal === 'error' ? errorGain(study, outlook) : frontGain(study, outlook)
  let best = brood[0]!
  let most = Number.NEGATIVE_INFINITY
  for (const child of brood) {
    const guess = known.has(keyOf(child)) ? undefined : guessAt(study, outlook, child, draw)
    if (!guess) continue
    const gain = gainOf(guess)
    const worth = per === 'work' && gain > 0 ? gain / guess.work : gain
    if (worth > most) {
      best = child
      most = worth
    }
  }
  return best
}

const keyOf = ({ genome, rung }: Pick<Proposal, 'genome' | 'rung'>): string => `${genome}@${rung}`

type Guess = { readonly error: number; readonly objectives: readonly number[]; readonly work: number }

/** Known costs and a guessed error, as shares of the target's reference; undefined where it does not fit. */
function guessAt(
  study: SearchSetup,
  { target, ancestral, trained }: Outlook,
  proposal: Pick<Proposal, 'genome' | 'rung' | 'weightsFrom'>,
  errorAt: (network: Guessed) => number,
): Guess | undefined {
  const { genome } = proposal
  const network = decode(study.space, genome)
  const { graph } = network
  const costs = study.price(graph)
  if (costs[target.id]!.violation > 0) return undefined
  const { examples, work } = study.effort(ancestral === undefined ? network : { graph, unpruned: graph }, lengthRung(proposal))
  const at = (seen: number | undefined) => errorAt({ graph, genome, examples: seen === undefined ? undefined : seen + examples })
  const before = goesOn(proposal) ? trained.find((t) => t.weights === proposal.weightsFrom) : undefined
  const error = before ? errorAfter(study, before, at) : at(ancestral)
  const guessed = { costs, macs: countGraph(graph).macs, score: error }
  const values = study.objectives.map((name) => objective(guessed, target.id, name, (score) => score))
  return { error, objectives: normalise(values, target.reference), work }
}

/** A network that goes on keeps what it has been seen to do: guesses say only by how much more examples lower an error. */
function errorAfter(study: SearchSetup, before: Trial, at: (seen: number) => number): number {
  const seen = examplesSeen(study, before)
  return errorOf(study.metric, before.score!) * Math.min(1, at(seen) / at(0))
}

/**
 * What a guess would take from the least error that the target holds so far. A gain by the trial has no zero, since any lower error is better; by the
 * work, only what improves is worth any, and of what does not improve the nearest comes first.
 */
function errorGain(study: SearchSetup, { target, trained, per }: Outlook) {
  if (per === 'trial') return (guess: Guess): number => 1 / guess.error
  const errors = trained.filter((t) => isFeasible(t, target.id)).map((t) => errorOf(study.metric, t.score!))
  const least = Math.min(...errors)
  return (guess: Guess): number => least - guess.error
}

/** What a guess would add to the hypervolume of the target's front, to which unfinished trials belong at their median. */
function frontGain(study: SearchSetup, outlook: Outlook) {
  const { target, trained, surrogate, view } = outlook
  const front = nonDominated([
    ...longestOf(trained)
      .filter((t) => isFeasible(t, target.id))
      .map((t) => normalise(objectivesOf(t, target.id, study.objectives, study.metric), target.reference)),
    ...view.pending.flatMap((proposal) => {
      const guess = guessAt(study, outlook, proposal, surrogate.median)
      return guess ? [guess.objectives] : []
    }),
  ])
  const unit = target.reference.map(() => 1)
  return (guess: Guess): number => improvement(guess.objectives, front, unit)
}
