import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { search } from '../../../src/index.ts'
import { inlineExecutor } from '../../../src/run/jobs/inline.ts'
import { resumeStudy } from '../../../src/run/record/start.ts'
import { runStudy } from '../../../src/run/run-study.ts'
import type { Trial } from '../../../src/search/trial.ts'

const folder = mkdtempSync(join(tmpdir(), 'tinyfront-kept-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const trials = 14
const options = {
  ...({ data: 'builtin:gestures?count=200', targets: ['stm32f446'], strategy: 'thrifty', lag: 2, seed: '5' } as const),
  ...({ teacher: 'none', polish: 0, trials, results: folder } as const),
}
const journal = (study: string) => join(folder, study, 'journal.jsonl')
const lines = (study: string) => readFileSync(journal(study), 'utf8').trim().split('\n')
const history = (study: string): Trial[] =>
  lines(study).flatMap((line) => {
    const { type, trial } = JSON.parse(line, (key, value) => (key === 'milliseconds' ? 0 : value))
    return type === 'trial' ? [trial] : []
  })

/** The study as a kill after `kept` trials would have left it. */
function cut(study: string, kept: number): void {
  cpSync(join(folder, 'whole'), join(folder, study), { recursive: true })
  writeFileSync(
    journal(study),
    `${lines('whole')
      .slice(0, 1 + kept)
      .join('\n')}\n`,
  )
}
async function goOn(study: string): Promise<void> {
  const opened = await resumeStudy(study, folder)
  const limits = { trials, workers: 1, memoryBytes: 0, extended: true }
  for await (const _ of runStudy(opened.store, opened.dataset, limits, { executor: inlineExecutor }));
  await opened.store.study.close()
}

beforeAll(async () => {
  for await (const _ of search({ ...options, study: 'whole', plugins: { executor: inlineExecutor } }));
})

test('trials begin with the weights of earlier ones, whose files are there', () => {
  const heirs = history('whole').filter((t) => t.weightsFrom !== undefined)
  expect(heirs.length).toBeGreaterThan(1)
  const files = readdirSync(join(folder, 'whole', 'weights'))
  for (const { weightsFrom } of heirs) expect(files).toContain(`${weightsFrom}.safetensors`)
})

test('resumed with its weights, and resumed without them, a study has the journal of never having stopped', async () => {
  cut('resumed', trials - 2)
  await goOn('resumed')
  expect(history('resumed')).toEqual(history('whole'))
  cut('lost', trials - 2)
  rmSync(join(folder, 'lost', 'weights'), { recursive: true })
  await goOn('lost')
  expect(history('lost')).toEqual(history('whole'))
})
