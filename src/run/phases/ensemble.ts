import type { StudySetup } from '../../search/strategy.ts'
import { decode } from '../../space/decode.ts'
import { errorOf } from '../../task/metric.ts'
import type { Executor } from '../jobs/executor.ts'
import type { SharedLogits } from '../jobs/job.ts'
import type { PolishLine } from '../record/lines.ts'
import type { StudyStore } from '../record/study-store.ts'

/** The best this many speak together. */
const voices = 5

/**
 * The mean logits of the best polished networks: a teacher that is better than each of them and costs only their answers. Undefined where fewer than
 * three were polished. A function of the journal's lines: the same after a resume.
 */
export async function ensembleLogits(
  store: StudyStore,
  setup: StudySetup,
  executor: Executor,
  polishes: readonly PolishLine[],
): Promise<SharedLogits | undefined> {
  if (polishes.length < 3) return undefined
  const error = (p: PolishLine) => errorOf(setup.metric, p.int8)
  const best = [...polishes].sort((a, b) => error(a) - error(b) || a.trial - b.trial).slice(0, voices)
  const trials = store.trials()
  const answers = await Promise.all(
    best.map(async ({ trial, weights }) => {
      const { graph } = decode(setup.space, trials[trial]!.genome)
      const { recipe } = store.header.plan.polish
      const done = await executor.run<'logits'>(
        { version: 1, kind: 'logits', graph, weights: store.getWeights(weights), recipe },
        trial,
      )
      if (!done.ok) throw new Error(`logits of trial ${trial}: ${done.reason}`)
      return done.output
    }),
  )
  const mean = new Float32Array(new SharedArrayBuffer(answers[0]!.byteLength))
  for (let i = 0; i < mean.length; i++) {
    let sum = 0
    for (const answer of answers) sum += answer[i]!
    mean[i] = sum / answers.length
  }
  return mean
}
