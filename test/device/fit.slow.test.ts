import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { coefficients } from '../../bench/fit/coefficients.ts'
import { haveData } from '../../bench/fit/data.ts'
import { gather } from '../../bench/fit/evidence.ts'
import { scorecard } from '../../bench/fit/scorecard.ts'
import { scorecardPage } from '../../bench/fit/scorecard-page.ts'
import { packageRoot } from '../../src/util/package-root.ts'

describe.skipIf(!haveData)('npx tsx bench/fit-predictors.ts', () => {
  it('gives the committed coefficients and scorecard', () => {
    const evidence = gather()
    const result = coefficients(evidence)
    const committed = JSON.parse(readFileSync(join(packageRoot, 'devices/coefficients.json'), 'utf8'))
    expect(JSON.parse(JSON.stringify(result))).toEqual(committed)
    const card = scorecard(evidence)
    expect(scorecardPage(card)).toBe(readFileSync(join(packageRoot, 'docs/scorecard.md'), 'utf8'))
  }, 300_000)
})
