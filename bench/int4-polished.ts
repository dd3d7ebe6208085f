/**
 * Polished networks of finished studies, all their weights in 8 and in 4 bits: test accuracy as they are quantised and after training as they compute (as a
 * study's remedy does it), the .tflite file and the model in generated C; the hypervolume of each study's polished networks over (error, flash of generated
 * C, its code included), without those in 4 bits and with them, as a share of an error of 0.4 times 24 kB.
 *
 *   [RATE=0.05] [EXAMPLES=20000] npx tsx bench/int4-polished.ts RESULTS STUDY ...
 */
import { makeBatcher } from '../src/data/batches.ts'
import { loadTarget } from '../src/device/load.ts'
import { flashBytes, modelBytes } from '../src/device/predict.ts'
import { type Graph, inputShape } from '../src/graph/graph.ts'
import { tfliteBytes } from '../src/graph/tflite-size.ts'
import { hasWeights } from '../src/graph/traits.ts'
import type { Weights } from '../src/graph/weights.ts'
import { readStudy } from '../src/run/record/open.ts'
import { openData } from '../src/run/record/prepare.ts'
import { setupOf } from '../src/run/record/setup.ts'
import { hypervolume } from '../src/search/hypervolume.ts'
import { decode } from '../src/space/decode.ts'
import { assessInt8 } from '../src/train/assess.ts'
import type { TrainContext } from '../src/train/context.ts'
import { fit } from '../src/train/fit.ts'
import { awareRecipe, totalSteps } from '../src/train/recipe.ts'
import { wasmEngine } from '../src/train/wasm/engine.ts'
import { withTrainer } from '../src/train/with-trainer.ts'

const [results, ...names] = process.argv.slice(2)
const own = loadTarget('stm32f446:tinyfront-c')
const rows: number[][] = []
const corner = [0.4, 24]
const share = (points: readonly number[][]) => (hypervolume(points, corner) / (corner[0]! * corner[1]!)).toFixed(3)
for (const name of names) {
  const store = await readStudy(results!, name)
  const { config, plan } = store.header
  const dataset = await openData(config, results!)
  const { space } = setupOf(store.header)
  const recipe = { ...plan.polish.recipe, scoreExamples: { float: 0, int8: 0 } }
  const context: TrainContext = { dataset, engine: wasmEngine(), metric: config.metric, recipe, clock: () => 0 }
  const { RATE, EXAMPLES } = process.env
  const how = {
    ...awareRecipe(recipe, 4),
    ...(RATE ? { peakLearningRate: Number(RATE) * recipe.peakLearningRate } : {}),
    ...(EXAMPLES ? { tuneExamples: Number(EXAMPLES) } : {}),
  }
  const accuracy = (graph: Graph, weights: Weights) => assessInt8(context, graph, weights, 'test')
  const points: number[][][] = [[], []]
  for (const { trial, weights: address } of store.polishes()) {
    const wide = decode(space, store.trials().find((t) => t.n === trial)!.genome).graph
    const narrow: Graph = { ...wide, ops: wide.ops.map((op) => (hasWeights(op) ? { ...op, weightBits: 4 as const } : op)) }
    const weights = store.getWeights(address)
    const asIs = accuracy(narrow, weights)
    const batcher = makeBatcher(dataset, dataset.splits.train, inputShape(narrow), { seed: name, augment: recipe.augment })
    const trained = withTrainer({ ...context, fakeInt8: asIs.quantized.tensors }, narrow, '', (trainer) => {
      trainer.load(weights)
      fit(trainer, batcher, how, { from: 0, to: totalSteps(how), frozenBatchNorm: true })
      return trainer.weights()
    })
    const scores = [accuracy(wide, weights).score, asIs.score, accuracy(narrow, trained).score].map((s) => 100 * s)
    const sizes = [tfliteBytes(wide), tfliteBytes(narrow), modelBytes(wide, own), modelBytes(narrow, own)]
    rows.push([...scores, ...sizes])
    points[0]!.push([1 - scores[0]! / 100, flashBytes(wide, own) / 1000])
    points[1]!.push([1 - scores[2]! / 100, flashBytes(narrow, own) / 1000])
    console.log(
      `${name} #${trial}\t${scores.map((s) => s.toFixed(2)).join(' / ')} %\t.tflite ${sizes[0]} -> ${sizes[1]}\tC ${sizes[2]} -> ${sizes[3]}`,
    )
  }
  console.log(`${name}\thypervolume ${share(points[0]!)}, with 4 bits ${share(points.flat())}`)
}
const means = rows[0]!.map((_, k) => rows.reduce((sum, row) => sum + row[k]!, 0) / rows.length)
console.log(
  `mean of ${rows.length}: 8 bits ${means[0]!.toFixed(2)} %, 4 bits ${means[1]!.toFixed(2)} %, trained ${means[2]!.toFixed(2)} %; .tflite ${(means[1 + 3]! / means[3]!).toFixed(3)}, C ${(means[6]! / means[5]!).toFixed(3)}`,
)
