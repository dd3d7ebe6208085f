import { performance } from 'node:perf_hooks'
import { executorOn, type MakeExecutor } from './executor.ts'
import { makeHandler } from './handle.ts'

/** Runs jobs in this thread, one at a time: tests and debugging. */
export const inlineExecutor: MakeExecutor = (setup) => {
  const handle = makeHandler(setup, () => performance.now())
  return executorOn({
    workers: 1,
    send: async (job, inputs, { deliver }) => deliver(await handle(job, inputs)),
    close: async () => undefined,
  })
}
