/**
 * What a long lag costs: hypervolume after so many trials at lag 8, 32, 128, 512, evolution on the fake objective, mean over seeds; random search
 * beside it, to which any lag is the same.
 *
 *   npx tsx bench/lag.ts [trials] [seeds]
 */
import { totalViolation, violations } from '../src/device/cost.ts'
import { loadTarget } from '../src/device/load.ts'
import { defaultBudget, price } from '../src/device/predict.ts'
import { effortOf } from '../src/run/record/effort.ts'
import { evolution } from '../src/search/evolution.ts'
import { fakeResult } from '../src/search/fake.ts'
import { search } from '../src/search/loop.ts'
import { randomSearch } from '../src/search/random.ts'
import type { SearchSetup, StrategyFactory } from '../src/search/strategy.ts'
import { openSpace } from '../src/space/genes.ts'
import { loadSpace } from '../src/space/load.ts'

const [trials = 512, seeds = 5] = process.argv.slice(2).map(Number)
const target = loadTarget('stm32f446')
const budget = { ...defaultBudget(target), ramBytes: 64_000, flashBytes: 256_000, latencyMs: 60 }
const marks = [64, 128, 256, 512, 1024].filter((n) => n <= trials)

/** As in bench/strategy.ts. */
const plan = { macExamples: 1.1e11, trainExamples: 50_000, recipe: { warmExamples: 18_000, tuneExamples: 26_000, batchSize: 32 } }

const study = (seed: number, lag: number): SearchSetup => ({
  space: openSpace(loadSpace('mcunet'), { input: [28, 28, 1], outputs: 10, task: 'classification' }),
  targets: [{ id: target.id, budget, reference: [0.9, budget.latencyMs, budget.ramBytes, budget.flashBytes] }],
  objectives: ['error', 'latency', 'ram', 'flash'],
  metric: { kind: 'accuracy' },
  seed,
  recipeHash: 'bench',
  lag,
  effort: effortOf(plan as never),
  price(graph) {
    const cost = price(graph, target)
    return { [target.id]: { ...cost, violation: totalViolation(violations(cost, budget)) } }
  },
})

/** Hypervolume at every mark. */
async function run(strategy: StrategyFactory, lag: number, seed: number): Promise<number[]> {
  const setup = study(seed, lag)
  const volumes: number[] = []
  let now = 0
  let trained = 0
  const evaluate = async (c: Parameters<typeof fakeResult>[0]) => fakeResult(c, setup.metric)
  for await (const event of search(setup, strategy(setup), { trials }, { evaluate })) {
    if (event.type === 'trial:end' && event.trial.state === 'trained') {
      if (marks.includes(trained)) volumes.push(now)
      trained++
    }
    if (event.type === 'front:change') now = event.front.hypervolume
  }
  return [...volumes, now].slice(0, marks.length)
}

console.log(`| | ${marks.map((n) => `${n} trials`).join(' | ')} |\n|---|${marks.map(() => '---|').join('')}`)
const arms: [string, StrategyFactory, number][] = [8, 32, 128, 512].map((lag) => [`lag ${lag}`, evolution(), lag])
for (const [name, strategy, lag] of [...arms, ['random', randomSearch, 8] as const]) {
  const rows: number[][] = []
  for (let seed = 1; seed <= seeds; seed++) rows.push(await run(strategy, lag, seed))
  console.log(
    `| ${name} | ${marks.map((_, i) => (rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length).toFixed(4)).join(' | ')} |`,
  )
}
