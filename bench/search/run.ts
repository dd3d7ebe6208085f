import { openDataset } from '../../src/data/open.ts'
import { loadTarget } from '../../src/device/load.ts'
import { defaultBudget } from '../../src/device/predict.ts'
import { inlineExecutor } from '../../src/run/jobs/inline.ts'
import { type JobBase, jobVersion } from '../../src/run/jobs/job.ts'
import { trainingEvaluator } from '../../src/run/phases/evaluate.ts'
import { effortOf } from '../../src/run/record/effort.ts'
import { planStudy, type SizedRecipe, timeShares } from '../../src/run/record/plan.ts'
import { contextOf, targetSpec, worstErrorOf } from '../../src/run/record/prepare.ts'
import { priceAll, surveySpace } from '../../src/run/record/survey.ts'
import { search } from '../../src/search/loop.ts'
import { decodeTrained } from '../../src/search/relative.ts'
import type { SearchSetup } from '../../src/search/strategy.ts'
import { lengthRung } from '../../src/search/trial.ts'
import { openSpace } from '../../src/space/genes.ts'
import { defaultSpaceFor, loadSpace } from '../../src/space/load.ts'
import { errorOf } from '../../src/task/metric.ts'
import { chooseKernels } from '../../src/train/wasm/choose.ts'
import { sha256 } from '../../src/util/hash.ts'

import { arms } from './arms.ts'

/** A trial as the tables need it: when it was stored, in CPU seconds, and what it came to on the board. */
export type Mark = {
  readonly at: number
  readonly error: number
  readonly latency: number
  readonly ram: number
  readonly flash: number
  readonly macs: number
  readonly fits: boolean
  readonly rung: number
  readonly examples: number
  readonly work: number
  /** seconds of its steps */
  readonly trained: number
}
export type Run = {
  readonly arm: string
  readonly data: string
  readonly seed: string
  readonly seconds: number
  readonly reference: readonly number[]
  readonly marks: readonly Mark[]
}

const board = 'stm32f446'
const objectives = ['error', 'latency', 'ram', 'flash'] as const
const metric = { kind: 'accuracy' } as const

/** One search of one data set for one board on one core, without a teacher, planned for so many CPU seconds and ended after a share of them. */
export async function runArm(arm: string, data: string, seed: string, seconds: number, share: number): Promise<Run> {
  const chosen = arms[arm]
  if (!chosen) throw new Error(`no arm ${arm}: one of ${Object.keys(arms).join(', ')}`)
  const dataset = await openDataset(`../shared/datasets/${data}`, { seed, cacheDir: 'results/.cache' })
  const space = openSpace(loadSpace(defaultSpaceFor(dataset.kind, dataset.shape)), contextOf(dataset))
  const target = loadTarget(board)
  const budget = { target, budget: defaultBudget(target) }
  const survey = surveySpace(space, [budget], seed)
  const { latencyMs } = survey.perTarget[board]!
  const spec = targetSpec(budget, objectives, worstErrorOf(dataset, { metric }), {
    latencyMs: latencyMs.most,
    energyUj: 1,
    macs: survey.mostMacs,
  })
  const ofStudy = seconds / (timeShares.search + timeShares.teacher)
  const plan = planStudy({ dataset, typicalMacs: survey.typicalMacs, workers: 1, seconds: ofStudy, recipe: { int8Tolerance: 1 } })
  const trial = chosen.calibration === 'brief' ? plan.trial : wholeCalibration(plan.trial)
  const study: SearchSetup = {
    ...{ space, targets: [spec], objectives, metric, seed, recipeHash: '', lag: 8 },
    price: (graph) => priceAll(graph, [budget]),
    effort: effortOf(trial),
  }
  const files = new Map<string, Uint8Array>()
  const keep = async (bytes: Uint8Array) => {
    const address = sha256(bytes)
    files.set(address, bytes)
    return address
  }
  const kept = async (address: string) => files.get(address)!
  const executor = inlineExecutor({ dataset, memoryBytes: 0, kernels: chooseKernels('auto', false).kind }, 1)
  const base: JobBase = { version: jobVersion, data: dataset.fingerprint, metric, engine: 'wasm', fastMath: false }
  const teacher = { ready: async () => undefined, isReady: () => true, work: 0 }
  const evaluate = trainingEvaluator({ executor, base, plan: trial, teacher, isUntaught: () => false, seed, keep, kept })
  const marks: Mark[] = []
  const begun = process.cpuUsage()
  const elapsed = () => {
    const { user, system } = process.cpuUsage(begun)
    return (user + system) / 1e6
  }
  const strategy = chosen.strategy(study)
  const shouldStop = () => (elapsed() > share * seconds ? 'time' : undefined)
  for await (const event of search(study, strategy, { trials: Number.POSITIVE_INFINITY }, { evaluate, shouldStop })) {
    if (event.type !== 'trial:end' || event.trial.score === null || elapsed() > share * seconds) continue
    const { score, macs, costs } = event.trial
    const { latencyMs: latency, ramBytes: ram, flashBytes: flash, violation } = costs[board]!
    const effort = study.effort(decodeTrained(space, event.trial), lengthRung(event.trial))
    const trained = event.trial.steps.reduce((sum, step) => sum + step.milliseconds, 0) / 1000
    marks.push({
      ...effort,
      trained,
      at: elapsed(),
      error: errorOf(metric, score),
      latency,
      ram,
      flash,
      macs,
      fits: violation <= 0,
      rung: event.trial.rung,
    })
  }
  await executor.close()
  const best = Math.min(...marks.map((m) => m.error))
  console.log(
    `${arm} ${data} seed ${seed}: ${marks.length} trials in ${share * seconds} CPU s, best ${(100 - 100 * best).toFixed(2)} %`,
  )
  return { arm, data, seed, seconds, reference: spec.reference, marks }
}

/** Trials as they were before they were calibrated on fewer examples. */
function wholeCalibration(plan: SizedRecipe): SizedRecipe {
  const { calibration, ...scoreExamples } = plan.recipe.scoreExamples
  return { ...plan, recipe: { ...plan.recipe, scoreExamples } }
}
