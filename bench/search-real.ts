/**
 * Strategies against each other on real training: hypervolume of the front and best score at equal trained trials.
 * `npx tsx bench/search-real.ts DATA [trials] [seeds] [strategies] [examples]`, for example
 * `npx tsx bench/search-real.ts ../shared/datasets/optdigits 40 3 evolution,nsga2,random 6000`
 */
import { tmpdir } from 'node:os'
import { openDataset } from '../src/data/index.ts'
import { defaultBudget, loadTarget } from '../src/device/index.ts'
import { trainingEvaluator } from '../src/run/evaluate.ts'
import { inlineExecutor } from '../src/run/executor.ts'
import { planStudy } from '../src/run/plan.ts'
import { contextOf } from '../src/run/prepare.ts'
import { priceAll } from '../src/run/survey.ts'
import { type StrategyName, type StudySetup, search, strategies, type TargetSpec } from '../src/search/index.ts'
import { defaultSpaceFor, loadSpace, openSpace } from '../src/space/index.ts'

const [data = 'builtin:gestures', trials = '40', seeds = '2', names = 'evolution,nsga2,random', examples = '6000'] =
  process.argv.slice(2)
const dataset = await openDataset(data, { seed: '1', cacheDir: tmpdir() })
const plan = planStudy({ dataset, typicalMacs: 500_000, workers: 1, polishMembers: 0, trials: Number(trials) })
const recipe = { ...plan.trial, warmExamples: Number(examples) * 0.6, tuneExamples: Number(examples) * 0.4, distillation: null }
const metric = { kind: 'accuracy' } as const
const executor = inlineExecutor({ dataset, metric, engine: 'wasm', fastMath: false, memoryBytes: 0 })
const teacher = { ready: Promise.resolve(undefined), isReady: () => true }
const targets = ['stm32f446', 'nrf52840'].map((id) => {
  const target = loadTarget(id)
  const budget = { ...defaultBudget(target), ramBytes: 48_000, flashBytes: 160_000, latencyMs: 60 }
  const spec: TargetSpec = { id: target.id, budget, reference: [1 - 1 / dataset.classes.length, 60, 48_000, 160_000] }
  return { target, budget, spec }
})

for (const name of names.split(',') as StrategyName[])
  for (let seed = 1; seed <= Number(seeds); seed++) {
    const evaluate = trainingEvaluator(executor, recipe, teacher, String(seed), async () => '')
    const study: StudySetup = {
      space: openSpace(loadSpace(defaultSpaceFor(dataset.kind, dataset.shape)), contextOf(dataset)),
      targets: targets.map((t) => t.spec),
      objectives: ['error', 'latency', 'ram', 'flash'],
      metric,
      seed,
      recipe: '',
      lag: 8,
      price: (graph) => priceAll(graph, targets),
    }
    const now = new Map<string, number>()
    const curve: string[] = []
    let trained = 0
    let best = 0
    const start = performance.now()
    for await (const event of search(study, strategies[name](study), { trials: Number(trials) }, { evaluate })) {
      if (event.type === 'front:change') now.set(event.front.target, event.front.hypervolume)
      if (event.type === 'trial:end') best = Math.max(best, event.trial.score ?? 0)
      if (event.type === 'trial:start' && ++trained % 10 === 0)
        curve.push(([...now.values()].reduce((a, b) => a + b, 0) / targets.length).toFixed(4))
    }
    const end = [...now.values()].reduce((a, b) => a + b, 0) / targets.length
    console.log(
      `${name.padEnd(10)} seed ${seed}: hypervolume every 10 trials ${curve.join(' ')}, end ${end.toFixed(4)}, best ${best.toFixed(4)}, ${((performance.now() - start) / 1000).toFixed(0)} s`,
    )
  }
await executor.close()
