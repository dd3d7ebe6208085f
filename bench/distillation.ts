/**
 * Does the teacher earn its keep? The same 8 random networks, 3 seeds, trained with and without it, and without it but for as much longer as
 * the teacher's own training would have paid for. A teacher is trained once and serves every network of a search, so its cost is counted by
 * the number that share it: the 8 here, or as many as a search trains. Prints int8 scores on selection-validation.
 *
 *   npx tsx bench/distillation.ts builtin:keywords [examples per network] [networks that share the teacher = 8]
 */

import { openDataset } from '../src/data/open.ts'
import { countGraph } from '../src/graph/count.ts'
import { bytesOf, eitherOf } from '../src/run/jobs/blobs.ts'
import { inlineExecutor } from '../src/run/jobs/inline.ts'
import { type JobBase, jobVersion } from '../src/run/jobs/job.ts'
import { threadExecutor } from '../src/run/jobs/threads.ts'
import { asInput, type ReadyTeacher } from '../src/run/phases/teacher.ts'
import { planStudy } from '../src/run/record/plan.ts'
import { openStudySpace } from '../src/run/record/prepare.ts'
import { chooseTeacher } from '../src/run/record/survey.ts'
import { type Decoded, decode } from '../src/space/decode.ts'
import { randomGenome } from '../src/space/genome.ts'
import { totalSteps } from '../src/train/recipe.ts'
import { rng } from '../src/util/rng.ts'

const [spec = 'builtin:keywords', examplesText, sharersText = '8'] = process.argv.slice(2)
const dataset = await openDataset(spec, { seed: '1', cacheDir: 'results/.cache' })
const { report, ...plain } = dataset
const executor = (process.env.INLINE ? inlineExecutor : threadExecutor)({ dataset: plain, memoryBytes: 0 }, 2)
const base: JobBase = {
  version: jobVersion,
  data: plain.fingerprint,
  metric: { kind: 'accuracy' },
  engine: 'wasm',
  fastMath: false,
}
const space = openStudySpace('auto', dataset)

const nets: Decoded[] = []
for (let i = 0; nets.length < 8; i++) {
  const net = decode(space, randomGenome(space, rng('distillation', i)))
  const { macs } = countGraph(net.graph)
  if (macs > 100_000 && macs < 2_000_000) nets.push(net)
}
const typicalMacs = nets.reduce((sum, n) => sum + countGraph(n.unpruned).macs, 0) / nets.length
const plan = planStudy({ dataset, typicalMacs, workers: 2, polishMembers: 0, trials: 8 })
const examples = Number(examplesText ?? plan.trial.recipe.warmExamples + plan.trial.recipe.tuneExamples)
const sized = (n: number) => ({
  ...plan.trial.recipe,
  scoreExamples: { float: 1, int8: 0 },
  warmExamples: 0.4 * n,
  tuneExamples: 0.6 * n,
})
const teacherGraph = chooseTeacher(space, '1', 3 * typicalMacs)
const teacherRecipe = { ...plan.teacher, warmExamples: 4 * examples }
const sharers = Number(sharersText)
// forward, backward and update of the teacher, in examples of a typical network, for each network that shares it
const paidFor = (4 * examples * countGraph(teacherGraph).macs) / typicalMacs / sharers

async function arm(seed: string, recipe: ReturnType<typeof sized>, teacher?: ReadyTeacher) {
  const { names, blobs } = asInput(teacher)
  const scores = nets.map(async ({ graph, unpruned }, i) => {
    const network = { graph, unpruned, seed: `${seed}/${i}` }
    const common = {
      ...base,
      network,
      recipe,
      split: 'selectionValidation',
      ...names,
    } as const
    const start = await executor.run<'start'>({ ...common, kind: 'start' }, i, blobs)
    if (!start.ok) throw new Error(start.reason)
    const done = await executor.run<'finish'>({ ...common, kind: 'finish', start: start.output }, i, eitherOf(start.blobs, blobs))
    if (!done.ok) throw new Error(done.reason)
    return { score: done.output.int8, seconds: (start.busyMs + done.busyMs) / 1000 }
  })
  const all = await Promise.all(scores)
  return { mean: all.reduce((s, a) => s + a.score, 0) / all.length, seconds: all.reduce((s, a) => s + a.seconds, 0) }
}

const teacherJob = {
  kind: 'teacher',
  graph: teacherGraph,
  recipe: teacherRecipe,
  from: 0,
  to: totalSteps(teacherRecipe),
} as const
const table: Record<string, { mean: number; seconds: number }[]> = { without: [], longer: [], with: [] }
for (const seed of ['1', '2', '3']) {
  const teacher = await executor.run<'teacher'>({ ...base, ...teacherJob, seed }, 0)
  if (!teacher.ok) throw new Error(teacher.reason)
  const { logits: address, score } = teacher.output.said!
  const logits = { address, bytes: bytesOf(teacher.blobs, address) }
  table.without!.push(await arm(seed, sized(examples)))
  table.longer!.push(await arm(seed, sized(examples + paidFor)))
  const taught = await arm(seed, sized(examples), { logits, score })
  table.with!.push({ ...taught, seconds: taught.seconds + ((teacher.busyMs / 1000) * nets.length) / sharers })
  console.log(
    `seed ${seed}: teacher ${score.toFixed(4)}, ${Object.entries(table)
      .map(([k, v]) => `${k} ${v.at(-1)!.mean.toFixed(4)} in ${v.at(-1)!.seconds.toFixed(0)} CPU s`)
      .join(', ')}`,
  )
}
for (const [name, rows] of Object.entries(table)) {
  const mean = rows.reduce((s, r) => s + r.mean, 0) / rows.length
  const sd = Math.sqrt(rows.reduce((s, r) => s + (r.mean - mean) ** 2, 0) / (rows.length - 1))
  console.log(
    `${name.padEnd(8)} ${(100 * mean).toFixed(2)} % ± ${(100 * sd).toFixed(2)}, ${(rows.reduce((s, r) => s + r.seconds, 0) / rows.length).toFixed(0)} CPU s (teacher counted, shared by ${sharers} networks)`,
  )
}
await executor.close()
