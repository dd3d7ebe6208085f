import { countGraph } from '../../graph/count.ts'
import { decodeTrained } from '../../search/relative.ts'
import { lengthRung, type Trial } from '../../search/trial.ts'
import type { Space } from '../../space/genes.ts'
import type { Recipe } from '../../train/recipe.ts'
import { clamp } from '../../util/math.ts'
import { atRung, augmentFor, type Plan, recipeFor, roundTo } from '../record/plan.ts'

/** A machine that is busier later than it was in the search should still be in time. */
const careful = 0.85

type Sized = Pick<Trial, 'n' | 'macs'>

/**
 * The recipe of each network that is trained longer. With `--trials` alone a network's length follows from its size. With `--time` all members see
 * equally many examples, as many as the planned share of the time holds at the speed that the search reached: the trials that fitted into the
 * search's time say how fast the machine is, so that lengths follow from the journal and are the same on resume.
 */
export function polishRecipes(
  plan: Plan,
  space: Space,
  trials: readonly Trial[],
  members: readonly Sized[],
): Map<number, Recipe> {
  const { polish, polishTime } = plan
  if (!polishTime) return new Map(members.map((m) => [m.n, recipeFor(polish, m.macs)]))
  const speed = clamp((careful * searched(plan, space, trials)) / polishTime.searchMacExamples, 0.4, 2.5)
  const { batchSize, tuneExamples: longest } = polish.recipe
  const examples = shareOut(members, polishTime.macExamples * speed, (m) =>
    Math.min(longest, (polishTime.macExamples * speed) / polishTime.workers / m.macs),
  )
  return new Map(
    members.map((m, i) => {
      const tuneExamples = roundTo(examples[i]!, batchSize)
      return [m.n, { ...polish.recipe, tuneExamples, augment: augmentFor(tuneExamples, polish.trainExamples) }]
    }),
  )
}

/** Seconds of one round of polish at the speed of the trials so far, for people. */
export function polishSeconds(
  plan: Plan,
  space: Space,
  trials: readonly Trial[],
  members: readonly Sized[],
  workers: number,
): number {
  const recipes = polishRecipes(plan, space, trials, members)
  const work = members.reduce((sum, m) => sum + m.macs * recipes.get(m.n)!.tuneExamples, 0)
  const seconds = trials.reduce((sum, t) => sum + t.steps.reduce((ms, step) => ms + step.milliseconds, 0), 0) / 1000
  return (seconds * work) / Math.max(1, searched(plan, space, trials)) / Math.min(workers, Math.max(1, members.length))
}

/** MACs x examples that the trials trained, before and after pruning. */
function searched(plan: Plan, space: Space, trials: readonly Trial[]): number {
  let sum = 0
  for (const trial of trials) {
    if (trial.state !== 'trained') continue
    const { macs } = countGraph(decodeTrained(space, trial).unpruned)
    const { warmExamples, tuneExamples } = recipeFor(atRung(plan.trial, lengthRung(trial)), macs)
    sum += warmExamples * macs + tuneExamples * trial.macs
  }
  return sum
}

/** Equal numbers for all, but none above its own `most`; what that leaves goes to the others. Spends `budget` MACs x examples at most. */
export function shareOut(members: readonly Sized[], budget: number, most: (m: Sized) => number): number[] {
  const order = members.map((m, i) => ({ i, macs: m.macs, most: most(m) })).sort((a, b) => a.most - b.most || a.i - b.i)
  const result = new Array<number>(members.length).fill(0)
  let left = budget
  let macsLeft = members.reduce((sum, m) => sum + m.macs, 0)
  for (const { i, macs, most: bound } of order) {
    result[i] = Math.min(bound, left / macsLeft)
    left -= result[i]! * macs
    macsLeft -= macs
  }
  return result
}
