import { performance } from 'node:perf_hooks'
import { executorOn, type MakeExecutor } from '../jobs/executor.ts'
import { Coordinator } from './coordinator.ts'
import type { QueuedStudy } from './study.ts'

/**
 * Jobs of a study go to a queue in Redis and are done by workers anywhere. The coordinator stays the only one that proposes and writes the journal.
 * Limits of time are the workers' business: here a job waits for as long as the cluster needs.
 */
export const queueExecutor =
  (study: QueuedStudy): MakeExecutor =>
  (setup) => ({
    ...executorOn(new Coordinator(study, setup, () => performance.now()), () => Number.POSITIVE_INFINITY),
    // workers come and go: `tinyfront workers` tells how busy each of them is
    idleShare: () => 0,
  })
