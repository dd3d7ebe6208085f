/**
 * In which order do distillation, pruning and int8 serve best? The same networks of a search space, each with the channels that pruning takes
 * from it, trained in several orders for equally many MACs x examples under one learning-rate schedule. Prints int8 accuracy on
 * selection-validation and test, and what quantisation lost. One teacher of at most 3 MMAC, trained on labels, serves all.
 *
 *   npx tsx bench/order.ts [data=../shared/datasets/fashion-mnist] [examples of the pruned network=150000] [networks=4] [seeds=2] [orders=all, as 0,1,8]
 */
import { makeBatcher } from '../src/data/batches.ts'
import { openDataset } from '../src/data/open.ts'
import { countGraph } from '../src/graph/count.ts'
import { type Graph, inputShape } from '../src/graph/graph.ts'
import type { Weights } from '../src/graph/weights.ts'
import { gradualCuts } from '../src/quant/gradual.ts'
import { augmentFor, planStudy } from '../src/run/record/plan.ts'
import { openStudySpace } from '../src/run/record/prepare.ts'
import { chooseTeacher } from '../src/run/record/survey.ts'
import { type Decoded, decode } from '../src/space/decode.ts'
import { randomGenome } from '../src/space/genome.ts'
import { assessInt8 } from '../src/train/assess.ts'
import type { TrainContext } from '../src/train/context.ts'
import { fit } from '../src/train/fit.ts'
import { postTrainingQuantise } from '../src/train/post-training.ts'
import { prunedWeights } from '../src/train/pruned-weights.ts'
import { totalSteps } from '../src/train/recipe.ts'
import { trainTeacher } from '../src/train/teacher.ts'
import { wasmEngine } from '../src/train/wasm/engine.ts'
import { withTrainer } from '../src/train/with-trainer.ts'
import { rng } from '../src/util/rng.ts'
import { formatPercent } from '../src/util/units.ts'

const [data = '../shared/datasets/fashion-mnist', ...rest] = process.argv.slice(2)
const [examples = 150_000, networks = 4, seeds = 2] = rest.slice(0, 3).map(Number)
const { report, ...dataset } = await openDataset(data, { seed: '1', cacheDir: 'results/.cache' })
const { train } = dataset.splits
const space = openStudySpace('auto', dataset)

const nets: Decoded[] = []
for (let i = 0; nets.length < networks; i++) {
  const net = decode(space, randomGenome(space, rng('order', i)))
  const [kept, full] = [countGraph(net.graph).macs, countGraph(net.unpruned).macs]
  if (kept > 200_000 && kept < 1_000_000 && full > 1.4 * kept) nets.push(net)
}
const { recipe } = planStudy({ dataset, typicalMacs: 1e6, workers: 1, trials: 1 }).polish
const context = (count: number): TrainContext => ({
  ...{ dataset, engine: wasmEngine(), metric: { kind: 'accuracy' }, clock: () => 0 },
  recipe: { ...recipe, warmExamples: 0, tuneExamples: Math.round(count), augment: augmentFor(count, train.length) },
})
const teacherGraph = chooseTeacher(space, '1', 3e6)
const teaching = context(2 * examples)
const teacher = trainTeacher(teaching, teacherGraph, '1', { from: 0, to: totalSteps(teaching.recipe) }).result!
console.log(
  `${data}: ${train.length} examples of train, teacher of ${(countGraph(teacherGraph).macs / 1e6).toFixed(1)} MMAC ${formatPercent(teacher.score, 2)}`,
)
for (const { graph, unpruned } of nets)
  console.log(`  ${(countGraph(unpruned).macs / 1e6).toFixed(2)} -> ${(countGraph(graph).macs / 1e6).toFixed(2)} MMAC`)

