import { keys, prefix } from './keys.ts'
import type { Link } from './link.ts'
import type { Parcel } from './parcel.ts'

/** A job whose worker died is handed out again so often. */
export const mostDeaths = 20
/** The largest number that BullMQ takes for a priority. */
export const lastPriority = 2_097_151

type State = { readonly kind: 'known' | 'unknown' } | { readonly kind: 'failed'; readonly reason: string }

/** A study's queue as its coordinator sees it. Jobs that are done leave it; what they came to lies with the results. */
export function jobQueue({ bullmq, redis }: Link, name: string) {
  const queue = new bullmq.Queue(name, { connection: redis, prefix })
  queue.on('error', () => undefined) // the link tells what is wrong
  return {
    async add(id: string, parcel: Parcel, priority: number): Promise<void> {
      const options = { jobId: id, priority: Math.max(1, Math.min(lastPriority, priority + 2)) }
      await queue.add(parcel.job.kind, parcel, { ...options, removeOnComplete: true, removeOnFail: 1000, attempts: 1 })
    },
    /** False where a worker is at it. */
    async remove(id: string): Promise<boolean> {
      return (await queue.remove(id).catch(() => 0)) === 1
    },
    async stateOf(id: string): Promise<State> {
      const state = await queue.getJobState(id)
      if (state === 'unknown') return { kind: 'unknown' }
      if (state !== 'failed') return { kind: 'known' }
      const job = await queue.getJob(id)
      return { kind: 'failed', reason: job?.failedReason ?? 'nothing is known' }
    },
    close: () => queue.close(),
  }
}

/** How many jobs wait, and how many are at work: for metrics and for `workers`. */
export async function queueLengths({ redis }: Link, name: string): Promise<{ waiting: number; active: number }> {
  const key = (what: string) => `${keys.ofStudy(name).slice(0, -1)}${what}`
  const [prioritized, wait, active] = await Promise.all([
    redis.zcard(key('prioritized')),
    redis.llen(key('wait')),
    redis.llen(key('active')),
  ])
  return { waiting: prioritized + wait, active }
}
