import { countGraph } from '../graph/count.ts'
import { decode } from '../space/decode.ts'
import type { Genome } from '../space/genes.ts'
import type { Random } from '../util/rng.ts'
import { isFeasible, normalise, objectivesOf } from './front.ts'
import { improvement, nonDominated } from './hypervolume.ts'
import type { SearchSetup, View } from './strategy.ts'
import type { Surrogate } from './surrogate.ts'
import { objective, type Proposal, type TargetSpec, type Trial } from './trial.ts'

/**
 * What a proposal is for. Hypervolume hardly sees the accurate end of a front, where every cost is near its bound and the box below the
 * reference is thin; but the most accurate network that fits is what most people flash. So some proposals care for it alone.
 */
export type Goal = 'front' | 'error'

/** The child that promises most for the goal; a network that was proposed before, or that the target cannot hold, promises nothing. */
export function mostPromising(
  study: SearchSetup,
  target: TargetSpec,
  goal: Goal,
  trained: readonly Trial[],
  surrogate: Surrogate,
  view: View,
  brood: readonly Proposal[],
  random: Random,
): Proposal {
  const known = new Set([...view.history.map((t) => String(t.genome)), ...view.pending.map((p) => String(p.genome))])
  const draw = surrogate.draw(random)
  const gainOf = goal === 'error' ? (guess: Guess) => 1 / guess.error : frontGain(study, target, trained, surrogate, view)
  let best = brood[0]!
  let most = -1
  for (const child of brood) {
    const guess = known.has(String(child.genome)) ? undefined : guessAt(study, target, child.genome, draw)
    const gain = guess ? gainOf(guess) : -1
    if (gain > most) {
      best = child
      most = gain
    }
  }
  return best
}

type Guess = { readonly error: number; readonly objectives: readonly number[] }

/** Known costs and a guessed error, as shares of the target's reference; undefined where it does not fit. */
function guessAt(study: SearchSetup, target: TargetSpec, genome: Genome, errorAt: Surrogate['median']): Guess | undefined {
  const { graph } = decode(study.space, genome)
  const costs = study.price(graph)
  if (costs[target.id]!.violation > 0) return undefined
  const error = errorAt(graph, genome)
  const guessed = { costs, macs: countGraph(graph).macs, score: error }
  const values = study.objectives.map((name) => objective(guessed, target.id, name, (score) => score))
  return { error, objectives: normalise(values, target.reference) }
}

/** What a guess would add to the hypervolume of the target's front, to which unfinished trials belong at their median. */
function frontGain(study: SearchSetup, target: TargetSpec, trained: readonly Trial[], surrogate: Surrogate, view: View) {
  const front = nonDominated([
    ...trained
      .filter((t) => isFeasible(t, target.id))
      .map((t) => normalise(objectivesOf(t, target.id, study.objectives, study.metric), target.reference)),
    ...view.pending.flatMap(({ genome }) => {
      const guess = guessAt(study, target, genome, surrogate.median)
      return guess ? [guess.objectives] : []
    }),
  ])
  const unit = target.reference.map(() => 1)
  return (guess: Guess): number => improvement(guess.objectives, front, unit)
}