/** A stretch of training: on which of the networks from unpruned (0) over two cuts to pruned (3), for which share of the examples, taught or not, as int8 or not. */
type Stretch = { readonly cut: number; readonly share: number; readonly taught?: true; readonly aware?: true }
const orders: Readonly<Record<string, readonly Stretch[]>> = {
  'no distillation: prune': stretches([0, 0.4], [3, 0.6]),
  'prune, distil': stretches([0, 0.4], [3, 0.6, 'taught']),
  'distil, prune': stretches([0, 0.4, 'taught'], [3, 0.6]),
  'distil, prune, distil': stretches([0, 0.4, 'taught'], [3, 0.6, 'taught']),
  'distil, prune late, distil': stretches([0, 0.7, 'taught'], [3, 0.3, 'taught']),
  'distil, prune in 3 rounds': stretches([0, 0.25, 'taught'], [1, 0.15, 'taught'], [2, 0.15, 'taught'], [3, 0.45, 'taught']),
  'prune before training, distil': stretches([3, 1, 'taught']),
  'prune, distil, int8-aware': stretches([0, 0.4], [3, 0.45, 'taught'], [3, 0.15, 'taught', 'aware']),
  'no distillation: prune early': stretches([0, 0.08], [3, 0.92]),
  'no distillation: prune in 3 rounds': stretches([0, 0.25], [1, 0.15], [2, 0.15], [3, 0.45]),
  'no distillation: prune before training': stretches([3, 1]),
  'prune early, distil': stretches([0, 0.1], [3, 0.9, 'taught']),
  'prune at a fifth, distil': stretches([0, 0.2], [3, 0.8, 'taught']),
  'prune before training, late distil': stretches([3, 0.4], [3, 0.6, 'taught']),
  'distil, prune early, distil': stretches([0, 0.1, 'taught'], [3, 0.9, 'taught']),
}
const chosen = rest[3] ? Object.entries(orders).filter((_, i) => rest[3]!.split(',').includes(String(i))) : Object.entries(orders)
for (const [name, order] of chosen) {
  const started = performance.now()
  const rows = nets.flatMap((net, i) => Array.from({ length: seeds }, (_, s) => trained(net, order, `${s + 1}/${i}`)))
  const mean = (of: (row: (typeof rows)[number]) => number) => rows.reduce((sum, row) => sum + of(row), 0) / rows.length
  console.log(
    `${name.padEnd(38)} int8 ${formatPercent(
      mean((r) => r.selection),
      2,
    )} selection, ${formatPercent(
      mean((r) => r.test),
      2,
    )} test, int8 loses ` +
      `${(100 * mean((r) => r.float32 - r.test)).toFixed(2)}  ${((performance.now() - started) / 1000).toFixed(0)} s  [${rows.map((r) => (100 * r.test).toFixed(2)).join(' ')}]`,
  )
}

function stretches(...list: [cut: number, share: number, ...('taught' | 'aware')[]][]): Stretch[] {
  return list.map(([cut, share, ...words]) => ({
    ...{ cut, share },
    ...(words.includes('taught') ? { taught: true } : {}),
    ...(words.includes('aware') ? { aware: true } : {}),
  }))
}

function trained({ graph, unpruned }: Decoded, order: readonly Stretch[], seed: string) {
  const cuts = [unpruned, ...gradualCuts(unpruned, graph, 3)]
  const macsOf = (s: Stretch) => countGraph(cuts[s.cut]!).macs
  const count = (examples * countGraph(graph).macs) / order.reduce((sum, s) => sum + s.share * macsOf(s), 0)
  const within = context(count)
  const steps = totalSteps(within.recipe)
  let now: { graph: Graph; weights: Weights | undefined } = { graph: unpruned, weights: undefined }
  let [share, from] = [0, 0]
  for (const stretch of order) {
    const next = cuts[stretch.cut]!
    const batcher = makeBatcher(dataset, train, inputShape(next), { seed, augment: within.recipe.augment })
    if (now.weights && next !== now.graph)
      now = { graph: next, weights: prunedWeights(within, { graph: next, unpruned: now.graph }, now.weights, batcher) }
    share += stretch.share
    const to = Math.round(share * steps)
    const aware = stretch.aware ? { fakeInt8: tensorsOf(within, next, now.weights!) } : {}
    const weights = withTrainer({ ...within, ...aware }, next, seed, (trainer) => {
      if (now.weights) trainer.load(now.weights)
      const range = { from, to, ...(stretch.aware ? { frozenBatchNorm: true } : {}) }
      fit(trainer, batcher, within.recipe, range, stretch.taught ? teacher.logits : undefined)
      return trainer.weights()
    })
    now = { graph: next, weights }
    from = to
  }
  const selection = assessInt8(within, graph, now.weights!, 'selectionValidation')
  const { score, float32 } = assessInt8(within, graph, now.weights!, 'test')
  return { selection: selection.score, test: score, float32 }
}

function tensorsOf(within: TrainContext, graph: Graph, weights: Weights) {
  return withTrainer(within, graph, '', (trainer) => {
    trainer.load(weights)
    return postTrainingQuantise(within, graph, trainer, weights).tensors
  })
}
