/**
 * Fits the latency coefficients to the published measurements in `../shared/data` and writes `devices/coefficients.json`,
 * `docs/scorecard.md` and `docs/scorecard.json`: `npx tsx bench/fit-predictors.ts`. Under a minute; the same data give the same bytes.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../src/util/package-root.ts'
import { coefficients } from './fit/coefficients.ts'
import { haveData } from './fit/data.ts'
import { gather } from './fit/evidence.ts'
import { scorecard } from './fit/scorecard.ts'
import { scorecardPage } from './fit/scorecard-page.ts'

if (!haveData) {
  console.error('../shared/data/latency is absent: nothing to fit')
  process.exit(1)
}
const evidence = gather()
writeFileSync(join(packageRoot, 'devices/coefficients.json'), `${JSON.stringify(coefficients(evidence), null, 2)}\n`)
const card = scorecard(evidence)
writeFileSync(join(packageRoot, 'docs/scorecard.json'), `${JSON.stringify(card, null, 2)}\n`)
writeFileSync(join(packageRoot, 'docs/scorecard.md'), scorecardPage(card))
