import { decode } from '../../space/decode.ts'
import { errorOf } from '../../task/metric.ts'
import { type Blob, floatsBlob, floatsOf } from '../jobs/blobs.ts'
import type { PolishLine } from '../record/notes.ts'
import { jobBase, type StudyContext } from './context.ts'

/** The best this many speak together. */
const voices = 5

/**
 * The mean logits of the best polished networks: a teacher that is better than each of them and costs only their answers. Undefined where fewer than
 * three were polished. A function of the journal's lines: the same after a resume.
 */
export async function ensembleLogits(context: StudyContext, polishes: readonly PolishLine[]): Promise<Blob | undefined> {
  if (polishes.length < 3) return undefined
  const { store, setup, executor } = context
  const error = (p: PolishLine) => errorOf(setup.metric, p.int8)
  const best = [...polishes].sort((a, b) => error(a) - error(b) || a.trial - b.trial).slice(0, voices)
  const trials = store.trials()
  const { recipe } = store.header.plan.polish
  const answers = await Promise.all(
    best.map(async ({ trial, weights }) => {
      const { graph } = decode(setup.space, trials[trial]!.genome)
      const job = { ...jobBase(context), kind: 'logits', graph, weights, recipe } as const
      const done = await executor.run<'logits'>(job, trial, { get: store.weightsFile })
      if (!done.ok) throw new Error(`logits of trial ${trial}: ${done.reason}`)
      return floatsOf(done.blobs, done.output.logits)
    }),
  )
  const mean = new Float32Array(answers[0]!.length)
  for (let i = 0; i < mean.length; i++) {
    let sum = 0
    for (const answer of answers) sum += answer[i]!
    mean[i] = sum / answers.length
  }
  return floatsBlob(mean)
}
