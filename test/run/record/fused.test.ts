import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { resumeStudy, startStudy } from '../../../src/run/record/start.ts'
import { fuses } from '../../../src/train/wasm/fuses.ts'

const machine = vi.hoisted(() => ({ fuses: true }))
vi.mock('../../../src/train/wasm/fuses.ts', () => ({ fuses: () => machine.fuses }))
const folder = mkdtempSync(join(tmpdir(), 'tinyfront-fused-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function begin(study: string, fastMath: boolean): Promise<void> {
  const asked = { study, data: 'builtin:gestures?count=160', targets: ['rp2040'], fastMath, teacher: 'none' }
  const { store } = await startStudy(asked, { trials: 4, workers: 1, memoryBytes: 0 }, folder)
  expect(store.header.raw.fused).toBe(fastMath ? fuses() : undefined)
  await store.study.close()
}

test('a study with fast mathematics goes on only where products and sums are rounded as where it began', async () => {
  await begin('fast', true)
  machine.fuses = false
  await expect(resumeStudy('fast', folder)).rejects.toMatchObject({
    kind: 'usage',
    message: expect.stringContaining('--fast-math'),
  })
  machine.fuses = true
  const { store } = await resumeStudy('fast', folder)
  await store.study.close()
})

test('plain studies do not know the machine', async () => {
  await begin('plain', false)
  machine.fuses = !machine.fuses
  const { store } = await resumeStudy('plain', folder)
  await store.study.close()
})
