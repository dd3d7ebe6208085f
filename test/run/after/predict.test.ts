import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exampleSize } from '../../../src/data/decoded.ts'
import { predict, search } from '../../../src/index.ts'
import { readStudy } from '../../../src/run/record/open.ts'
import { openData } from '../../../src/run/record/prepare.ts'

const results = mkdtempSync(join(tmpdir(), 'tinyfront-predict-'))
afterAll(() => rmSync(results, { recursive: true, force: true }))

beforeAll(async () => {
  const study = {
    data: 'builtin:gestures?count=200',
    targets: ['rp2040'],
    study: 's',
    teacher: 'none',
    maxRamBytes: 8000,
    results,
  }
  for await (const _ of search({ ...study, trials: 1, polish: 1, workers: 1 }));
}, 120_000)

test('the share of right classes on test is the score that the study reports, and scores are those of the integers', async () => {
  const store = await readStudy(results, 's')
  const [reported] = store.tests()
  const data = await openData(store.header.config, results)
  const size = exampleSize(data.shape)
  const indices = [...data.splits.test]
  const inputs = indices.map((i) => data.samples.subarray(i * size, (i + 1) * size))
  const { predictions, trial } = await predict('s', { inputs, results })
  const right = predictions.filter((p, k) => p.class === data.classes[data.labels.values[indices[k]!]!]).length
  expect([trial, right / indices.length]).toEqual([reported?.trial, reported?.int8])
  for (const { values, integers, score, margin } of predictions) {
    const [best, next] = [...integers].sort((a, b) => b - a) as [number, number]
    const scale = (values[0]! - values[1]!) / (integers[0]! - integers[1]! || 1) || 1 / 256
    expect(score).toBe(Math.max(...values))
    expect(margin).toBeCloseTo((best - next) * scale, 10)
  }
})

test('what is no example is refused in two lines', async () => {
  await expect(predict('s', { inputs: [new Float32Array(3)], results })).rejects.toMatchObject({
    message: 'input 0 has 3 values',
    remedy: expect.stringMatching(/128 x 1 x 6/),
  })
  await expect(predict('s', { files: ['src'], results })).rejects.toMatchObject({
    message: expect.stringMatching(/no file of the kind/),
  })
})
