import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { countGraph } from '../../../src/graph/count.ts'
import { type PolishLine, search } from '../../../src/index.ts'
import { gradualCuts } from '../../../src/quant/gradual.ts'
import { inlineExecutor } from '../../../src/run/jobs/inline.ts'
import { readStudy } from '../../../src/run/record/open.ts'
import { setupOf } from '../../../src/run/record/setup.ts'
import { resumeStudy } from '../../../src/run/record/start.ts'
import { runStudy } from '../../../src/run/run-study.ts'
import { decode } from '../../../src/space/decode.ts'
import { sha256 } from '../../../src/util/hash.ts'

const folder = mkdtempSync(join(tmpdir(), 'tinyfront-polish-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('time that is left goes into warm restarts, of which the best is kept, tested and verified', async () => {
  const options = { data: 'builtin:gestures?count=200', targets: ['stm32f446'], results: folder, seed: '3', polish: 3 }
  const told: { trial: number; round: number; int8: number }[] = []
  for await (const event of search({
    ...options,
    study: 'rounds',
    trials: 4,
    seconds: 3000,
    teacher: 'none',
    plugins: { executor: inlineExecutor },
  }))
    if (event.type === 'polish:end') told.push(event.polish)
  for (const trial of new Set(told.map((p) => p.trial))) {
    const rounds = told.filter((p) => p.trial === trial)
    expect(rounds.map((p) => p.round)).toEqual([...Array(10).keys()])
    rounds.slice(1).forEach((p, i) => {
      expect(p.int8).toBeGreaterThanOrEqual(rounds[i]!.int8)
    })
  }
  const store = await readStudy(folder, 'rounds')
  expect(store.polishes().length).toBeGreaterThan(0)
  // polished longest first, tested best first
  const ofTrial = (n: number) => store.polishes().find((p) => p.trial === n)
  expect(store.tests().length).toBe(store.polishes().length)
  for (const { trial, weights } of store.tests()) expect(weights).toBe(ofTrial(trial)?.weights)
  for (const { trial, tflite } of store.verifies()) expect(tflite).toBe(ofTrial(trial)?.tflite)
  expect(store.verifies().length).toBe(store.polishes().length)

  for (const p of store.polishes()) expect(sha256(store.readModel(p.trial))).toBe(p.tflite)

  const again = await resumeStudy('rounds', folder)
  const before = again.store.study.lines.length
  for await (const _ of runStudy(again.store, again.dataset, again.store.header.limits, { executor: inlineExecutor }));
  expect(again.store.study.lines.length).toBe(before)
  await again.store.study.close()
})

test('stopped in the middle of a round and resumed: the same polishes, taught by the same ensemble', async () => {
  const options = { data: 'builtin:gestures?count=200', targets: ['stm32f446'], results: folder, seed: '3', polish: 3 }
  const stop = new AbortController()
  let seen = 0
  for await (const event of search({
    ...options,
    study: 'cut',
    trials: 4,
    seconds: 3000,
    teacher: 'none',
    plugins: { executor: inlineExecutor },
    signal: stop.signal,
  }))
    if (event.type === 'polish:end' && ++seen === 4) stop.abort()
  const opened = await resumeStudy('cut', folder)
  expect(opened.store.polishes().map((p) => p.round)).not.toEqual([9, 9, 9])
  for await (const _ of runStudy(opened.store, opened.dataset, opened.store.header.limits, { executor: inlineExecutor }));
  await opened.store.study.close()
  const results = async (study: string) =>
    (await readStudy(folder, study))
      .polishes()
      .map(({ trial, round, int8, weights, tflite }) => ({ trial, round, int8, weights, tflite }))
  expect(await results('cut')).toEqual(await results('rounds'))
})

test('--prune-rounds: round 0 prunes each network again, from its unpruned form; later rounds go on from there', async () => {
  const options = { data: 'builtin:gestures?count=200', targets: ['stm32f446'], results: folder, seed: '3', polish: 3 }
  const told: PolishLine[] = []
  for await (const event of search({
    ...options,
    study: 'again',
    trials: 4,
    seconds: 3000,
    pruneRounds: 3,
    plugins: { executor: inlineExecutor },
  }))
    if (event.type === 'polish:end') told.push(event.polish)
  const store = await readStudy(folder, 'again')
  const { space } = setupOf(store.header)
  for (const { trial, steps } of told.filter((p) => p.round === 0)) {
    const { graph, unpruned } = decode(space, store.trials().find((t) => t.n === trial)!.genome)
    const macs = steps.map((s) => [s.step, s.macs])
    if (graph === unpruned) expect(macs.map(([step]) => step)).not.toContain('float')
    else {
      expect(macs[0]).toEqual(['float', countGraph(unpruned).macs])
      expect(macs.filter(([step]) => step === 'pruned').map(([, m]) => m)).toEqual(
        gradualCuts(unpruned, graph, 3).map((cut) => countGraph(cut).macs),
      )
    }
  }
  expect(told.some((p) => p.steps.some((s) => s.step === 'pruned'))).toBe(true)
  for (const p of told.filter((p) => p.round > 0))
    expect(p.steps.filter((s) => s.step === 'pruned').length).toBeLessThanOrEqual(3)
  expect(store.tests().length).toBe(store.polishes().length)
})
