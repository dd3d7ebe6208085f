import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { evolution } from '../../src/search/evolution.ts'
import { type SearchPorts, search } from '../../src/search/loop.ts'
import { examplesSeen, neededLater } from '../../src/search/relative.ts'
import type { StrategyFactory } from '../../src/search/strategy.ts'
import type { Trial } from '../../src/search/trial.ts'
import { withInt4 } from '../../src/space/int4.ts'
import { loadSpace } from '../../src/space/load.ts'
import { evaluateFake, fakeStudy } from './fake-study.ts'

vi.setConfig({ testTimeout: 90_000 })

const plain = fakeStudy({ lag: 4 })
const study = plain
const count = 120

/** As `evaluateFake`, but the weights have a name, results come back in any order, and each asks for its relative's weights. */
const evaluate =
  (asked: (n: number, weights: string) => void = () => undefined): SearchPorts['evaluate'] =>
  async (candidate) => {
    if (candidate.relative) asked(candidate.n, candidate.relative.weights)
    await sleep(Math.random() * 2)
    return { ...(await evaluateFake(candidate)), weights: `w${candidate.n}` }
  }

async function run(
  history: readonly Trial[] = [],
  asked?: (n: number, weights: string) => void,
  told?: (trials: Trial[]) => void,
  strategy: StrategyFactory = evolution({ inherit: true }),
  study = plain,
) {
  const trials = [...history]
  for await (const event of search(study, strategy(study), { trials: count, history }, { evaluate: evaluate(asked) }))
    if (event.type === 'trial:end') {
      trials.push(event.trial)
      told?.(trials)
    }
  return trials
}
const whole = run()

test('nearly every trial after the first look begins with weights of a trial that it could see, and knows what they have seen', async () => {
  const trials = await whole
  const heirs = trials.filter((t) => t.weightsFrom !== undefined)
  expect(heirs.length).toBeGreaterThan(0.8 * count)
  for (const heir of heirs) {
    const relative = trials.find((t) => t.weights === heir.weightsFrom)!
    expect(relative.n).toBeLessThan(heir.n - study.lag)
    expect(heir.ancestralExamples).toBe(examplesSeen(study, relative))
  }
  for (const other of trials.filter((t) => t.weightsFrom === undefined)) expect(other.ancestralExamples).toBeUndefined()
})

test('results in any order, and a journal of any length to go on from, give the same relatives', async () => {
  const trials = await whole
  expect(await run()).toEqual(trials)
  expect(await run(trials.slice(0, 77))).toEqual(trials)
})

test('what a sweep deletes nobody asks for again, and it deletes some', async () => {
  const gone = new Set<string>()
  await run(
    [],
    (_n, weights) => expect(gone).not.toContain(weights),
    (trials) => {
      const needed = neededLater(study, trials)
      for (const { weights } of trials) if (weights !== null && !needed.has(weights)) gone.add(weights)
    },
  )
  expect(gone.size).toBeGreaterThan(5)
})

test('a promoted network goes on from its own weights, one rung up, as long as all of its training before', async () => {
  const promoting = evolution({ inherit: true, per: 'work', initial: 'cheap', promote: true })
  const trials = await run([], undefined, undefined, promoting)
  const promoted = trials.filter((t) => t.rung > 0)
  expect(promoted.length).toBeGreaterThan(5)
  expect(Math.max(...promoted.map((t) => t.rung))).toBeGreaterThan(1)
  for (const trial of promoted) {
    const before = trials.find((t) => t.weights === trial.weightsFrom)!
    expect([before.graphHash, before.rung]).toEqual([trial.graphHash, trial.rung - 1])
    expect(before.n).toBeLessThan(trial.n - study.lag)
    const first = examplesSeen(study, before) - (before.ancestralExamples ?? 0)
    if (before.rung === 0) expect(examplesSeen(study, trial)).toBe(examplesSeen(study, before) + first)
    else expect(examplesSeen(study, trial)).toBe(examplesSeen(study, before) + 2 * first)
  }
  expect(await run(trials.slice(0, 61), undefined, undefined, promoting)).toEqual(trials)
})

test('a network may go on with other bits of weights, from what it has learnt with its own', async () => {
  const promoting = evolution({ inherit: true, per: 'work', initial: 'cheap', promote: true })
  const int4 = fakeStudy({ lag: 4, space: withInt4(loadSpace('mcunet')) })
  const trials = await run([], undefined, undefined, promoting, int4)
  const bits = int4.space.weightBits.gene
  let turned = 0
  for (const trial of trials.filter((t) => t.rung > 0)) {
    const before = trials.find((t) => t.weights === trial.weightsFrom)!
    expect(before.rung).toBe(trial.rung - 1)
    expect(before.genome.with(bits, 0)).toEqual(trial.genome.with(bits, 0))
    if (before.genome[bits] !== trial.genome[bits]) turned++
  }
  expect(turned).toBeGreaterThan(2)
  expect(await run(trials.slice(0, 61), undefined, undefined, promoting, int4)).toEqual(trials)
})
