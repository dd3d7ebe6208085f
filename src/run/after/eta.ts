import { type Plan, trainingSeconds, typicalMacsOf } from '../record/plan.ts'

export type Pace = {
  readonly plan: Plan
  readonly workers: number
  /** Networks to train in the search; null = as many as the time holds. */
  readonly trials: number | null
  readonly trained: number
  /** Of this run alone: what an earlier one did says nothing about the speed of this. */
  readonly trainedNow: number
  readonly secondsNow: number
  /** `--time` less what it took so far, earlier runs counted; undefined where there is no bound. */
  readonly secondsLeft: number | undefined
}

/** Seconds until the end of the study: what is left of its time, or trials and polish at the pace of this run, before its first trial at the planned one. */
export function etaOf({ plan, workers, trials, trained, trainedNow, secondsNow, secondsLeft }: Pace): number | undefined {
  if (secondsLeft !== undefined) return Math.max(0, secondsLeft)
  if (trials === null) return undefined
  const { recipe } = plan.trial
  const macs = typicalMacsOf(plan)
  const trialWork = trainingSeconds(macs, recipe.warmExamples + recipe.tuneExamples)
  const polishWork =
    plan.polishMembers *
    Math.min(trainingSeconds(1, plan.polish.macExamples), trainingSeconds(macs, plan.polish.recipe.tuneExamples))
  const aTrial = trainedNow > 0 ? secondsNow / trainedNow : trialWork / workers
  return Math.max(0, trials - trained) * aTrial + (polishWork / trialWork) * aTrial
}
