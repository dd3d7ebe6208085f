import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { evolution } from '../../src/search/evolution.ts'
import { frontOf } from '../../src/search/front.ts'
import { type SearchEvent, type SearchOptions, type SearchPorts, search } from '../../src/search/loop.ts'
import { randomSearch } from '../../src/search/random.ts'
import type { SearchSetup, StrategyFactory } from '../../src/search/strategy.ts'
import type { Trial } from '../../src/search/trial.ts'
import { spaceSchema } from '../../src/space/schema.ts'
import { evaluateFake, fakeStudy } from './fake-study.ts'

// hundreds of proposals a test: seconds on an idle machine, more on a busy one
vi.setConfig({ testTimeout: 90_000 })

type Run = { trials: readonly Trial[]; events: SearchEvent[] }
async function run(
  study: SearchSetup,
  options: SearchOptions,
  ports: Partial<SearchPorts> = {},
  strategy: StrategyFactory = evolution(),
): Promise<Run> {
  const events: SearchEvent[] = []
  const trials = [...(options.history ?? [])]
  for await (const event of search(study, strategy(study), options, { evaluate: evaluateFake, ...ports })) {
    events.push(event)
    if (event.type === 'trial:end') trials.push(event.trial)
  }
  return { trials, events }
}
const endOf = ({ events }: Run) => events.at(-1) as Extract<SearchEvent, { type: 'search:end' }>

/** `workers` at once, each taking its own random time: results come back in any order. */
function executor(workers: number): Pick<SearchPorts, 'evaluate'> {
  let free = workers
  const waiting: (() => void)[] = []
  return {
    evaluate: async (candidate) => {
      if (free > 0) free--
      else await new Promise<void>((go) => waiting.push(go))
      await sleep(Math.random() * 6)
      const next = waiting.shift()
      if (next) next()
      else free++
      return evaluateFake(candidate)
    },
  }
}

const sixty = run(fakeStudy(), { trials: 60 })

test('golden: seed 42, fake engine, 60 trials (UPDATE_GOLDEN=1 rewrites it)', async () => {
  const study = fakeStudy()
  const { trials, events } = await sixty
  const fronts = study.targets.map((t) => frontOf(trials, t, study.objectives, study.metric))
  const file = new URL('../fixtures/golden-front.json', import.meta.url)
  const found = fronts.map((f) => ({
    target: f.target,
    hypervolume: f.hypervolume,
    trials: f.trials.map((t) => ({ n: t.n, text: t.text, graphHash: t.graphHash, score: t.score })),
  }))
  if (process.env.UPDATE_GOLDEN) writeFileSync(file, `${JSON.stringify(found, null, 1)}\n`)
  expect(found).toEqual(JSON.parse(readFileSync(file, 'utf8')))
  // the last front event of each target is its front
  for (const front of fronts)
    expect(events.findLast((e) => e.type === 'front:change' && e.front.target === front.target)).toMatchObject({ front })
})

test.each([1, 2, 4, 8])('%i workers with random delays give the same history', async (workers) => {
  expect((await run(fakeStudy(), { trials: 60 }, executor(workers))).trials).toEqual((await sixty).trials)
})

test('stopped at 50 and resumed equals never stopped', async () => {
  const first = await run(
    fakeStudy(),
    { trials: 60 },
    { shouldStop: (done) => (done.length === 50 ? 'time' : undefined), ...executor(4) },
  )
  expect(endOf(first).reason).toBe('time')
  expect(first.trials.length).toBeGreaterThanOrEqual(50)
  expect(first.trials.length).toBeLessThan(60)
  const resumed = await run(fakeStudy(), { trials: 60, history: first.trials })
  expect(resumed.trials).toEqual((await sixty).trials)
  // killed outright, with any number of trials in the journal
  for (const kept of [1, 23])
    expect((await run(fakeStudy(), { trials: 60, history: first.trials.slice(0, kept) })).trials).toEqual((await sixty).trials)
})

test('resumed with twice the trials equals started with twice the trials', async () => {
  const { trials } = await run(fakeStudy(), { trials: 30 })
  expect((await run(fakeStudy(), { trials: 60, history: trials })).trials).toEqual((await sixty).trials)
})

