/**
 * Evolution against random search on the fake objective, priced for real boards: mean hypervolume over seeds at equal CPU seconds. A fake trial
 * counts as the seconds that the plan expects its training to take, so that a strategy that proposes larger networks pays for them.
 *
 *   npx tsx bench/strategy.ts [trials] [seeds] [space] [targets...]      (docs/evolution-fake.svg: 60 30)
 */

import { totalViolation, violations } from '../src/device/cost.ts'
import { loadTarget } from '../src/device/load.ts'
import { defaultBudget, price } from '../src/device/predict.ts'
import { countGraph } from '../src/graph/count.ts'
import type { Shape } from '../src/graph/graph.ts'
import { effortOf } from '../src/run/record/effort.ts'
import { recipeFor, trainingSeconds } from '../src/run/record/plan.ts'
import { evolution } from '../src/search/evolution.ts'
import { fakeResult } from '../src/search/fake.ts'
import { search } from '../src/search/loop.ts'
import { randomSearch } from '../src/search/random.ts'
import type { SearchSetup, StrategyFactory } from '../src/search/strategy.ts'
import { openSpace } from '../src/space/genes.ts'
import { loadSpace } from '../src/space/load.ts'
import { type Arm, type Curve, commonEnd, plotRace, printRace } from './race.ts'

const [trials = '60', seeds = '5', spaceName = 'mcunet', ...ids] = process.argv.slice(2)
const inputs: Record<string, Shape> = { 'ds-cnn': [49, 10, 1], conv1d: [128, 1, 6] }
const targets = (ids.length > 0 ? ids : ['stm32f746', 'nrf52840']).map(loadTarget)
const strategies: Record<string, StrategyFactory> = {
  random: randomSearch,
  'evolution, no surrogate': evolution({ brood: 1 }),
  evolution: evolution(),
}
/** Trials as a search of Fashion-MNIST in twenty minutes has them. */
const plan = { macExamples: 1.1e11, trainExamples: 50_000, recipe: { warmExamples: 18_000, tuneExamples: 26_000, batchSize: 32 } }

const study = (seed: number): SearchSetup => {
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
    recipeHash: 'bench',
    lag: 8,
    effort: effortOf(plan as never),
    price: (graph) =>
      Object.fromEntries(
        targets.map((t, i) => {
          const cost = price(graph, t)
          return [t.id, { ...cost, violation: totalViolation(violations(cost, specs[i]!.budget)) }]
        }),
      ),
  }
}

async function run(factory: StrategyFactory, seed: number): Promise<Curve> {
  const setup = study(seed)
  const now = new Map<string, number>()
  const curve: Curve = []
  let seconds = 0
  const evaluate = async (c: Parameters<typeof fakeResult>[0]) => fakeResult(c, setup.metric)
  for await (const event of search(setup, factory(setup), { trials: Number(trials) }, { evaluate })) {
    if (event.type === 'front:change') now.set(event.front.target, event.front.hypervolume)
    if (event.type === 'trial:start') {
      const { macs } = countGraph(event.candidate.unpruned)
      const { warmExamples, tuneExamples } = recipeFor(plan as never, macs)
      seconds += trainingSeconds(macs, warmExamples + tuneExamples)
    }
    curve.push({ seconds, hypervolume: [...now.values()].reduce((a, b) => a + b, 0) / targets.length })
  }
  return curve
}

const arms: Arm[] = []
for (const [name, factory] of Object.entries(strategies)) {
  const curves: Curve[] = []
  for (let seed = 1; seed <= Number(seeds); seed++) curves.push(await run(factory, seed))
  arms.push({ name, curves })
}
const end = commonEnd(arms)
printRace(arms, end)
plotRace('docs/evolution-fake.svg', `fake objective, ${spaceName}, ${trials} trials, ${seeds} seeds`, arms, end)
