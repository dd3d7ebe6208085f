import type { Address } from '../jobs/blobs.ts'
import type { Executor } from '../jobs/executor.ts'
import type { WorkerSetup } from '../jobs/handle.ts'
import type { Job } from '../jobs/job.ts'
import { digestOf, UnequalResults } from '../jobs/ledger.ts'
import { threadExecutor } from '../jobs/threads.ts'
import type { Disagreement } from './accounts.ts'

/** Does a job on the coordinator's own machine: the study began with its bits. */
export function refereeOf(setup: WorkerSetup) {
  let executor: Executor | undefined
  return {
    async digest(job: Job, inputs: ReadonlyMap<Address, Uint8Array>): Promise<string | undefined> {
      executor ??= threadExecutor(setup, 1)
      return digestOf(await executor.run(job, 0, inputs))
    },
    close: async () => executor?.close(),
  }
}

export type Verdict = {
  readonly guilty: readonly { readonly machine: string; readonly why: string }[]
  readonly error: UnequalResults
}

/** Who differs from the referee; without one, the machine that came second, because what came first is in the journal. */
export function judge(
  { id, first, second }: Disagreement,
  right: string | undefined,
  /** Machines whose results the study has taken. */
  contributors: ReadonlySet<string>,
): Verdict {
  const accused = right === undefined ? [second] : [first, second].filter((a) => a.digest !== right)
  const names = [...new Set(accused.map((a) => a.machine))]
  const why = `it made other results of job ${id} than ${right === undefined ? first.machine : 'the coordinator'}`
  const poisoned = names.some((name) => contributors.has(name))
  const error = new UnequalResults(
    `machine ${names.join(' and ')} makes other results: job ${id} came to ${first.digest} on ${first.machine} and to ${second.digest} on ${second.machine}`,
    poisoned
      ? 'it is in quarantine: look at its memory and processor. It had a part in the journal (deliveries.jsonl names its jobs): start anew with --fresh'
      : 'it is in quarantine: look at its memory and processor. It had no part in the journal: go on with tinyfront resume',
  )
  return { guilty: names.map((machine) => ({ machine, why })), error }
}
