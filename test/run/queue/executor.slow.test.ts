import { afterAll, describe, expect, test, vi } from 'vitest'
import { inlineExecutor } from '../../../src/run/jobs/inline.ts'
import type { Job } from '../../../src/run/jobs/job.ts'
import { digestOf } from '../../../src/run/jobs/ledger.ts'
import { watchWorkers } from '../../../src/run/queue/watch.ts'
import { startBucket } from '../../helpers/bucket.ts'
import { hasRedis, startRedis } from '../../helpers/redis.ts'
import { executorContract } from '../jobs/executor-contract.ts'
import { finish, setup, start } from '../jobs/work.ts'
import { coordinate, work } from './in-process.ts'

describe.runIf(hasRedis)('a queue on Redis', async () => {
  if (!hasRedis) return
  const redis = await startRedis()
  const worker = await work(redis.url, { study: 'toy' })
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

  test('weights go through a bucket, to the same bytes, and nothing is left there', async () => {
    const bucket = await startBucket()
    for (const [name, value] of Object.entries(bucket.env)) vi.stubEnv(name, value)
    const place = 's3://bucket/studies'
    const other = await work(redis.url, { id: 'two', machine: 'two', blobs: place, study: 'kept' })
    const { executor } = await coordinate(redis.url, { queue: 'kept-1' }, { study: 'kept', blobs: place })
    const alone = inlineExecutor(setup, 1)
    try {
      const [there, here] = await Promise.all([executor, alone].map((one) => one.run(start(128), 0)))
      if (!there?.ok || !here?.ok) throw new Error('a training failed')
      expect(digestOf(there)).toBe(digestOf(here))
      expect([...bucket.objects.keys()].some((key) => key.startsWith('/bucket/studies/kept-1/'))).toBe(true)
      const [after, before] = await Promise.all([executor, alone].map((one) => one.run(finish(there.output), 0, there.blobs)))
      expect(digestOf(after!)).toBe(digestOf(before!))
    } finally {
      await executor.close()
      await alone.close()
      await other.stop()
      bucket.close()
      vi.unstubAllEnvs()
    }
    expect([...bucket.objects.keys()]).toEqual([])
  })

  test('who is there is seen by a page that watches the queue', async () => {
    const watch = await watchWorkers(redis.url, 50)
    try {
      const threads = () => watch.workers()?.map((w) => w.threads)
      await expect.poll(threads).toEqual([2])
      const back = redis.restart({ downMs: 500 })
      await expect.poll(threads).toBeUndefined()
      await back
      await expect.poll(threads, { timeout: 10_000 }).toEqual([2])
    } finally {
      await watch.close()
    }
  })
})
