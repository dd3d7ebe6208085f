import type { Job } from '../jobs/job.ts'
import type { Announcement } from './announcement.ts'
import type { Link } from './link.ts'

/** What the coordinator of a study tells of its queue while it works. */
export type QueueEvent =
  | {
      readonly type: 'delivery'
      readonly id: string
      readonly kind: string
      readonly machine: string
      readonly busyMs: number
      readonly digest: string | null
    }
  | { readonly type: 'again'; readonly id: string; readonly why: string }
  | { readonly type: 'audit'; readonly id: string; readonly machine: string; readonly outcome: 'equal' | 'not done' }
  | { readonly type: 'quarantine'; readonly machine: string; readonly why: string }

/** A study that hands its jobs to a queue. */
export type QueuedStudy = {
  readonly link: Link
  readonly announcement: Omit<Announcement, 'data' | 'queue'> & { readonly seed: string; readonly label?: string }
  readonly queue: string
  /** Jobs handed over at a time: as many as the search and polish ever wait for. */
  readonly jobsAtOnce: number
  /** Share of the jobs that a second machine does as well, to compare. */
  readonly audit: number
  /** How long one attempt of a job may take; absent = far beyond what any machine needs. */
  readonly limitMs?: (job: Job) => number
  readonly on: (event: QueueEvent) => void
}
