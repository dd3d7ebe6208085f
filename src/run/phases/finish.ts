import { makeBatcher } from '../../data/batches.ts'
import type { Dataset } from '../../data/dataset.ts'
import { quantiseInput } from '../../quant/input.ts'
import { decode } from '../../space/decode.ts'
import { metricRows } from '../../task/metric.ts'
import { bytesOf } from '../jobs/blobs.ts'
import { inOrder } from '../jobs/in-order.ts'
import type { StudyEvent } from '../record/events.ts'
import type { PolishLine, TestLine, VerifyLine } from '../record/notes.ts'
import { timeShares } from '../record/plan.ts'
import type { StudyStore } from '../record/study-store.ts'
import { checkFile, type Examples, hardwareOf } from './check-model.ts'
import { jobBase, type StudyContext } from './context.ts'
import { polishAll } from './polish.ts'
import { polishSeconds } from './polish-length.ts'
import { polishList } from './polish-list.ts'
import type { ReadyTeacher } from './teacher.ts'

export type FinishInput = StudyContext & { readonly teacher: ReadyTeacher | undefined }

/**
 * After the search: chosen trials are trained longer and scored on selection-validation, then on test; their files are re-read and re-run.
 * What the journal already holds is not done again.
 */
export async function* finishFronts(input: FinishInput): AsyncGenerator<StudyEvent> {
  const { store, setup, executor, limits } = input
  const { config, plan } = store.header
  const trials = store.trials()
  const list =
    config.engine === 'fake' ? [] : polishList(trials, setup.targets, setup.objectives, setup.metric, plan.polishMembers)
  const done = new Set(store.polishes().map((p) => p.trial))
  const secondsLeft = () =>
    input.signal?.aborted
      ? 0
      : limits.seconds === undefined
        ? undefined
        : limits.seconds * (1 - timeShares.finish) - input.elapsed()
  const due = trials.filter((t) => list.includes(t.n) && !done.has(t.n))
  if (due.length > 0) {
    const seconds = secondsLeft() ?? polishSeconds(plan, setup.space, trials, due, executor.workers)
    yield { type: 'polish:start', trials: due.map((t) => t.n), seconds }
  }
  for await (const line of polishAll({ ...input, secondsLeft }, list)) {
    await store.appendNote('polish', line, input.elapsed())
    yield { type: 'polish:end', polish: line }
  }
  if (input.signal?.aborted) return
  const polished = new Map(store.polishes().map((p) => [p.trial, p]))
  const lines = list.flatMap((n) => polished.get(n) ?? [])
  const tested = new Map(store.tests().map((t) => [t.trial, t.weights]))
  const untested = lines.filter((line) => tested.get(line.trial) !== line.weights)
  const mayBegin = () => !input.signal?.aborted
  for await (const test of inOrder(untested, executor.workers, (line) => testOne(input, line), { mayBegin })) {
    await store.appendNote('test', test, input.elapsed())
    yield { type: 'test:end', test }
  }
  // One at a time: the compiler and the emulator of one network keep two processors busy.
  const verified = new Map(store.verifies().map((v) => [v.trial, v.tflite]))
  for (const { trial, tflite } of lines) {
    if (verified.get(trial) === tflite) continue
    if (input.signal?.aborted) return
    const checks = await checkFile(store.readModel(trial), hardwareOf(targetsOf(store)), sampleInputs(input.dataset))
    const verify: VerifyLine = { trial, tflite, checks }
    await store.appendNote('verify', verify, input.elapsed())
    yield { type: 'verify:end', verify }
  }
}

/** Scores a polished network on test, and writes the file of that very network. */
async function testOne(context: FinishInput, line: PolishLine): Promise<TestLine> {
  const { store, setup, executor } = context
  const trial = store.trials().find((t) => t.n === line.trial)!
  const { graph } = decode(setup.space, trial.genome)
  const { recipe } = store.header.plan.polish
  const job = { ...jobBase(context), kind: 'assess', graph, weights: line.weights, recipe, split: 'test' } as const
  const done = await executor.run<'assess'>(job, line.trial, { get: store.weightsFile })
  if (!done.ok) throw new Error(`test of trial ${line.trial}: ${done.reason}`)
  const { score, float32, examples, confusion, tflite } = done.output
  store.writeModel(line.trial, bytesOf(done.blobs, tflite))
  const interval = metricRows[setup.metric.kind]!.interval?.(score, examples) ?? [null, null]
  return {
    trial: line.trial,
    weights: line.weights,
    int8: score,
    float32,
    low: interval[0],
    high: interval[1],
    examples,
    confusion,
  }
}

const targetsOf = (store: StudyStore) => store.header.targets.map((t) => t.target)

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
