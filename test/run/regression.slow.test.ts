import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { search } from '../../src/index.ts'
import { studyView } from '../../src/run/after/view.ts'
import { inlineExecutor } from '../../src/run/jobs/inline.ts'
import { readStudy } from '../../src/run/record/open.ts'
import { rng } from '../../src/util/rng.ts'

const folder = mkdtempSync(join(tmpdir(), 'tinyfront-regression-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Recordings of a noisy tone; what is sought is its amplitude, 0.5 to 2.5, so answering the mean is 0.5 off on average. */
function writeRecordings(): string {
  mkdirSync(join(folder, 'data'))
  for (let r = 0; r < 60; r++) {
    const random = rng('regression', r)
    const [amplitude, period] = [0.5 + 2 * random.next(), 8 + 10 * random.next()]
    const rows = Array.from({ length: 320 }, (_, t) => {
      const wave = amplitude * Math.sin((2 * Math.PI * t) / period)
      return `${(wave + 0.2 * (random.next() - 0.5)).toFixed(4)},${amplitude.toFixed(4)}`
    })
    writeFileSync(join(folder, 'data', `r${r}.csv`), `x,label\n${rows.join('\n')}\n`)
  }
  const manifest = join(folder, 'dataset.json')
  writeFileSync(
    manifest,
    JSON.stringify({ kind: 'series', task: 'regression', path: 'data', window: { length: 64, hop: 32, label: 'label' } }),
  )
  return manifest
}

test('regression from recordings to a front: the int8 network is far closer than the mean', async () => {
  const options = { data: writeRecordings(), targets: ['stm32f446'], results: folder, study: 'tone', seed: '1' }
  const tests: number[] = []
  for await (const event of search({
    ...options,
    metric: { kind: 'mae' },
    trials: 6,
    polish: 2,
    plugins: { executor: inlineExecutor },
  }))
    if (event.type === 'test:end') {
      expect(event.test.confusion).toBeNull()
      expect(event.test.low).toBeNull()
      tests.push(event.test.int8)
    } else if (event.type === 'verify:end')
      for (const check of event.verify.checks) expect(check.status, check.detail).not.toBe('different')
  expect(Math.min(...tests)).toBeLessThan(0.2)
  const view = studyView(await readStudy(folder, 'tone'))
  expect(view.targets[0]!.front.length).toBeGreaterThan(0)
})
