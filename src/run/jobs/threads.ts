import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { taskModules } from '../../task/define.ts'
import { TinyfrontError } from '../../util/errors.ts'
import { type Executor, executorOn } from './executor.ts'
import type { WorkerSetup } from './handle.ts'
import type { Job, JobResult } from './job.ts'
import type { Answer, ThreadSetup } from './worker.ts'

/**
 * A pool of worker threads, one job each. A job that takes longer than its limit is ended with its thread, tried once more, and then failed; one whose
 * thread ran out of memory is failed. Neither touches any other job.
 */
export function threadExecutor(setup: WorkerSetup, workers: number, limitMs?: (job: Job) => number): Executor {
  // TensorFlow reads this before any code of a worker runs; without it every worker prints a banner
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'
  const isSource = import.meta.url.endsWith('.ts')
  const pool = new Piscina({
    filename: fileURLToPath(new URL(isSource ? './worker.ts' : './worker.js', import.meta.url)),
    workerData: { ...setup, taskModules: taskModules() } satisfies ThreadSetup,
    minThreads: workers,
    maxThreads: workers,
    idleTimeout: Number.POSITIVE_INFINITY,
    ...(isSource ? { execArgv: ['--import', import.meta.resolve('tsx')] } : {}),
  })
  return executorOn(
    {
      workers,
      async send(job, inputs, { deliver, signal }) {
        try {
          const answer = (await pool.run({ job, inputs }, { signal })) as Answer
          if ('refusal' in answer) throw new TinyfrontError(answer.refusal.kind, answer.refusal.message, answer.refusal.remedy)
          deliver(answer)
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY') throw error
          deliver(outOfMemory)
        }
      },
      close: () => pool.destroy(),
    },
    limitMs,
  )
}

const outOfMemory: JobResult = {
  ok: false,
  reason: 'out of memory: the worker thread was ended',
  cause: 'worker',
  busyMs: 0,
}
