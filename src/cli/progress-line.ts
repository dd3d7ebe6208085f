import type { Plan } from '../run/record/plan.ts'
import { trainingSeconds, typicalMacsOf } from '../run/record/plan.ts'

/** What a line of progress shows. `share` of the work that is done, `details` the most wanted first. */
export type ProgressLine = {
  readonly etaSeconds: number | undefined
  readonly share: number
  readonly count: string
  readonly details: readonly string[]
}

const barCells = { wide: 20, narrow: 8 } as const

/** One line within `width` columns: how long it still takes comes first and always stays; details go from the end, then the bar shrinks. */
export function progressLine(
  { etaSeconds, share, count, details }: ProgressLine,
  width: number,
  glyphs: 'unicode' | 'ascii',
): string {
  const [on, off] = glyphs === 'ascii' ? ['#', '.'] : ['█', '░']
  const line = (cells: number, shown: readonly string[]) => {
    const full = Math.round(Math.max(0, Math.min(1, share)) * cells)
    const bar = cells === 0 ? [] : [on.repeat(full) + off.repeat(cells - full)]
    return ` ${[formatEta(etaSeconds), [...bar, count].join(' '), ...shown].join(' · ')}`
  }
  for (let shown = details.length; shown >= 0; shown--)
    for (const cells of shown > 1 ? [barCells.wide] : [barCells.wide, barCells.narrow, 0]) {
      const text = line(cells, details.slice(0, shown))
      if (text.length <= width) return text
    }
  return ` ${formatEta(etaSeconds)}`
}

/** "ETA 12 min", in no finer steps than anybody can know. */
export function formatEta(seconds: number | undefined): string {
  if (seconds === undefined) return 'ETA unknown'
  if (seconds < 1) return 'ETA soon'
  if (seconds < 59.5) return `ETA ${Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 60 ? `ETA ${minutes} min` : `ETA ${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

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
