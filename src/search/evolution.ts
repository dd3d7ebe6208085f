import { decode } from '../space/decode.ts'
import type { Genome, Space } from '../space/genes.ts'
import { crossover, mutate, randomGenome } from '../space/genome.ts'
import { errorOf } from '../task/metric.ts'
import type { Random } from '../util/rng.ts'
import { crowding, type Point, sortFronts } from './domination.ts'
import { isFeasible, longestOf, normalise, objectivesOf } from './front.ts'
import { type InitialOrder, initialDesign, initialTrials } from './initial.ts'
import { type Goal, mostPromising } from './promise.ts'
import { missOf } from './propose.ts'
import { examplesSeen, relativeFinder } from './relative.ts'
import type { SearchSetup, Strategy, StrategyFactory } from './strategy.ts'
import { fitSurrogate } from './surrogate.ts'
import type { Proposal, TargetSpec, Trial } from './trial.ts'

export type EvolutionOptions = {
  /** Ageing: trials older than this many take part only while they are on a front (Real et al. 2019). */
  readonly window: number
  readonly tournament: number
  readonly crossoverRate: number
  /** Chance of one more mutation after each. */
  readonly furtherMutation: number
  /** Children bred for each trial, of which the surrogate picks one; 1 = no pre-screening. */
  readonly brood: number
  /** Share of a brood that is drawn at random instead of bred. */
  readonly strangers: number
  /** Share of proposals that look for the least error a target can hold, and for nothing else: see `Goal`. */
  readonly accuracy: number
  /** Share of proposals drawn at random, so that no corner is lost for ever. */
  readonly explore: number
  /** Training begins with the weights of the nearest trained relative, and guesses know how much a network's weights have seen. */
  readonly inherit: boolean
  /** See `Outlook`. */
  readonly per: 'trial' | 'work'
  readonly initial: InitialOrder
  /** Longer trainings of known networks compete with new networks. */
  readonly promote: boolean
}
const defaults: EvolutionOptions = {
  window: 96,
  tournament: 3,
  crossoverRate: 0.4,
  furtherMutation: 0.35,
  brood: 96,
  strangers: 0.3,
  accuracy: 0.3,
  explore: 0.05,
  inherit: false,
  per: 'trial',
  initial: 'spread',
  promote: false,
}

/** Of the last trials this many say how much the weights that a child takes over have seen. */
const recentTrials = 16

/**
 * Constraint-dominated NSGA-II selection (Deb et al. 2002) with ageing, over one pool of trials: accuracy does not depend on the board, so
 * every target breeds from all trials, in turn by trial number. Costs of a child are known exactly before it is trained; only its error is
 * guessed, and the child of a brood that promises most on the target whose turn it is gets trained.
 */
export const evolution =
  (overrides: Partial<EvolutionOptions> = {}): StrategyFactory =>
  (study) => {
    const options = { ...defaults, ...overrides }
    const propose = proposer(study, options)
    if (!options.inherit) return propose
    const relativeOf = relativeFinder(study)
    return (view, n, random) => {
      const proposal = propose(view, n, random)
      const weights = proposal.weightsFrom ?? relativeOf(view.history, proposal.genome)?.weights
      return weights ? { ...proposal, weightsFrom: weights } : proposal
    }
  }

/** Genomes without weights. */
function proposer(study: SearchSetup, options: EvolutionOptions): Strategy {
  let design: readonly Genome[] | undefined
  const surrogateOf = latest((trained: readonly Trial[]) =>
    fitSurrogate(
      study.space,
      trained.map((t) => ({
        graph: decode(study.space, t.genome).graph,
        genome: t.genome,
        error: errorOf(study.metric, t.score!),
        examples: options.inherit ? examplesSeen(study, t) : undefined,
      })),
    ),
  )
  return (view, n, random) => {
    if (n < initialTrials && view.attempt === 0) {
      design ??= initialDesign(study, options.initial)
      if (design[n]) return { genome: design[n], parents: [], rung: 0 }
    }
    const trained = view.history.filter((t) => t.state === 'trained' && t.score !== null)
    if (n < initialTrials || trained.length < 4 || random.next() < options.explore) return newcomer(study, random)
    const target = turnOf(study, trained, n)
    const goal: Goal = random.next() < options.accuracy ? 'error' : 'front'
    const parents = selection(study, target, goal, trained, options)
    if (options.brood === 1) return breed(study, parents, view.attempt, options, random)
    const brood = Array.from({ length: view.attempt < 8 ? options.brood : 2 }, () =>
      random.next() < options.strangers ? newcomer(study, random) : breed(study, parents, view.attempt, options, random),
    )
    const ancestral = options.inherit ? typicalAncestry(trained) : undefined
    const outlook = { target, goal, trained, surrogate: surrogateOf(trained), view, per: options.per, ancestral }
    return mostPromising(study, outlook, options.promote ? [...brood, ...promotions(study, target, trained)] : brood, random)
  }
}

