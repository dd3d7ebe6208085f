import { expect, test } from 'vitest'
import type { Executor } from '../../../src/run/jobs/executor.ts'
import { inlineExecutor } from '../../../src/run/jobs/inline.ts'
import type { Job } from '../../../src/run/jobs/job.ts'
import { Dropped } from '../../../src/run/jobs/priority-queue.ts'
import type { StudyContext } from '../../../src/run/phases/context.ts'
import { ownTeacher } from '../../../src/run/phases/own-teacher.ts'
import { planStudy } from '../../../src/run/record/plan.ts'
import { openStudySpace } from '../../../src/run/record/prepare.ts'
import { sha256 } from '../../../src/util/hash.ts'
import { setup as workers } from '../jobs/work.ts'

const { dataset } = workers
const space = openStudySpace('auto', dataset)
const plan = planStudy({ dataset, typicalMacs: 3e4, workers: 1, trials: 1 })
const teacher = { ...plan.teacher, warmExamples: 640 }

/** A study of which only the cache of teachers and its jobs matter; `mayRun` says whether a job is let through. */
function study(mayRun: (job: Job) => boolean = () => true) {
  const inline = inlineExecutor(workers, 1)
  const parts: (readonly [from: number, to: number])[] = []
  const kept: { checkpoint?: Uint8Array; logits?: Float32Array; score?: number } = {}
  const executor = {
    workers: 1,
    async run(job: Job, ...rest: never) {
      if (job.kind !== 'teacher') throw new Error(`a job of kind ${job.kind}`)
      if (!mayRun(job)) throw new Dropped()
      parts.push([job.from, job.to])
      return (inline.run as (job: Job, ...rest: never) => Promise<unknown>)(job, ...rest)
    },
  } as unknown as Executor
  const store = {
    header: {
      config: { metric: { kind: 'accuracy' }, engine: 'wasm', fastMath: false, seed: '1', lag: 8 },
      plan: { ...plan, teacher },
    },
    cachedTeacher: () => undefined,
    cacheTeacher: (_: string, logits: Float32Array, score: number) => Object.assign(kept, { logits, score }),
    teacherCheckpoint: () => kept.checkpoint,
    keepTeacherCheckpoint: (_: string, checkpoint: Uint8Array) => Object.assign(kept, { checkpoint }),
  }
  const context = { store, dataset, setup: { space }, executor } as unknown as StudyContext
  return { context, parts, kept }
}
const hashOf = (values: Float32Array | undefined) => sha256(new Uint8Array(values!.slice().buffer))
const [wholePart, smallParts] = [1e9, 1e-9]

test('a teacher trained part by part, stopped and asked again, says the bits of one trained at once', async () => {
  const whole = study()
  await ownTeacher(whole.context, wholePart).ready()
  expect(whole.parts).toEqual([[0, 20]])

  let left = 3
  const cut = study(() => left-- !== 0)
  const first = ownTeacher(cut.context, smallParts)
  await expect(first.ready()).rejects.toThrow(Dropped)
  const said = await first.ready()
  expect(cut.parts.map(([from]) => from)).toEqual(Array.from({ length: 20 }, (_, n) => n))
  expect(hashOf(cut.kept.logits)).toBe(hashOf(whole.kept.logits))
  expect(cut.kept.score).toBe(whole.kept.score)
  expect(said?.score).toBe(whole.kept.score)
})

test('another run goes on from the checkpoint; one that cannot be read, or does not belong, is nothing', async () => {
  const killed = study((job) => job.kind === 'teacher' && job.from < 5)
  await expect(ownTeacher(killed.context, smallParts).ready()).rejects.toThrow(Dropped)
  const again = study()
  again.kept.checkpoint = killed.kept.checkpoint!
  await ownTeacher(again.context, wholePart).ready()
  expect(again.parts).toEqual([[5, 20]])

  const damaged = study()
  damaged.kept.checkpoint = killed.kept.checkpoint!.subarray(0, 100)
  await ownTeacher(damaged.context, wholePart).ready()
  expect(damaged.parts).toEqual([[0, 20]])
  expect(hashOf(damaged.kept.logits)).toBe(hashOf(again.kept.logits))
})
