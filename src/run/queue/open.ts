import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { chooseKernels, type KernelChoice } from '../../train/wasm/choose.ts'
import { usageError } from '../../util/errors.ts'
import { version } from '../../util/package-root.ts'
import type { MakeExecutor } from '../jobs/executor.ts'
import { jobVersion } from '../jobs/job.ts'
import type { QueueOptions } from '../record/options.ts'
import type { StudyStore } from '../record/study-store.ts'
import { protocol } from './announcement.ts'
import { queueExecutor } from './executor.ts'
import { queueName } from './keys.ts'
import { type Link, openLink } from './link.ts'
import { placeOf } from './place.ts'
import { selfTest } from './self-test.ts'
import type { QueueEvent } from './study.ts'

/** Networks that polish trains at most, all at once where there are workers. */
const mostPolished = 64

export type OpenQueue = { readonly executor: MakeExecutor; readonly shown: string; close(): Promise<void> }

/** Makes a study hand its jobs to the queue that the person named. `say` hears what a person should know. */
export async function openQueue(
  store: StudyStore,
  { queue: address, blobs, audit, leaseSeconds }: QueueOptions & { readonly queue: string },
  kernels: KernelChoice,
  say: (text: string) => void,
): Promise<OpenQueue> {
  const { config, wasmHash, raw } = store.header
  if (config.engine === 'tensorflow')
    throw usageError(
      '--queue cannot train with TensorFlow: its bits differ from machine to machine',
      'leave out --engine tensorflow',
    )
  const link: Link = await openLink(placeOf(address), (trouble) =>
    say(trouble === undefined ? 'the queue is back' : `the queue does not answer (${trouble}); nothing is lost, waiting for it`),
  )
  const deliveries = join(store.folder, 'deliveries.jsonl')
  const on = (event: QueueEvent): void => {
    appendFileSync(deliveries, `${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`)
    if (event.type === 'quarantine') say(`machine ${event.machine} is in quarantine: ${event.why}`)
  }
  const executor = queueExecutor({
    link,
    queue: queueName(config.study, raw),
    announcement: {
      protocol,
      jobs: jobVersion,
      version: version(),
      study: config.study,
      engine: config.engine,
      fastMath: config.fastMath,
      kernels: wasmHash,
      selfTest: await selfTest(chooseKernels(kernels, config.fastMath).kind, config.fastMath),
      blobs: blobs ?? null,
      leaseMs: 1000 * leaseSeconds,
      seed: config.seed,
      ...(config.label === undefined ? {} : { label: config.label }),
    },
    jobsAtOnce: Math.max(config.lag + 1, mostPolished),
    audit,
    on,
  })
  return { executor, shown: link.shown, close: link.close }
}
