import type { StudyEvent } from '../run/record/events.ts'

export type InWork = { readonly n: number; readonly what: string; readonly since: number }

/** What a search that tells its events to us is at; a journal holds finished things alone. */
export type Activity = {
  take(event: StudyEvent): void
  readonly inWork: () => readonly InWork[]
  readonly polish: () => { readonly since: number; readonly seconds: number } | undefined
  readonly limitTrials: () => number | null | undefined
  readonly workers: () => number | undefined
}

export function activity(clock: () => number): Activity {
  const running = new Map<number, InWork>()
  let polish: { since: number; seconds: number } | undefined
  let begun: Extract<StudyEvent, { type: 'study:start' }> | undefined
  const begin = (n: number, what: string) => running.set(n, { n, what, since: clock() })
  return {
    take(event) {
      switch (event.type) {
        case 'study:start':
          begun = event
          break
        case 'teacher:start':
          begin(teacher, 'teacher')
          break
        case 'teacher:end':
          running.delete(teacher)
          break
        case 'trial:start':
          begin(event.n, event.genome)
          break
        case 'trial:end':
          running.delete(event.trial.n)
          break
        case 'search:end':
          running.clear()
          break
        case 'polish:start':
          polish = { since: clock(), seconds: event.seconds }
          for (const n of event.trials) begin(n, 'polish')
          break
        case 'polish:end':
          running.delete(event.polish.trial)
          break
        case 'study:end':
          running.clear()
      }
    },
    inWork: () => [...running.values()],
    polish: () => polish,
    limitTrials: () => begun?.trials,
    workers: () => begun?.workers,
  }
}

/** Not a trial's number. */
const teacher = -1
