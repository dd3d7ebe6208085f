import { errorOf, type Metric } from '../task/metric.ts'
import { paretoDominates } from './domination.ts'
import { hypervolume } from './hypervolume.ts'
import { type ObjectiveName, objective, type TargetSpec, type Trial } from './trial.ts'

/** The best trade-offs of one target: trained trials within its budget, none dominated, cheapest error first. */
export type Front = {
  readonly target: string
  readonly trials: readonly Trial[]
  /** Share of the box between 0 and the reference that the front dominates, 0 .. 1. */
  readonly hypervolume: number
}

/** Objectives of a trained trial on a target, smaller is better. */
export const objectivesOf = (trial: Trial, target: string, names: readonly ObjectiveName[], metric: Metric): number[] =>
  names.map((name) => objective(trial, target, name, (score) => errorOf(metric, score)))

/** Each objective as a share of its reference. */
export const normalise = (objectives: readonly number[], reference: readonly number[]): number[] =>
  objectives.map((x, i) => x / reference[i]!)

/** Trained, and inside the target's budget. */
export const isFeasible = (trial: Trial, target: string): boolean =>
  trial.state === 'trained' && trial.score !== null && trial.costs[target]!.violation <= 0

/**
 * The front of a target as a pure function of the trials. Of trials with equal objectives the first stays. A network that was trained at several rungs
 * counts once, as its longest training left it, even where that scored less: the better of two scores would be the luckier one.
 */
export function frontOf(
  trials: readonly Trial[],
  target: TargetSpec,
  objectives: readonly ObjectiveName[],
  metric: Metric,
): Front {
  const entries = longestOf(trials)
    .filter((trial) => isFeasible(trial, target.id))
    .map((trial) => ({ trial, at: objectivesOf(trial, target.id, objectives, metric) }))
  const members = entries.filter(
    (a, i) => !entries.some((b, j) => paretoDominates(b.at, a.at) || (j < i && b.at.every((x, k) => x === a.at[k]))),
  )
  members.sort((a, b) => a.at[0]! - b.at[0]! || a.trial.n - b.trial.n)
  const unit = target.reference.map(() => 1)
  return {
    target: target.id,
    trials: members.map((m) => m.trial),
    hypervolume: hypervolume(
      members.map((m) => normalise(m.at, target.reference)),
      unit,
    ),
  }
}

/** Trials that no longer training of the same network stands for. */
export function longestOf(trials: readonly Trial[]): readonly Trial[] {
  if (trials.every((t) => t.rung === 0)) return trials
  const longest = new Map<string, number>()
  for (const { state, graphHash, rung } of trials)
    if (state === 'trained') longest.set(graphHash, Math.max(rung, longest.get(graphHash) ?? 0))
  return trials.filter((t) => t.rung >= (longest.get(t.graphHash) ?? 0))
}

/**
 * Trials that may stand on the front after the last of `trials`: with one rung those of the front before and that last one. A longer training may
 * take a trial off the front, and then any other may come back.
 */
export const contenders = (before: Pick<Front, 'trials'>, trials: readonly Trial[]): readonly Trial[] =>
  trials.some((t) => t.rung > 0) ? trials : [...before.trials, trials.at(-1)!]

/** Share of `b` that some point of `a` equals or dominates (Zitzler's C): 1 = a covers all of b. Not symmetric. */
export function coverage(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  if (b.length === 0) return 1
  const covered = b.filter((q) => a.some((p) => p.every((x, i) => x <= q[i]!)))
  return covered.length / b.length
}
