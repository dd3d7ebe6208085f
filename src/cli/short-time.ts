import type { StudyConfig } from '../run/record/options.ts'
import { leastSeconds, type Plan } from '../run/record/plan.ts'
import { formatSeconds } from '../util/units.ts'

type Planned = { readonly config: Pick<StudyConfig, 'engine' | 'teacher'>; readonly plan: Plan }

/** A `--time` in which not even one trial, polish and test have room is announced: trainings are at their shortest, so the study takes longer. */
export function shortTime({ config, plan }: Planned, seconds: number | undefined): string | undefined {
  if (seconds === undefined || config.engine === 'fake') return undefined
  const least = leastSeconds(plan, config.teacher === 'auto')
  if (least <= seconds) return undefined
  const parts = config.teacher === 'auto' ? 'the teacher, one trial, polish and test' : 'one trial, polish and test'
  return `--time ${formatSeconds(seconds)} is short: ${parts} take about ${formatSeconds(least)} on a usual processor`
}
