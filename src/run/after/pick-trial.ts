import { usageError } from '../../util/errors.ts'
import type { StudyStore } from '../record/study-store.ts'
import { studyView } from './view.ts'

/** The trial that a person names, or the recommended one of the first board. */
export function pickTrial(store: StudyStore, text: string | undefined): number {
  const trials = store.trials()
  if (text !== undefined) {
    const n = Number(text)
    if (!Number.isInteger(n) || !trials[n])
      throw usageError(
        `study ${store.study.name} has no trial ${text}`,
        `choose 0 to ${trials.length - 1}; tinyfront front ${store.study.name} lists the best`,
      )
    return n
  }
  const pick = studyView(store).targets.flatMap((t) => t.front.filter((m) => m.recommended !== undefined))[0]
  if (!pick) throw usageError(`study ${store.study.name} has no front yet`, `go on with tinyfront resume ${store.study.name}`)
  return pick.trial
}
