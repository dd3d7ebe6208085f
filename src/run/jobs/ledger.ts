import { hashJson } from '../../util/hash.ts'
import type { Job, JobResult } from './job.ts'

/** Two workers disagree about one job: a study with such results could not be trusted. */
export class UnequalResults extends Error {
  override readonly name = 'UnequalResults'
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
      const id = hashJson(job)
      const before = seen.get(id)
      if (before !== undefined && before !== now)
        throw new UnequalResults(`two workers made different results of one job (${job.kind}): ${before} and ${now}`)
      seen.set(id, now)
    },
  }
}

/** Undefined where the result says something of the worker and nothing of the job. */
function digestOf(result: JobResult): string | undefined {
  if (result.ok) return hashJson(timeless(result.output))
  return result.cause === 'training' ? hashJson(result.reason) : undefined
}

const timeless = (output: object): object =>
  'steps' in output ? { ...output, steps: (output.steps as object[]).map((step) => ({ ...step, milliseconds: 0 })) } : output
