import { tmpdir } from 'node:os'
import { openDataset } from '../../data/open.ts'
import { layersAfter } from '../../search/relative.ts'
import { type Decoded, decode } from '../../space/decode.ts'
import { randomGenome } from '../../space/genome.ts'
import { heirRecipe } from '../../train/recipe.ts'
import { hashJson } from '../../util/hash.ts'
import type { KernelKind } from '../../util/native.ts'
import { rng } from '../../util/rng.ts'
import { type Blobs, eitherOf, noBlobs } from '../jobs/blobs.ts'
import { makeHandler } from '../jobs/handle.ts'
import { type Job, type JobOf, type JobResult, jobVersion } from '../jobs/job.ts'
import { digestOf } from '../jobs/ledger.ts'
import { planStudy } from '../record/plan.ts'
import { openStudySpace } from '../record/prepare.ts'

const examples = 96

/**
 * What small jobs of each kind of training come to on this machine with these kernels, from synthetic data to int8 bytes, as a hash: a network from
 * random weights, what it says of the examples, and a relative that begins with its weights and is taught by it. Machines at work on one study must
 * agree. Takes some tenths of a second.
 */
export async function selfTest(kernels: KernelKind, fastMath: boolean): Promise<string> {
  const { report, ...dataset } = await openDataset('builtin:gestures?count=120', { seed: 'self-test', cacheDir: tmpdir() })
  const handle = makeHandler({ dataset, kernels, memoryBytes: 0 }, () => 0)
  const space = openStudySpace('auto', dataset)
  const [first, second] = [0, 1].map((n) => decode(space, randomGenome(space, rng('queue self-test', n)))) as [Decoded, Decoded]
  const planned = planStudy({ dataset, typicalMacs: 1e6, workers: 1, trials: 1 }).trial.recipe
  const recipe = { ...planned, warmExamples: examples, tuneExamples: examples }
  const { fingerprint: data } = dataset
  const base = { version: jobVersion, data, metric: { kind: 'accuracy' }, engine: 'wasm', fastMath, recipe } as const
  const training = ({ graph, unpruned }: Pick<Decoded, 'graph' | 'unpruned'>) =>
    ({ ...base, network: { graph, unpruned, seed: 'self-test' }, split: 'searchValidation' }) as const
  const digests: (string | undefined)[] = []
  const answer = () => hashJson(digests)
  const done = async <K extends Job['kind']>(job: JobOf<K>, inputs: Blobs = noBlobs) => {
    const result = (await handle(job as Job, inputs)) as JobResult<K>
    digests.push(digestOf(result))
    return result
  }
  const started = await done<'start'>({ ...training(first), kind: 'start' })
  if (!started.ok) return answer()
  const finished = await done<'finish'>({ ...training(first), kind: 'finish', start: started.output }, started.blobs)
  if (!finished.ok) return answer()
  const { weights } = finished.output
  const said = await done<'logits'>({ ...base, kind: 'logits', graph: first.graph, weights }, finished.blobs)
  if (!said.ok) return answer()
  const relative = { graph: first.graph, layers: layersAfter(second, first) }
  const heir = { ...training({ ...second, unpruned: second.graph }), recipe: heirRecipe(recipe) }
  const start = { weights, steps: [], relative }
  const inputs = eitherOf(finished.blobs, said.blobs)
  await done<'finish'>({ ...heir, kind: 'finish', start, teacherLogits: said.output.logits }, inputs)
  return answer()
}