/**
 * Longer trainings that compete with a brood: of the networks on the target's front, and of those just behind it, which brief trainings cannot tell apart
 * from them. Each goes on from its own weights, and so may the same network with other bits of weights.
 */
function promotions(study: SearchSetup, target: TargetSpec, trained: readonly Trial[]): Proposal[] {
  const entries = longestOf(trained).filter((t) => isFeasible(t, target.id) && t.weights !== null)
  const points = entries.map((t) => ({ objectives: objectivesOf(t, target.id, study.objectives, study.metric), violation: 0 }))
  return sortFronts(points)
    .slice(0, ranksPromoted)
    .flat()
    .map((i) => entries[i]!)
    .filter((t) => t.rung < topRung)
    .flatMap((t) =>
      [t.genome, ...twinsOf(study.space, t.genome)].map((genome) => ({
        genome,
        parents: [t.n],
        rung: t.rung + 1,
        weightsFrom: t.weights!,
      })),
    )
}

/** The network with the other choices for the bits of its weights. */
function twinsOf({ weightBits: { gene, values } }: Space, genome: Genome): Genome[] {
  if (gene < 0) return []
  return values.flatMap((_, choice) => (choice === genome[gene] ? [] : [genome.map((old, i) => (i === gene ? choice : old))]))
}
const ranksPromoted = 2
/** Sixteen times the first training: about where polish is. */
const topRung = 4

/** Examples that inherited weights have seen, in the middle of the last trials. */
function typicalAncestry(trained: readonly Trial[]): number {
  const recent = trained.slice(-recentTrials).map((t) => t.ancestralExamples ?? 0)
  return recent.sort((a, b) => a - b)[recent.length >> 1]!
}

/** Keeps the last result: redraws for one trial see one history, and a history only ever grows by trials of its own. */
function latest<T, R>(f: (trials: readonly T[]) => R): (trials: readonly T[]) => R {
  let known: { readonly length: number; readonly last: T | undefined; readonly result: R } | undefined
  return (trials) => {
    if (known?.length !== trials.length || known.last !== trials.at(-1))
      known = { length: trials.length, last: trials.at(-1), result: f(trials) }
    return known.result
  }
}

/** Targets take turns. One that no trial has fitted yet does not: the first trials were led to it in vain. */
function turnOf({ targets }: SearchSetup, trained: readonly Trial[], n: number): TargetSpec {
  const reached = targets.filter(({ id }) => trained.some((t) => isFeasible(t, id)))
  return reached[n % reached.length] ?? targets[n % targets.length]!
}

/** A random genome that fits, if a few draws find one. */
function newcomer(study: SearchSetup, random: Random): Proposal {
  for (let k = 0; ; k++) {
    const genome = randomGenome(study.space, random)
    if (k === 8 || missOf(study.price(decode(study.space, genome).graph)) <= 0) return { genome, parents: [], rung: 0 }
  }
}

type Selection = (random: Random) => Trial

/** Tournament on (rank, crowding) among the last `window` trials and the front. */
function selection(
  study: SearchSetup,
  target: TargetSpec,
  goal: Goal,
  trained: readonly Trial[],
  options: EvolutionOptions,
): Selection {
  const points = trained.map(
    (trial): Point => ({
      objectives:
        goal === 'error'
          ? [errorOf(study.metric, trial.score!)]
          : normalise(objectivesOf(trial, target.id, study.objectives, study.metric), target.reference),
      violation: trial.costs[target.id]!.violation,
    }),
  )
  const fronts = sortFronts(points)
  const fitness = new Map<number, readonly [rank: number, crowding: number]>()
  fronts.forEach((front, rank) => {
    const distance = crowding(points, front)
    front.forEach((i, k) => {
      if (rank === 0 || i >= trained.length - options.window) fitness.set(i, [rank, distance[k]!])
    })
  })
  const pool = [...fitness.keys()].sort((a, b) => a - b)
  const better = (a: number, b: number): number => {
    const [[rankA, crowdA], [rankB, crowdB]] = [fitness.get(a)!, fitness.get(b)!]
    return rankA < rankB || (rankA === rankB && crowdA >= crowdB) ? a : b
  }
  return (random) => {
    let winner = random.pick(pool)
    for (let k = 1; k < options.tournament; k++) winner = better(winner, random.pick(pool))
    return trained[winner]!
  }
}

/** Crossover or not, then one mutation and perhaps more; the more redraws, the further from the parents. */
function breed(study: SearchSetup, select: Selection, attempt: number, options: EvolutionOptions, random: Random): Proposal {
  const mother = select(random)
  const father = random.next() < options.crossoverRate ? select(random) : mother
  let genome = father === mother ? mother.genome : crossover(study.space, mother.genome, father.genome, random)
  const least = 1 + Math.floor(attempt / 8)
  for (let k = 0; k < least || random.next() < options.furtherMutation; k++) genome = mutate(study.space, genome, random)
  return { genome, parents: father === mother ? [mother.n] : [mother.n, father.n], rung: 0 }
}
