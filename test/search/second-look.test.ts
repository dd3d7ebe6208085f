import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { type SearchOptions, search } from '../../src/index.ts'
import { readStudy } from '../../src/run/record/open.ts'
import { setupOf } from '../../src/run/record/setup.ts'
import { resumeStudy } from '../../src/run/record/start.ts'
import { runStudy } from '../../src/run/run-study.ts'
import { frontOf, isFeasible } from '../../src/search/front.ts'
import type * as table from '../../src/search/strategies.ts'
import type { Trial } from '../../src/search/trial.ts'

/** All that a new strategy touches in `src`: its row in `strategies.ts`, here in the place of one that options know. */
vi.mock('../../src/search/strategies.ts', async (original) => {
  const { secondLook } = await import('./second-look.ts')
  return { ...(await original<typeof table>()), strategies: { random: secondLook } }
})

const folder = mkdtempSync(join(tmpdir(), 'tinyfront-second-look-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const options: SearchOptions = {
  ...{ data: 'builtin:gestures?count=240', targets: ['stm32f446'], seed: '3', results: folder, strategy: 'random' },
  lag: 2,
  engine: 'fake',
}

async function run(study: string, trials: number, more: Partial<SearchOptions> = {}): Promise<readonly Trial[]> {
  for await (const _ of search({ ...options, study, trials, ...more }));
  return (await readStudy(folder, study)).trials()
}

/** The network that a trial looked at a second time, as it was after the first. */
const firstLook = (trials: readonly Trial[], second: Trial) =>
  trials.find((t) => t.graphHash === second.graphHash && t.rung === 0)!

/** Journal lines without what differs between runs. */
const lines = (study: string) =>
  readFileSync(join(folder, study, 'journal.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter((line) => line.type === 'trial')
    .map(({ sum, seconds, ...line }) => line)

test('a known network is trained again at another rung, once, and the front takes the longer training', async () => {
  const trials = await run('whole', 24)
  const second = trials.filter((t) => t.rung === 1)
  expect(second.length).toBeGreaterThan(3)
  expect(new Set(trials.map((t) => `${t.graphHash} ${t.rung}`)).size).toBe(trials.length)
  const setup = setupOf((await readStudy(folder, 'whole')).header)
  const front = frontOf(trials, setup.targets[0]!, setup.objectives, setup.metric)
  for (const trial of second) {
    const first = firstLook(trials, trial)
    expect(trial.parents).toEqual([first.n])
    expect(trial.score).toBeGreaterThan(first.score!)
    expect(front.trials).not.toContain(first)
  }
  expect(front.trials.some((t) => t.rung === 1)).toBe(true)
})

test('the longer training counts even where it scored less, and what the first had dominated comes back', async () => {
  const trials = await run('whole-again', 12)
  const { targets, objectives, metric } = setupOf((await readStudy(folder, 'whole-again')).header)
  const front = (of: readonly Trial[]) => frontOf(of, targets[0]!, objectives, metric)
  const fits = trials.filter((t) => t.rung === 0 && isFeasible(t, targets[0]!.id))
  const [best] = front(fits).trials
  const worse: Trial = { ...best!, n: trials.length, rung: 1, score: 0.2 }
  expect(front([...fits, worse]).trials).toEqual(front([...fits.filter((t) => t !== best), worse]).trials)
  const failed: Trial = { ...worse, state: 'failed', score: null }
  expect(front([...fits, failed])).toEqual(front(fits))
})

test('stopped and resumed anywhere, it has the journal of never having stopped', async () => {
  await run('cut', 11)
  const opened = await resumeStudy('cut', folder)
  for await (const _ of runStudy(opened.store, opened.dataset, { trials: 24, workers: 1, memoryBytes: 0, extended: true }));
  await opened.store.study.close()
  expect(lines('cut')).toEqual(lines('whole'))
})
