import type { Dataset } from '../../data/dataset.ts'
import type { SearchSetup } from '../../search/strategy.ts'
import type { Executor } from '../jobs/executor.ts'
import { type JobBase, jobVersion } from '../jobs/job.ts'
import type { RunLimits } from '../record/options.ts'
import type { StudyStore } from '../record/study-store.ts'

/** What every phase of a study works with. */
export type StudyContext = {
  readonly store: StudyStore
  readonly dataset: Dataset
  readonly setup: SearchSetup
  readonly executor: Executor
  readonly limits: RunLimits
  /** Seconds since the study began, earlier runs counted. */
  readonly elapsed: () => number
  /** First Ctrl-C: begin nothing more, finish what runs, save. */
  readonly signal: AbortSignal | undefined
}

/** What all jobs of a study share. */
export const jobBase = ({ store, dataset }: Pick<StudyContext, 'store' | 'dataset'>): JobBase => {
  const { metric, engine, fastMath } = store.header.config
  return { version: jobVersion, data: dataset.fingerprint, metric, engine, fastMath }
}
