import { expect, test } from 'vitest'
import { verifyModel } from '../../src/verify/verify-model.ts'
import { hasLitert } from '../helpers/compare-litert.ts'
import { randomModel } from '../helpers/random-model.ts'

const model = randomModel('verify/1', { maxOps: 5 })
const absent = { compiler: 'no-such-compiler' }

test('what is not installed is not verified, and the rest still is', async () => {
  const report = await verifyModel(model, { ...absent, cores: ['cortex-m0', 'cortex-m7'] })
  expect(report.file).toBe('equal')
  expect(report.cores.map((c) => [c.core, c.status])).toEqual([
    ['cortex-m0', 'not verified'],
    ['cortex-m7', 'not verified'],
  ])
  expect(report.status).toBe(hasLitert ? 'verified' : 'not verified')
})
