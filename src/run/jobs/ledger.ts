import { TinyfrontError } from '../../util/errors.ts'
import { hashJson } from '../../util/hash.ts'
import type { Job, JobResult, WithoutBlobs } from './job.ts'

/** Two workers disagree about one job: a study with such results could not be trusted. */
export class UnequalResults extends TinyfrontError {
  override readonly name = 'UnequalResults'
  constructor(message: string, remedy: string) {
    super('bug', message, remedy)
  }
}

/**
 * What each job came to. A queue may deliver a job twice, to two machines; then both results must be equal byte for byte, times apart.
 * @throws UnequalResults from `note` where they are not.
 */
export function resultLedger() {
  const seen = new Map<string, string>()
  return {
    note(job: Job, result: JobResult): void {
      const now = digestOf(result)
      if (now === undefined) return
      const id = jobKey(job)
      const before = seen.get(id)
      if (before !== undefined && before !== now)
        throw new UnequalResults(
          `two workers made different results of one job (${job.kind}): ${before} and ${now}`,
          'one of their machines cannot be trusted: look at its memory and processor, then start anew with --fresh',
        )
      seen.set(id, now)
    },
  }
}

/** What makes a job this job: how long the stage before it took does not. */
export const jobKey = (job: Job): string => hashJson(job.kind === 'finish' ? { ...job, start: timeless(job.start) } : job)

/** What a result came to, times apart. Undefined where it says something of the worker and nothing of the job. */
export function digestOf(result: WithoutBlobs): string | undefined {
  if (result.ok) return hashJson(timeless(result.output))
  return result.cause === 'training' ? hashJson(result.reason) : undefined
}

const timeless = (output: object): object =>
  'steps' in output ? { ...output, steps: (output.steps as object[]).map((step) => ({ ...step, milliseconds: 0 })) } : output
