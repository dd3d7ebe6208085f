/**
 * Evolution against random search at equal trained trials: mean hypervolume over seeds, on the fake objective priced for real boards.
 * `npx tsx bench/strategy.ts [trials] [seeds] [space] [targets...]`
 */
import { defaultBudget, loadTarget, price, totalViolation, violations } from '../src/device/index.ts'
import type { Shape } from '../src/graph/graph.ts'
import { evolution } from '../src/search/evolution.ts'
import { fakeResult } from '../src/search/fake.ts'
import { search } from '../src/search/loop.ts'
import { randomSearch } from '../src/search/random.ts'
import type { StrategyFactory, StudySetup } from '../src/search/strategy.ts'
import { loadSpace, openSpace } from '../src/space/index.ts'

const [trials = '60', seeds = '5', spaceName = 'mcunet', ...ids] = process.argv.slice(2)
const inputs: Record<string, Shape> = { 'ds-cnn': [49, 10, 1], conv1d: [128, 1, 6] }
const targets = (ids.length > 0 ? ids : ['stm32f746', 'nrf52840']).map(loadTarget)
const strategies: Record<string, StrategyFactory> = {
  random: randomSearch,
  'evolution, no surrogate': evolution({ brood: 1 }),
  evolution: evolution(),
}

const study = (seed: number): StudySetup => {
  const specs = targets.map((t) => {
    const budget = { ...defaultBudget(t), ramBytes: 64_000, flashBytes: 256_000, latencyMs: 60 }
    return { id: t.id, budget, reference: [0.9, budget.latencyMs, budget.ramBytes, budget.flashBytes] }
  })
  return {
    space: openSpace(loadSpace(spaceName), { input: inputs[spaceName] ?? [28, 28, 1], outputs: 10, task: 'classification' }),
    targets: specs,
    objectives: ['error', 'latency', 'ram', 'flash'],
    metric: { kind: 'accuracy' },
    seed,
    recipe: 'bench',
    lag: 8,
    price: (graph) =>
      Object.fromEntries(
        targets.map((t, i) => {
          const cost = price(graph, t)
          return [t.id, { ...cost, violation: totalViolation(violations(cost, specs[i]!.budget)) }]
        }),
      ),
  }
}

for (const [name, factory] of Object.entries(strategies)) {
  const start = performance.now()
  const marks = [0.25, 0.5, 1].map((share) => Math.round(Number(trials) * share))
  const volumes = new Map(marks.map((m) => [m, [] as number[]]))
  const bests: number[] = []
  for (let seed = 1; seed <= Number(seeds); seed++) {
    const setup = study(seed)
    const now = new Map<string, number>()
    let trained = 0
    let best = 0
    for await (const event of search(
      setup,
      factory(setup),
      { trials: Number(trials) },
      { evaluate: async (c) => fakeResult(c, setup.metric) },
    )) {
      if (event.type === 'front:change') now.set(event.front.target, event.front.hypervolume)
      if (event.type === 'trial:end' && event.trial.state === 'trained') {
        best = Math.max(best, event.trial.score!)
        volumes.get(trained++)?.push([...now.values()].reduce((a, b) => a + b, 0) / targets.length)
      }
      if (event.type === 'search:end') bests.push(best)
      if (event.type === 'search:end') volumes.get(trained)?.push([...now.values()].reduce((a, b) => a + b, 0) / targets.length)
    }
  }
  const text = [...volumes].map(([m, v]) => {
    const mean = v.reduce((a, b) => a + b, 0) / v.length
    const spread = Math.sqrt(v.reduce((s, x) => s + (x - mean) * (x - mean), 0) / v.length)
    return `${m}: ${mean.toFixed(4)} ±${spread.toFixed(4)}`
  })
  const best = bests.reduce((a, b) => a + b, 0) / bests.length
  const ms = (performance.now() - start) / Number(trials) / Number(seeds)
  console.log(`${name.padEnd(24)} hypervolume at ${text.join('  ')}  mean best ${best.toFixed(3)}  ${ms.toFixed(1)} ms a trial`)
}
