import type { Candidate, SearchSetup } from '../../search/strategy.ts'
import { lengthRung, type Trial } from '../../search/trial.ts'
import { decode } from '../../space/decode.ts'

/** Whether a candidate is trained before the teacher is ready, and so learns from labels alone. */
export type Untaught = (candidate: Candidate) => boolean

/**
 * A teacher that is trained beside the first trials teaches the trials after them: those before which lies as much work as its own training takes. Two
 * workers are then busy until it is ready. Work is known from graphs, so that who is taught follows from the history alone, never from a clock.
 */
export function untaughtTrials(setup: SearchSetup, history: readonly Trial[], teacherWork: number): Untaught {
  const works = new Map<number, number>()
  let stored = 0
  for (const trial of history) {
    // what lies behind so much work changes nothing: a long journal is not decoded to its end
    if (stored >= teacherWork) break
    if (trial.state === 'infeasible') continue
    const { work } = setup.effort(decode(setup.space, trial.genome), lengthRung(trial))
    works.set(trial.n, work)
    stored += work
  }
  const before = (n: number) => {
    const earlier = [...works].filter(([m]) => m < n).sort(([a], [b]) => a - b)
    return earlier.reduce((sum, [, work]) => sum + work, 0)
  }
  let first = Number.POSITIVE_INFINITY
  return (candidate) => {
    const { n } = candidate
    if (n >= first) return false
    works.set(n, setup.effort(candidate, lengthRung(candidate)).work)
    if (before(n) < teacherWork) return true
    first = Math.min(first, n)
    return false
  }
}
