import type { StudyEvent } from '../../run/record/events.ts'

export type Progress = { readonly progress: number; readonly total?: number; readonly message: string }

/** How far a study is, told by its events: trials first, then polished networks. Undefined where nothing has moved. */
export function progressOf(): (event: StudyEvent) => Progress | undefined {
  let done = 0
  let total: number | undefined
  const step = (message: string): Progress => ({ progress: done, ...(total === undefined ? {} : { total }), message })
  return (event) => {
    switch (event.type) {
      case 'study:start':
        done = event.resumedTrials
        // a bound of time knows no number of trials
        total = event.trials ?? undefined
        return step(`searching on ${event.targets.join(', ')}`)
      case 'trial:end':
        done++
        return step(
          `trial ${event.trial.n}: ${event.trial.score === null ? event.trial.state : event.trial.score.toPrecision(4)}`,
        )
      case 'polish:start':
        total = done + event.trials.length
        return step(`polishing ${event.trials.length} networks`)
      case 'polish:end':
        done++
        return step(`trial ${event.polish.trial} polished: ${event.polish.int8.toPrecision(4)}`)
      default:
        return undefined
    }
  }
}
