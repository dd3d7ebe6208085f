/**
 * Distillation, pruning and int8 together on one network: float -> distilled -> pruned -> int8, each with its accuracy on test, kB and predicted ms, against
 * the same small network trained from scratch on labels for as many MACs x examples as its fine-tuning took, and as all took, the large network's
 * training included. The float network teaches; with teacher > 0 one of that times its width, trained on labels as long.
 *
 *   npx tsx bench/pruning.ts [data=../shared/datasets/fashion-mnist] [examples=300000] [keep=0.5] [rounds=3] [seeds=1] [teacher=0] [most examples a split=all]
 */
import { type Dataset, splitNames } from '../src/data/dataset.ts'
import { openDataset } from '../src/data/open.ts'
import { loadTarget } from '../src/device/load.ts'
import { predict } from '../src/device/predict.ts'
import { countGraph } from '../src/graph/count.ts'
import type { Graph } from '../src/graph/graph.ts'
import { tfliteBytes } from '../src/graph/tflite-size.ts'
import type { Weights } from '../src/graph/weights.ts'
import { augmentFor, planStudy } from '../src/run/record/plan.ts'
import { assessInt8 } from '../src/train/assess.ts'
import type { TrainContext } from '../src/train/context.ts'
import { tuningMacs } from '../src/train/gradual-pruning.ts'
import { finishNetwork, startNetwork } from '../src/train/network.ts'
import type { Recipe } from '../src/train/recipe.ts'
import { logitsOf } from '../src/train/teacher.ts'
import { wasmEngine } from '../src/train/wasm/engine.ts'
import { prunableNet } from './nets.ts'

const [data = '../shared/datasets/fashion-mnist', ...numbers] = process.argv.slice(2)
const [examples = 300000, keep = 0.5, rounds = 3, seeds = 1, teacherWidth = 0, most = Infinity] = numbers.map(Number)
const target = loadTarget('stm32f746')
const { report, ...opened } = await openDataset(data, { seed: '1', cacheDir: 'results/.cache' })
const splits = Object.fromEntries(splitNames.map((name) => [name, opened.splits[name].subarray(0, most)])) as Dataset['splits']
const dataset = { ...opened, splits }
const { recipe } = planStudy({ dataset, typicalMacs: 1e6, workers: 1, trials: 1 }).polish
const split = 'selectionValidation'

const base = prunableNet()
const teacher = teacherWidth > 0 ? prunableNet(teacherWidth) : base
const small = prunableNet(keep)
const distilling = examples / 4
const tuning = 0.8 * examples
const macsOf = (graph: Graph) => countGraph(graph).macs
/** MACs x examples of fine-tuning. */
const tuningWork = tuning * tuningMacs(base, small, rounds)
const work = tuningWork + (examples + distilling) * macsOf(base) + (teacherWidth > 0 ? examples * macsOf(teacher) : 0)

type Row = {
  readonly step: string
  readonly graph: Graph
  readonly int8: boolean
  readonly accuracy: number
  readonly seconds: number
}
const tables = Array.from({ length: seeds }, (_, i) => {
  const rows = oneSeed(`${i + 1}`)
  console.log(`seed ${i + 1}`)
  for (const row of rows) print(row)
  return rows
})
if (seeds > 1) {
  console.log(`mean of ${seeds} seeds`)
  const mean = (i: number, of: (row: Row) => number) => tables.reduce((sum, rows) => sum + of(rows[i]!), 0) / seeds
  tables[0]!.forEach((row, i) => {
    print({ ...row, accuracy: mean(i, (r) => r.accuracy), seconds: mean(i, (r) => r.seconds) })
  })
}

function oneSeed(seed: string): Row[] {
  const float = labels(base, seed, examples)
  const teaching = teacherWidth > 0 ? labels(teacher, `${seed}/teacher`, examples) : float
  const logits = logitsOf(training(0), teacher, teaching.weights)
  const distilled = tune(base, base, `${seed}/distilled`, float.weights, distilling, { logits })
  const pruned = tune(base, small, `${seed}/pruned`, distilled.weights, tuning, { logits, pruneRounds: rounds, mended: true })
  const scratch = (name: string, work: number) => {
    const { weights, seconds } = labels(small, `${seed}/scratch`, work / macsOf(small))
    return tested(name, small, { weights: tune(small, small, `${seed}/scratch`, weights, 0, { mended: true }).weights, seconds })
  }
  return [
    ...tested('float', base, float).slice(0, 1),
    ...tested('distilled', base, distilled).slice(0, 1),
    ...tested('pruned', small, pruned),
    ...scratch('scratch, fine-tuning', tuningWork),
    ...scratch('scratch, all', work),
  ]
}

/** A training of `count` examples; scores on the way are not looked at, but for those that say whether int8 needs mending. */
function training(count: number, more: Partial<Recipe> = {}, teacherLogits?: Float32Array): TrainContext {
  const length = { warmExamples: 0, tuneExamples: Math.round(count), augment: augmentFor(count, splits.train.length) }
  return {
    ...{ dataset, engine: wasmEngine(), metric: { kind: 'accuracy' }, clock: () => performance.now() },
    recipe: { ...recipe, ...length, scoreExamples: { float: 100, int8: 100 }, ...more },
    ...(teacherLogits ? { teacherLogits } : {}),
  }
}

type Trained = { readonly weights: Weights; readonly seconds: number }

function timed(work: () => { readonly weights: Weights }): Trained {
  const from = performance.now()
  const { weights } = work()
  return { weights, seconds: (performance.now() - from) / 1000 }
}

function labels(graph: Graph, seed: string, count: number): Trained {
  const only = { warmExamples: Math.round(count), tuneExamples: 0 }
  return timed(() => startNetwork(training(count, only), { graph, unpruned: graph, seed }, split))
}

type Tuning = { readonly logits?: Float32Array; readonly pruneRounds?: number; readonly mended?: true }

/** `mended`: what comes out is flashed, so int8 is mended where it loses more than a point. */
function tune(unpruned: Graph, graph: Graph, seed: string, weights: Weights, count: number, tuning: Tuning): Trained {
  const { logits, pruneRounds = 1, mended } = tuning
  const more = { pruneRounds, ...(mended ? { int8Tolerance: 1, scoreExamples: { float: 100, int8: 3000 } } : {}) }
  return timed(() => finishNetwork(training(count, more, logits), { graph, unpruned, seed }, { weights, steps: [] }, split))
}

/** The float and the int8 network of these weights on test. */
function tested(step: string, graph: Graph, { weights, seconds }: Trained): Row[] {
  const { float32, score } = assessInt8(training(0, { scoreExamples: { float: 0, int8: 0 } }), graph, weights, 'test')
  return [
    { step, graph, int8: false, accuracy: float32, seconds },
    { step: `${step}, int8`, graph, int8: true, accuracy: score, seconds: 0 },
  ]
}

function print({ step, graph, int8, accuracy, seconds }: Row): void {
  const { macs, params } = countGraph(graph)
  const kB = (int8 ? tfliteBytes(graph) : 4 * params) / 1000
  const { latencyMs } = predict(graph, target)
  console.log(
    `  ${step.padEnd(26)} ${(100 * accuracy).toFixed(2)} %  ${(macs / 1e6).toFixed(2)} MMAC  ${kB.toFixed(1).padStart(6)} kB  ` +
      `${latencyMs.toFixed(1).padStart(6)} ms in int8 on ${target.id}  ${seconds.toFixed(0).padStart(5)} s`,
  )
}
