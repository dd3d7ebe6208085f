import { tmpdir } from 'node:os'
import { openDataset } from '../../data/open.ts'
import { decode } from '../../space/decode.ts'
import { randomGenome } from '../../space/genome.ts'
import { hashJson } from '../../util/hash.ts'
import type { KernelKind } from '../../util/native.ts'
import { rng } from '../../util/rng.ts'
import { makeHandler } from '../jobs/handle.ts'
import type { JobOf } from '../jobs/job.ts'
import { digestOf } from '../jobs/ledger.ts'
import { planStudy } from '../record/plan.ts'
import { openStudySpace } from '../record/prepare.ts'

const examples = 96

/**
 * What a small training comes to on this machine with these kernels, from synthetic data to int8 bytes, as a hash. Machines at work on one study must
 * agree. Takes some tenths of a second.
 */
export async function selfTest(kernels: KernelKind, fastMath: boolean): Promise<string> {
  const { report, ...dataset } = await openDataset('builtin:gestures?count=120', { seed: 'self-test', cacheDir: tmpdir() })
  const handle = makeHandler({ dataset, kernels, memoryBytes: 0 }, () => 0)
  const space = openStudySpace('auto', dataset)
  const { graph, unpruned } = decode(space, randomGenome(space, rng('queue self-test', 0)))
  const { recipe } = planStudy({ dataset, typicalMacs: 1e6, workers: 1, trials: 1 }).trial
  const common = {
    version: 2,
    data: dataset.fingerprint,
    metric: { kind: 'accuracy' },
    engine: 'wasm',
    fastMath,
    network: { graph, unpruned, seed: 'self-test' },
    recipe: { ...recipe, warmExamples: examples, tuneExamples: examples },
    split: 'searchValidation',
  } as const
  const start: JobOf<'start'> = { ...common, kind: 'start' }
  const started = await handle(start, new Map())
  if (!started.ok || !('weights' in started.output)) return hashJson(digestOf(started))
  const { weights, steps } = started.output
  const finished = await handle({ ...common, kind: 'finish', start: { weights, steps } }, started.blobs)
  return hashJson([digestOf(started), digestOf(finished)])
}
