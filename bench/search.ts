/**
 * Strategies on real training at equal CPU seconds: each run is a file in results/bench-search, the table is made of all of them.
 *
 *   npm run bench:search -- run ARM DATA [seed] [CPU seconds] [share]      ARM: a strategy; DATA: a data set of ../shared/datasets; share of the
 *                                                                         planned seconds after which the run ends
 *   npm run bench:search -- table [CPU seconds]
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Run } from './search/run.ts'
import { runArm } from './search/run.ts'
import { printTables } from './search/tables.ts'

const folder = 'results/bench-search'
const [command = 'table', ...rest] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
if (command === 'run') {
  const [arm = 'evolution', data = 'fashion-mnist', seed = '1', seconds = '120', share = '1'] = rest
  const run = await runArm(arm, data, seed, Number(seconds), Number(share))
  writeFileSync(join(folder, `${data}-${seconds}s-${arm}-${seed}.json`), JSON.stringify(run))
} else {
  const wanted = rest[0] === undefined ? undefined : Number(rest[0])
  const runs = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Run)
  printTables(runs.filter((run) => wanted === undefined || run.seconds === wanted))
}
