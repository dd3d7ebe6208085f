import type { CurvePoint } from '../../report/view.ts'
import type { Trial } from '../../search/trial.ts'
import type { StepRecord } from '../../task/step.ts'
import type { PolishLine } from '../record/notes.ts'

/** The scores of a network over the time that it was trained: the steps of its trial, then those of each round of polish. */
export function learningCurve(trial: Pick<Trial, 'steps'>, rounds: readonly Pick<PolishLine, 'round' | 'steps'>[]): CurvePoint[] {
  let seconds = 0
  const points = (steps: readonly StepRecord[], split: CurvePoint['split'], round: number | null): CurvePoint[] =>
    steps.flatMap(({ step, score, milliseconds }) => {
      seconds += milliseconds / 1000
      return score === null ? [] : [{ seconds, score, split, step, round }]
    })
  // a round that brought nothing repeats the steps of the one before
  const fresh = rounds.filter((p, i) => i === 0 || JSON.stringify(p.steps) !== JSON.stringify(rounds[i - 1]!.steps))
  return [
    ...points(trial.steps, 'search-validation', null),
    ...fresh.flatMap((p) => points(p.steps, 'selection-validation', p.round ?? 0)),
  ]
}
