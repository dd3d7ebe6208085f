import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { coefficients } from '../../bench/fit/coefficients.ts'
import { haveData } from '../../bench/fit/data.ts'
import { leaveOut, ours } from '../../bench/fit/evaluate.ts'
import { baseFormulas } from '../../bench/fit/formulas.ts'
import { fitHierarchy } from '../../bench/fit/hierarchy.ts'
import { modelRows, partRows } from '../../bench/fit/rows.ts'
import { scorecard } from '../../bench/fit/scorecard.ts'
import { scorecardPage } from '../../bench/fit/scorecard-page.ts'
import { packageRoot } from '../../src/util/package-root.ts'

describe.skipIf(!haveData)('npx tsx bench/fit-predictors.ts', () => {
  it('gives the committed coefficients and scorecard', () => {
    const formulas = baseFormulas()
    const rows = [...modelRows(), ...partRows()]
    const byModel = leaveOut(rows, (r) => r.model, ours(formulas))
    const result = coefficients(formulas, rows, fitHierarchy(rows, formulas), byModel)
    const committed = JSON.parse(readFileSync(join(packageRoot, 'devices/coefficients.json'), 'utf8'))
    expect(JSON.parse(JSON.stringify(result))).toEqual(committed)
    const card = scorecard(rows, formulas, byModel)
    expect(scorecardPage(card)).toBe(readFileSync(join(packageRoot, 'docs/scorecard.md'), 'utf8'))
  }, 300_000)
})
