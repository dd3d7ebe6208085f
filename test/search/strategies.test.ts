import { expect, test, vi } from 'vitest'
import { frontOf } from '../../src/search/front.ts'
import { search } from '../../src/search/loop.ts'
import { strategies, strategyNames } from '../../src/search/strategies.ts'
import type { Trial } from '../../src/search/trial.ts'
import { evaluateFake, type FakeStudy, fakeStudy } from './fake-study.ts'

vi.setConfig({ testTimeout: 90_000 })

async function history(name: (typeof strategyNames)[number], options: FakeStudy, trials: number): Promise<Trial[]> {
  const study = fakeStudy(options)
  const all: Trial[] = []
  for await (const event of search(study, strategies[name](study), { trials }, { evaluate: evaluateFake }))
    if (event.type === 'trial:end') all.push(event.trial)
  return all
}
const volumes = (trials: readonly Trial[], options: FakeStudy) => {
  const study = fakeStudy(options)
  return study.targets.map((t) => frontOf(trials, t, study.objectives, study.metric).hypervolume)
}

test.each(strategyNames)('%s spends its trials on networks that fit', async (name) => {
  const trials = await history(name, {}, 30)
  expect(trials.filter((t) => t.state === 'infeasible').length).toBeLessThanOrEqual(3)
  for (const t of trials) if (t.state === 'trained') expect(Object.values(t.costs).some((c) => c.violation <= 0)).toBe(true)
})

test('evolution beats random search at equal trials, on each of three seeds and both boards', async () => {
  for (let seed = 1; seed <= 3; seed++) {
    const evolved = volumes(await history('evolution', { seed }, 40), { seed })
    const drawn = volumes(await history('random', { seed }, 40), { seed })
    for (const [i, v] of evolved.entries()) expect(v).toBeGreaterThan(drawn[i]!)
  }
})

test('the first trials span the orders of magnitude that fit', async () => {
  const macs = (await history('evolution', { boards: ['large'] }, 8)).map((t) => t.macs)
  expect(Math.max(...macs) / Math.min(...macs)).toBeGreaterThan(50)
})
