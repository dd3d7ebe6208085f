import { afterAll, describe, expect, test } from 'vitest'
import type { Job } from '../../../src/run/jobs/job.ts'
import { watchWorkers } from '../../../src/run/queue/watch.ts'
import { hasRedis, startRedis } from '../../helpers/redis.ts'
import { executorContract } from '../jobs/executor-contract.ts'
import { coordinate, work } from './in-process.ts'

describe.runIf(hasRedis)('a queue on Redis', async () => {
  if (!hasRedis) return
  const redis = await startRedis()
  const worker = await work(redis.url)
  let limit = (_: Job) => 60_000
  const { executor } = await coordinate(redis.url, { limitMs: (job) => limit(job) })
  afterAll(async () => {
    await worker.stop()
    redis.stop()
  })
  executorContract(
    'BullMQ on Redis, with a worker of two threads',
    (limitMs) => {
      limit = limitMs
      return executor
    },
    { endsHangingJobs: true },
  )

  test('who is there is seen by a page that watches the queue', async () => {
    const watch = await watchWorkers(redis.url, 50)
    try {
      await expect.poll(() => watch.workers().map((w) => w.threads)).toEqual([2])
    } finally {
      await watch.close()
    }
  })
})
