import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type SearchOptions, search } from '../../src/index.ts'
import { frontDocument } from '../../src/report/front-json.ts'
import { reprice } from '../../src/run/after/reprice.ts'
import { studyView } from '../../src/run/after/view.ts'
import { readStudy } from '../../src/run/record/open.ts'
import { resumeStudy } from '../../src/run/record/start.ts'
import { runStudy } from '../../src/run/run-study.ts'
import type { Trial } from '../../src/search/trial.ts'

const folder = mkdtempSync(join(tmpdir(), 'tinyfront-run-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const options: SearchOptions = {
  data: 'builtin:gestures?count=240',
  targets: ['stm32f446', 'rp2040'],
  engine: 'fake',
  results: folder,
  seed: '7',
} as const

async function run(study: string, trials: number, more: object = {}) {
  const events = []
  for await (const event of search({ ...options, study, trials, ...more })) events.push(event)
  return events
}

/** Journal lines without what differs between runs: clocks and checksums. */
const history = (study: string): unknown[] =>
  readFileSync(join(folder, study, 'journal.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter((line) => line.type !== 'header' && line.type !== 'stop')
    .map(({ sum, seconds, ...line }) => line)

describe('a study on the fake engine', () => {
  test('tells what happens in order and ends with fronts', async () => {
    const events = await run('told', 20)
    expect(events[0]!.type).toBe('study:start')
    expect(events.at(-1)).toMatchObject({ type: 'study:end', state: 'complete' })
    expect(events.flatMap((e) => (e.type === 'trial:end' ? [e.trial.n] : []))).toEqual(Array.from({ length: 20 }, (_, n) => n))
    const view = studyView(await readStudy(folder, 'told'))
    expect(view.trials.trained).toBe(20)
    for (const target of view.targets) expect(target.front.length).toBeGreaterThan(0)
  })

  test('resumed with twice the trials equals one that began with twice the trials', async () => {
    await run('half', 12)
    const opened = await resumeStudy('half', folder)
    for await (const _ of runStudy(opened.store, opened.dataset, { trials: 24, workers: 1, memoryBytes: 0, extended: true }));
    await opened.store.study.close()
    await run('whole', 24)
    expect(history('half')).toEqual(history('whole'))
  })

  test('with --int4 makes members with weights in 4 bits, and none for a board whose runtime cannot run them', async () => {
    await run('int4', 40, { int4: true, targets: ['stm32f446', 'esp32-s3'] })
    const view = studyView(await readStudy(folder, 'int4'))
    const narrow = (text: string) => /b=4/.test(text)
    const [f446, esp] = ['stm32f446', 'esp32-s3'].map((id) =>
      view.targets.find((t) => t.target === id)!.front.map((m) => m.genome),
    )
    expect(f446!.some(narrow)).toBe(true)
    expect(esp!.length).toBeGreaterThan(0)
    expect(esp!.filter(narrow)).toEqual([])
    const { trials } = (await readStudy(folder, 'int4')) as { trials(): readonly Trial[] }
    for (const { text, costs } of trials())
      expect([text, costs['esp32-s3']!.violation > 0]).toEqual([text, narrow(text) || costs['esp32-s3']!.violation > 0])
  })

  test('with --int4 on boards that cannot run it begins nothing, and says why', async () => {
    await expect(run('int4-nowhere', 4, { int4: true, targets: ['esp32-s3'] })).rejects.toThrow(
      '--int4: weights in 4 bits do not run under TensorFlow Lite Micro with ESP-NN',
    )
    expect(existsSync(join(folder, 'int4-nowhere'))).toBe(false)
  })

  test('a journal cut anywhere in its last line goes on to the same front', async () => {
    await run('cut', 16)
    const file = join(folder, 'cut', 'journal.jsonl')
    const bytes = readFileSync(file)
    truncateSync(file, Math.floor(bytes.length * 0.6))
    const opened = await resumeStudy('cut', folder)
    for await (const _ of runStudy(opened.store, opened.dataset, opened.store.header.limits));
    await opened.store.study.close()
    await run('uncut', 16)
    expect(history('cut')).toEqual(history('uncut'))
  })

  test('the front document keeps its contract', async () => {
    await run('contract', 10)
    const document = frontDocument(studyView(await readStudy(folder, 'contract')))
    expect(Object.keys(document)).toEqual(['schemaVersion', 'study', 'seed', 'metric', 'trials', 'targets'])
    const [target] = document.targets
    expect(Object.keys(target!)).toEqual(['target', 'hypervolume', 'reference', 'front'])
    expect(Object.keys(target!.front[0]!)).toEqual(['trial', 'genome', 'accuracy', 'cost'])
    expect(target!.front[0]!.accuracy).toMatchObject({ test: null, testLow: null, testHigh: null })
    expect(Object.keys(target!.front[0]!.cost)).toEqual([
      'latencyMs',
      'latencyLowMs',
      'latencyHighMs',
      'ramBytes',
      'flashBytes',
      'energyUj',
      'macs',
      'params',
    ])
  })

  test('a board that was not in the study is priced without training', async () => {
    await run('priced', 10)
    const store = await readStudy(folder, 'priced')
    const view = studyView(store, reprice(store, ['nrf52840'], {}))
    expect(view.targets.map((t) => t.target)).toEqual(['nrf52840'])
    expect(view.targets[0]!.front.length).toBeGreaterThan(0)
    const tight = studyView(store, reprice(store, ['nrf52840'], { maxRamBytes: 10 }))
    expect(tight.targets[0]!.front).toEqual([])
  })

  test('nothing fits: no training, the miss is recorded', async () => {
    const events = await run('tiny', 5, { maxRamBytes: 500 })
    expect(events.at(-1)).toMatchObject({ type: 'study:end', state: 'nothing-fits' })
    const trials = (await readStudy(folder, 'tiny')).trials()
    expect(trials.length).toBeGreaterThan(0)
    expect(trials.every((t) => t.state === 'infeasible' && t.reason?.startsWith('fits no target'))).toBe(true)
  })

  test('the first interruption saves what is done', async () => {
    const stop = new AbortController()
    for await (const event of search({ ...options, study: 'stopped', trials: 30, signal: stop.signal }))
      if (event.type === 'trial:end' && event.trial.n === 9) stop.abort()
    const opened = await resumeStudy('stopped', folder)
    expect(opened.store.trials().length).toBeGreaterThanOrEqual(10)
    for await (const _ of runStudy(opened.store, opened.dataset, opened.store.header.limits));
    await opened.store.study.close()
    await run('unstopped', 30)
    expect(history('stopped')).toEqual(history('unstopped'))
  })
})
