/** Cost of a durable append from trial 10 to trial 10,000: it must stay flat. `npx tsx bench/journal.ts` */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStudy, openStudy } from '../src/store/study-file.ts'
import { header, trial } from '../test/store/study-values.ts'

const results = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'tinyfront-journal-'))
const study = await createStudy(results, header('bench'))
const block = 1000
for (let n = 0; n < 10_000; n += block) {
  const start = performance.now()
  for (let i = n; i < n + block; i++) await study.append({ type: 'trial', trial: trial(i) })
  console.log(`trials ${n} to ${n + block}: ${((performance.now() - start) / block).toFixed(3)} ms an append`)
}
await study.close()
const start = performance.now()
const again = await openStudy(results, 'bench', 'read')
const kilobytes = statSync(join(results, 'bench', 'journal.jsonl')).size / 1000
console.log(`read ${again.trials.length} trials (${kilobytes.toFixed(0)} kB) in ${(performance.now() - start).toFixed(0)} ms`)
rmSync(results, { recursive: true })