test('no network is trained twice, at most lag + 1 run, trials end in order', async () => {
  let running = 0
  let most = 0
  const { trials, events } = await run(
    fakeStudy({ lag: 3 }),
    { trials: 40 },
    {
      evaluate: async (candidate) => {
        most = Math.max(most, ++running)
        await sleep(Math.random() * 3)
        running--
        return evaluateFake(candidate)
      },
    },
  )
  expect(new Set(trials.map((t) => t.graphHash)).size).toBe(trials.length)
  expect(trials.map((t) => t.n)).toEqual(trials.map((_, n) => n))
  expect(trials.filter((t) => t.state === 'trained')).toHaveLength(40)
  expect(most).toBe(4)
  expect(endOf({ trials, events })).toMatchObject({ reason: 'trials', trained: 40 })
  for (const { parents, n } of trials) for (const p of parents) expect(p).toBeLessThan(n - 3)
})

test('failed candidates are recorded, not counted, and change nothing about worker-independence', async () => {
  const failing = (base: Pick<SearchPorts, 'evaluate'>): Pick<SearchPorts, 'evaluate'> => ({
    evaluate: async (candidate, signal) =>
      candidate.n % 5 === 2
        ? { state: 'failed', reason: 'diverged', score: null, steps: [], weights: null }
        : base.evaluate(candidate, signal),
  })
  const one = await run(fakeStudy(), { trials: 30 }, failing(executor(1)))
  expect(one.trials.filter((t) => t.state === 'trained')).toHaveLength(30)
  expect(one.trials[2]).toMatchObject({ state: 'failed', reason: 'diverged', score: null })
  expect((await run(fakeStudy(), { trials: 30 }, failing(executor(8)))).trials).toEqual(one.trials)
})

const dense = (width: number[], depth: number[]) =>
  spaceSchema.parse({
    schemaVersion: 1,
    name: 'few',
    description: '',
    activation: 'relu',
    stages: [{ name: 'stem', block: 'conv', width, depth, kernel: [3], stride: [2] }],
    reduce: 'mean',
  })

test('a small space is searched to its end', async () => {
  const result = await run(fakeStudy({ space: dense([4, 8, 12], [1, 2]) }), { trials: 100 })
  expect(endOf(result)).toMatchObject({ reason: 'exhausted', trained: 6 })
})

test('where nothing fits, near misses are recorded and the search says so', async () => {
  const study = fakeStudy({
    space: dense(
      [512, 640, 768],
      Array.from({ length: 12 }, (_, d) => d + 1),
    ),
    boards: ['small'],
  })
  const result = await run(study, { trials: 5 }, {}, randomSearch)
  expect(endOf(result)).toMatchObject({ reason: 'nothing-fits', trained: 0, trials: 16 })
  expect(result.trials[0]).toMatchObject({ state: 'infeasible', score: null })
  expect(result.trials[0]!.reason).toMatch(/^fits no target; nearest is small, \d+ % over its budget in sum$/)
})

test('the first abort lets running trials finish; the second drops them', async () => {
  const soft = new AbortController()
  const finished = await run(
    fakeStudy(),
    { trials: 60 },
    {
      signal: soft.signal,
      evaluate: async (candidate) => {
        await sleep(1)
        if (candidate.n === 20) soft.abort()
        return evaluateFake(candidate)
      },
    },
  )
  expect(endOf(finished).reason).toBe('interrupted')
  expect(finished.events.filter((e) => e.type === 'trial:start')).toHaveLength(finished.trials.length)
  expect((await sixty).trials.slice(0, finished.trials.length)).toEqual(finished.trials)

  const hard = new AbortController()
  const dropped = await run(
    fakeStudy(),
    { trials: 60 },
    {
      dropSignal: hard.signal,
      evaluate: (candidate, signal) => {
        if (candidate.n < 20) return evaluateFake(candidate)
        queueMicrotask(() => hard.abort())
        return new Promise((_, reject) => signal!.addEventListener('abort', () => reject(signal!.reason)))
      },
    },
  )
  expect(endOf(dropped)).toMatchObject({ reason: 'interrupted', trials: 20 })
})

test('an executor that breaks is a bug, not a trial', async () => {
  const broken = run(fakeStudy(), { trials: 5 }, { evaluate: () => Promise.reject(new Error('worker pool is gone')) })
  await expect(broken).rejects.toThrow('worker pool is gone')
})
