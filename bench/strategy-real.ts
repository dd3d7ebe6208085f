/**
 * Evolution against random search on real training: hypervolume of the front against CPU seconds, same everything else.
 *
 *   npx tsx bench/strategy-real.ts [DATA] [trials] [seeds] [examples a trial]      (docs/evolution-real.svg: ../shared/datasets/optdigits 40 5 6000)
 */
import { tmpdir } from 'node:os'
import { openDataset } from '../src/data/open.ts'
import { loadTarget } from '../src/device/load.ts'
import { defaultBudget } from '../src/device/predict.ts'
import { inlineExecutor } from '../src/run/jobs/inline.ts'
import { type JobBase, jobVersion } from '../src/run/jobs/job.ts'
import { trainingEvaluator } from '../src/run/phases/evaluate.ts'
import { effortOf } from '../src/run/record/effort.ts'
import { planStudy } from '../src/run/record/plan.ts'
import { contextOf } from '../src/run/record/prepare.ts'
import { priceAll } from '../src/run/record/survey.ts'
import { search } from '../src/search/loop.ts'
import { type StrategyName, strategies } from '../src/search/strategies.ts'
import type { SearchSetup } from '../src/search/strategy.ts'
import type { TargetSpec } from '../src/search/trial.ts'
import { openSpace } from '../src/space/genes.ts'
import { defaultSpaceFor, loadSpace } from '../src/space/load.ts'
import { type Arm, type Curve, commonEnd, plotRace, printRace } from './race.ts'

const [data = 'builtin:gestures', trials = '40', seeds = '2', examples = '6000'] = process.argv.slice(2)
const dataset = await openDataset(data, { seed: '1', cacheDir: tmpdir() })
const planned = planStudy({ dataset, typicalMacs: 500_000, workers: 1, trials: Number(trials) }).trial
const longest = { warmExamples: 0.4 * Number(examples), tuneExamples: 0.6 * Number(examples), distillation: null }
const plan = { ...planned, recipe: { ...planned.recipe, ...longest }, macExamples: 2.5 * 500_000 * Number(examples) }
const metric = { kind: 'accuracy' } as const
const executor = inlineExecutor({ dataset, memoryBytes: 0 }, 1)
const base: JobBase = { version: jobVersion, data: dataset.fingerprint, metric, engine: 'wasm', fastMath: false }
const teacher = { ready: async () => undefined, isReady: () => true, work: 0 }
const targets = ['stm32f446', 'nrf52840'].map((id) => {
  const target = loadTarget(id)
  const budget = { ...defaultBudget(target), ramBytes: 48_000, flashBytes: 160_000, latencyMs: 60 }
  const spec: TargetSpec = { id: target.id, budget, reference: [1 - 1 / dataset.classes.length, 60, 48_000, 160_000] }
  return { target, budget, spec }
})

async function run(name: StrategyName, seed: number): Promise<Curve> {
  const study: SearchSetup = {
    space: openSpace(loadSpace(defaultSpaceFor(dataset.kind, dataset.shape)), contextOf(dataset)),
    targets: targets.map((t) => t.spec),
    objectives: ['error', 'latency', 'ram', 'flash'],
    metric,
    seed,
    recipeHash: '',
    lag: 8,
    price: (graph) => priceAll(graph, targets),
    effort: effortOf(plan),
  }
  const evaluate = trainingEvaluator({
    isUntaught: () => false,
    executor,
    base,
    plan,
    teacher,
    seed: String(seed),
    keep: async () => '',
    kept: async () => new Uint8Array(),
  })
  const now = new Map<string, number>()
  const curve: Curve = []
  const before = process.cpuUsage()
  for await (const event of search(study, strategies[name](study), { trials: Number(trials) }, { evaluate })) {
    if (event.type === 'front:change') now.set(event.front.target, event.front.hypervolume)
    const { user, system } = process.cpuUsage(before)
    curve.push({ seconds: (user + system) / 1e6, hypervolume: [...now.values()].reduce((a, b) => a + b, 0) / targets.length })
  }
  return curve
}

const arms: Arm[] = [
  { name: 'random', curves: [] },
  { name: 'evolution', curves: [] },
]
for (let seed = 1; seed <= Number(seeds); seed++)
  for (const { name, curves } of arms) (curves as Curve[]).push(await run(name as StrategyName, seed))
const end = commonEnd(arms)
printRace(arms, end)
plotRace('docs/evolution-real.svg', `${dataset.name}, ${trials} trials of ${examples} examples, ${seeds} seeds`, arms, end)
await executor.close()
