/**
 * Does the teacher earn its keep? The same 8 random networks, 3 seeds, trained with and without it, and without it but for as much longer as
 * the teacher's own training would have paid for. A teacher is trained once and serves every network of a search, so its cost is counted by
 * the number that share it: the 8 here, or as many as a search trains. Prints int8 scores on selection-validation.
 *
 *   npx tsx bench/distillation.ts builtin:keywords [examples per network] [networks that share the teacher = 8]
 */
import { openDataset } from '../src/data/open.ts'
import { countGraph } from '../src/graph/count.ts'
import { inlineExecutor, threadExecutor } from '../src/run/jobs/executor.ts'
import type { SharedLogits } from '../src/run/jobs/job.ts'
import { planStudy } from '../src/run/record/plan.ts'
import { openStudySpace } from '../src/run/record/prepare.ts'
import { chooseTeacher } from '../src/run/record/survey.ts'
import { type Decoded, decode } from '../src/space/decode.ts'
import { randomGenome } from '../src/space/genome.ts'
import { rng } from '../src/util/rng.ts'

const [spec = 'builtin:keywords', examplesText, sharersText = '8'] = process.argv.slice(2)
const dataset = await openDataset(spec, { seed: '1', cacheDir: 'results/.cache' })
const { report, ...plain } = dataset
const setup = { dataset: plain, metric: { kind: 'accuracy' }, engine: 'wasm', fastMath: false, memoryBytes: 0 } as const
const executor = process.env.INLINE ? inlineExecutor(setup) : threadExecutor(setup, 2)
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

async function arm(seed: string, recipe: ReturnType<typeof sized>, logits?: SharedLogits) {
  const scores = nets.map(async ({ graph, unpruned }, i) => {
    const candidate = { graph, unpruned, seed: `${seed}/${i}` }
    const common = {
      version: 1,
      candidate,
      recipe,
      split: 'selectionValidation',
      ...(logits ? { teacherLogits: logits } : {}),
    } as const
    const start = await executor.run({ ...common, kind: 'start' }, i)
    if (!start.ok) throw new Error(start.reason)
    const done = await executor.run<'finish'>({ ...common, kind: 'finish', start: start.output }, i)
    if (!done.ok) throw new Error(done.reason)
    return { score: done.output.int8, seconds: (start.busyMs + done.busyMs) / 1000 }
  })
  const all = await Promise.all(scores)
  return { mean: all.reduce((s, a) => s + a.score, 0) / all.length, seconds: all.reduce((s, a) => s + a.seconds, 0) }
}

const table: Record<string, { mean: number; seconds: number }[]> = { without: [], longer: [], with: [] }
for (const seed of ['1', '2', '3']) {
  const teacher = await executor.run({ version: 1, kind: 'teacher', graph: teacherGraph, recipe: teacherRecipe, seed }, 0)
  if (!teacher.ok) throw new Error(teacher.reason)
  const logits = new Float32Array(new SharedArrayBuffer(teacher.output.logits.byteLength)) as SharedLogits
  logits.set(teacher.output.logits)
  table.without!.push(await arm(seed, sized(examples)))
  table.longer!.push(await arm(seed, sized(examples + paidFor)))
  const taught = await arm(seed, sized(examples), logits)
  table.with!.push({ ...taught, seconds: taught.seconds + ((teacher.busyMs / 1000) * nets.length) / sharers })
  console.log(
    `seed ${seed}: teacher ${teacher.output.score.toFixed(4)}, ${Object.entries(table)
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
