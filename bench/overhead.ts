/**
 * What a trial costs besides training and evaluation: proposing, pricing, the journal. On the fake engine nothing else is left, so its time per trial
 * is that cost; of a finished study it is the part of the workers' time that no step of a trial accounts for.
 *
 *   npx tsx bench/overhead.ts [results/STUDY ...]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { type SearchOptions, search } from '../src/index.ts'
import { readStudy } from '../src/run/record/open.ts'

const folder = mkdtempSync(join(tmpdir(), 'tinyfront-overhead-'))
const count = 300
for (const [data, space] of [
  ['builtin:gestures?count=400', 'conv1d'],
  ['builtin:keywords?count=400', 'ds-cnn'],
  ['builtin:shapes?count=400', 'mcunet'],
] as const) {
  const targets = ['stm32f446', 'esp32-s3', 'rp2040']
  const options: SearchOptions = { data, space, targets, engine: 'fake', results: folder, study: space, seed: '1' }
  let from = 0
  for await (const event of search({ ...options, trials: count })) if (event.type === 'study:start') from = performance.now()
  console.log(
    `${space.padEnd(8)} ${((performance.now() - from) / count).toFixed(1)} ms a trial for three boards, proposal, prices and journal`,
  )
}
rmSync(folder, { recursive: true })

for (const path of process.argv.slice(2)) {
  const { study } = await readStudy(dirname(path), basename(path))
  const workers = (study.header.config as { workers: number }).workers
  const last = study.lines.findLast((l) => l.type === 'trial')
  const worked = study.trials.reduce((sum, t) => sum + t.steps.reduce((s, step) => s + step.milliseconds, 0), 0) / 1000
  const share = 1 - worked / (workers * last!.seconds!)
  console.log(
    `${path}: ${study.trials.length} trials, ${(100 * share).toFixed(1)} % of ${workers} workers' time outside trials (the teacher counted as outside)`,
  )
}
