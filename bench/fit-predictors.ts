/**
 * Fits the latency coefficients to the published measurements in `../shared/data` and writes `devices/coefficients.json`,
 * `docs/scorecard.md` and `docs/scorecard.json`: `npx tsx bench/fit-predictors.ts`. About ten seconds; the same data give the same bytes.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../src/util/package-root.ts'
import { coefficients } from './fit/coefficients.ts'
import { haveData } from './fit/data.ts'
import { leaveOut, ours } from './fit/evaluate.ts'
import { baseFormulas } from './fit/formulas.ts'
import { fitHierarchy } from './fit/hierarchy.ts'
import { modelRows, partRows } from './fit/rows.ts'
import { scorecard } from './fit/scorecard.ts'
import { scorecardPage } from './fit/scorecard-page.ts'

if (!haveData) {
  console.error('../shared/data/latency is absent: nothing to fit')
  process.exit(1)
}
const formulas = baseFormulas()
const rows = [...modelRows(), ...partRows()]
const byModel = leaveOut(rows, (r) => r.model, ours(formulas))
const result = coefficients(formulas, rows, fitHierarchy(rows, formulas), byModel)
writeFileSync(join(packageRoot, 'devices/coefficients.json'), `${JSON.stringify(result, null, 2)}\n`)
const card = scorecard(rows, formulas, byModel)
writeFileSync(join(packageRoot, 'docs/scorecard.json'), `${JSON.stringify(card, null, 2)}\n`)
writeFileSync(join(packageRoot, 'docs/scorecard.md'), scorecardPage(card))
