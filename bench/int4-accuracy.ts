/**
 * What do weights in 4 bits lose, layer kind by layer kind, and what does training as they compute win back? Random networks of the space that suits the
 * data, trained as in a trial without a teacher, scored on the whole of selection-validation. Points are means over the networks.
 *
 *   npx tsx bench/int4-accuracy.ts kinds ../shared/datasets/fashion-mnist [networks=4] [examples=20000] [train=all]
 *   npx tsx bench/int4-accuracy.ts rates …     which learning rate and length of that training
 */
import { makeBatcher } from '../src/data/batches.ts'
import { openDataset } from '../src/data/open.ts'
import { countGraph } from '../src/graph/count.ts'
import { type Graph, inputShape, type Op } from '../src/graph/graph.ts'
import { tfliteBytes } from '../src/graph/tflite-size.ts'
import { hasWeights } from '../src/graph/traits.ts'
import type { Weights } from '../src/graph/weights.ts'
import { planStudy } from '../src/run/record/plan.ts'
import { openStudySpace } from '../src/run/record/prepare.ts'
import { decode } from '../src/space/decode.ts'
import { randomGenome } from '../src/space/genome.ts'
import type { TrainContext } from '../src/train/context.ts'
import { evaluateInt8 } from '../src/train/evaluate.ts'
import { fit } from '../src/train/fit.ts'
import { finishNetwork, startNetwork } from '../src/train/network.ts'
import { postTrainingQuantise } from '../src/train/post-training.ts'
import { type Recipe, totalSteps } from '../src/train/recipe.ts'
import { wasmEngine } from '../src/train/wasm/engine.ts'
import { withTrainer } from '../src/train/with-trainer.ts'
import { rng } from '../src/util/rng.ts'

const [what = 'kinds', spec = 'builtin:keywords', ...numbers] = process.argv.slice(2)
const [networks = 4, examples = 20000, train = 1e9] = numbers.map(Number)
const { report, ...opened } = await openDataset(spec, { seed: '1', cacheDir: 'results/.cache' })
const dataset = { ...opened, splits: { ...opened.splits, train: opened.splits.train.subarray(0, train) } }
const space = openStudySpace('auto', dataset)
const { recipe } = planStudy({ dataset, typicalMacs: 5e5, workers: 1, trials: 1, recipe: { int8Tolerance: null } }).trial
const stages = { warmExamples: 0.4 * examples, tuneExamples: 0.6 * examples, scoreExamples: { float: 0, int8: 0 } }
const context: TrainContext = {
  dataset,
  engine: wasmEngine(),
  metric: { kind: 'accuracy' },
  recipe: { ...recipe, ...stages },
  clock: () => performance.now(),
}
const split = 'selectionValidation'

type Choice = (op: Op, i: number, graph: Graph) => boolean
const last = (graph: Graph) => graph.ops.findLastIndex((op) => op.kind === 'dense')
const first = (graph: Graph) => graph.ops.findIndex(hasWeights)
const choices: Readonly<Record<string, Choice>> = {
  none: () => false,
  'the first layer': (_op, i, graph) => i === first(graph),
  depthwise: (op) => op.kind === 'depthwise',
  'other convolutions': (op, i, graph) => op.kind === 'conv2d' && i !== first(graph),
  'the answer': (_op, i, graph) => i === last(graph),
  'all convolutions but depthwise': (op) => op.kind === 'conv2d',
  everything: () => true,
}
const narrowed = (graph: Graph, choice: Choice): Graph => ({
  ...graph,
  ops: graph.ops.map((op, i) => (hasWeights(op) && choice(op, i, graph) ? { ...op, weightBits: 4 as const } : op)),
})

/** Accuracy after training as the network computes, at a rate and for a share of the whole training. 0 = quantised as it is. */
function trained(graph: Graph, weights: Weights, rate: number, share: number, seed: string): number {
  const quantised = (w: Weights) =>
    withTrainer(context, graph, '', (trainer) => {
      trainer.load(w)
      return postTrainingQuantise(context, graph, trainer, w)
    })
  const before = quantised(weights)
  if (share === 0) return evaluateInt8(context, before, split)
  const how: Recipe = {
    ...context.recipe,
    warmExamples: 0,
    tuneExamples: share * examples,
    peakLearningRate: rate * context.recipe.peakLearningRate,
  }
  const batcher = makeBatcher(dataset, dataset.splits.train, inputShape(graph), { seed, augment: recipe.augment })
  const after = withTrainer({ ...context, fakeInt8: before.tensors }, graph, '', (trainer) => {
    trainer.load(weights)
    fit(trainer, batcher, how, { from: 0, to: totalSteps(how), frozenBatchNorm: true })
    return trainer.weights()
  })
  return evaluateInt8(context, quantised(after), split)
}

const sums = new Map<string, number>()
const add = (key: string, value: number) => sums.set(key, (sums.get(key) ?? 0) + value / networks)
for (let i = 0, done = 0; done < networks; i++) {
  const net = decode(space, randomGenome(space, rng('int4', i)))
  const { macs } = countGraph(net.unpruned)
  if (macs < 5e4 || macs > 1.5e6) continue
  done++
  const candidate = { ...net, seed: `${i}` }
  const { weights, float32 } = finishNetwork(context, candidate, startNetwork(context, candidate, split), split)
  add('float', 100 * float32)
  if (what === 'kinds')
    for (const [name, choice] of Object.entries(choices)) {
      const graph = narrowed(net.graph, choice)
      add(`${name}: file, kB`, tfliteBytes(graph) / 1000)
      add(`${name}: quantised`, 100 * trained(graph, weights, 0, 0, candidate.seed))
      add(`${name}: trained`, 100 * trained(graph, weights, 0.1, 0.2, candidate.seed))
    }
  else
    for (const share of [0, 0.2, 0.5])
      for (const rate of share === 0 ? [0] : [0.01, 0.03, 0.1, 0.3]) {
        const graph = narrowed(net.graph, choices['all convolutions but depthwise']!)
        add(`${share} of the training at ${rate} of its rate`, 100 * trained(graph, weights, rate, share, candidate.seed))
      }
}
for (const [key, mean] of sums) console.log(`${mean.toFixed(2)}\t${key}`)
