import { makeBatcher } from '../data/batches.ts'
import type { Dataset } from '../data/dataset.ts'
import { quantiseInput } from '../quant/index.ts'
import { wilsonInterval } from '../search/score.ts'
import type { StudySetup } from '../search/strategy.ts'
import { decode } from '../space/index.ts'
import { sha256 } from '../util/hash.ts'
import { checkFile, type Examples } from './check-model.ts'
import type { RunLimits } from './config.ts'
import type { StudyEvent } from './events.ts'
import type { Executor } from './executor.ts'
import type { JobOutput, SharedLogits } from './job.ts'
import type { PolishLine, TestLine, VerifyLine } from './lines.ts'
import { recipeFor, timeShares } from './plan.ts'
import { polishList } from './polish-list.ts'
import { Dropped } from './priority-queue.ts'
import type { StudyStore } from './study-store.ts'

export type FinishInput = {
  readonly store: StudyStore
  readonly dataset: Dataset
  readonly setup: StudySetup
  readonly executor: Executor
  readonly teacherLogits: SharedLogits | undefined
  readonly limits: RunLimits
  readonly elapsed: () => number
  readonly stopWaiting: () => void
  readonly signal: AbortSignal | undefined
}

/**
 * After the search: chosen trials are trained longer and scored on selection-validation, then on test; their files are re-read and re-run.
 * What the journal already holds is not done again. With `--time`, polish begins nothing once its share is over.
 */
export async function* finishFronts(input: FinishInput): AsyncGenerator<StudyEvent> {
  const { store, setup, executor, limits } = input
  const { config, plan } = store.header
  const trials = store.trials()
  const list =
    config.engine === 'fake' ? [] : polishList(trials, setup.targets, setup.objectives, setup.metric, plan.polishMembers)
  const polished = new Map(store.polishes().map((p) => [p.trial, p]))
  const open = list.filter((n) => !polished.has(n))
  if (open.length > 0) yield { type: 'polish:start', trials: open }
  const deadline = limits.seconds === undefined ? undefined : limits.seconds * (1 - timeShares.finish)
  for await (const line of polishAll(input, open, () => deadline !== undefined && input.elapsed() > deadline)) {
    await store.appendNote('polish', line, input.elapsed())
    polished.set(line.trial, line)
    yield { type: 'polish:end', polish: line }
  }
  if (input.signal?.aborted) return
  executor.reopen()
  const tested = new Set(store.tests().map((t) => t.trial))
  const verified = new Set(store.verifies().map((v) => v.trial))
  for (const n of list) {
    const line = polished.get(n)
    if (!line || input.signal?.aborted) continue
    if (!tested.has(n)) {
      const test = await testOne(input, line)
      await store.appendNote('test', test, input.elapsed())
      yield { type: 'test:end', test }
    }
    if (!verified.has(n)) {
      const verify: VerifyLine = {
        trial: n,
        checks: await checkFile(store.readModel(n), coresOf(store), sampleInputs(input.dataset)),
      }
      await store.appendNote('verify', verify, input.elapsed())
      yield { type: 'verify:end', verify }
    }
  }
}

/**
 * Polishes on all workers, in the order of the list; lines come in that order, so that a journal is the same for any number of workers. Labels alone,
 * unless the person gave the teacher: a polished network passes the teacher that the study could afford, which then holds it back (half a point on
 * Fashion-MNIST after three epochs).
 */
async function* polishAll(input: FinishInput, list: readonly number[], isOver: () => boolean): AsyncGenerator<PolishLine> {
  const { store, setup, executor, teacherLogits } = input
  const { config } = store.header
  const byNumber = new Map(store.trials().map((t) => [t.n, t]))
  const jobs = list.map((n, order) => {
    const trial = byNumber.get(n)!
    const { graph } = decode(setup.space, trial.genome)
    const run = async () => {
      const candidate = { graph, unpruned: graph, seed: `${setup.seed}/polish/${n}` }
      const start = { weights: store.getWeights(trial.weights!), steps: [] }
      return executor.run(
        {
          version: 1,
          kind: 'finish',
          candidate,
          recipe: recipeFor(store.header.plan.polish, trial.macs),
          split: 'selectionValidation',
          start,
          ...(teacherLogits && config.teacher !== 'auto' ? { teacherLogits } : {}),
        },
        order,
      )
    }
    const result = run()
    result.catch(() => undefined)
    return { n, result }
  })
  for (const { n, result } of jobs) {
    try {
      const done = await result
      if (isOver()) input.stopWaiting()
      if (!done.ok) continue
      const { int8, float32, steps, weights, tflite } = done.output as JobOutput['finish']
      store.writeModel(n, tflite)
      yield { trial: n, int8, float32, steps, weights: await store.putWeights(weights), tflite: sha256(tflite) }
    } catch (error) {
      if (!(error instanceof Dropped)) throw error
    }
  }
}

async function testOne({ store, setup, executor }: FinishInput, line: PolishLine): Promise<TestLine> {
  const trial = store.trials().find((t) => t.n === line.trial)!
  const { graph } = decode(setup.space, trial.genome)
  const weights = store.getWeights(line.weights)
  const done = await executor.run(
    { version: 1, kind: 'assess', graph, weights, recipe: store.header.plan.polish.recipe, split: 'test' },
    line.trial,
  )
  if (!done.ok) throw new Error(`test of trial ${line.trial}: ${done.reason}`)
  const { score, float32, examples, confusion } = done.output
  const interval = setup.metric.kind === 'accuracy' ? wilsonInterval(score, examples) : [null, null]
  return { trial: line.trial, int8: score, float32, low: interval[0]!, high: interval[1]!, examples, confusion }
}

const coresOf = (store: StudyStore) => store.header.targets.map((t) => t.target.device.core)

/** A few real examples for re-running an exported file; the file's own input scale quantises them. */
const sampleInputs =
  (dataset: Dataset): Examples =>
  (shape, params) => {
    const batcher = makeBatcher(dataset, dataset.splits.calibration, shape, { seed: '', augment: 0 })
    const one = new Float32Array(batcher.exampleLength)
    return Array.from({ length: Math.min(4, batcher.count) }, (_, i) => {
      batcher.gather(i, 1, one)
      return quantiseInput(one, params)
    })
  }
