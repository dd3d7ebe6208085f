/**
 * Does our engine learn as well as PyTorch? The same network, initial weights, batches, learning rates and loss in both, on Fashion-MNIST; prints
 * the test accuracy of every seed and the difference of the means. Both start equal, rounding lets them part.
 *
 *   npx tsx bench/parity.ts [seeds=5] [examples=120000] [data=../shared/datasets/fashion-mnist]      (PYTHON names the interpreter)
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeBatcher } from '../src/data/batches.ts'
import { openDataset } from '../src/data/open.ts'
import { countGraph } from '../src/graph/count.ts'
import { weightShapes } from '../src/graph/weights.ts'
import { learningRate, type Recipe, totalSteps } from '../src/train/recipe.ts'
import { wasmEngine } from '../src/train/wasm/engine.ts'
import { fashionNet } from './nets.ts'

const [seeds = '5', examples = '120000', data = '../shared/datasets/fashion-mnist'] = process.argv.slice(2)
const python = process.env.PYTHON ?? 'python3'
const graph = fashionNet()
const dataset = await openDataset(data, { seed: '1', cacheDir: 'results/.cache' })
const recipe: Recipe = {
  batchSize: 64,
  warmExamples: Number(examples),
  tuneExamples: 0,
  peakLearningRate: 0.1,
  warmup: 0.1,
  optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 0 },
  loss: { kind: 'crossEntropy', labelSmoothing: 0.1 },
  distillation: null,
  augment: 0,
  clipNorm: 0,
  scoreExamples: { float: 0, int8: 0 },
  int8Tolerance: null,
}
const folder = mkdtempSync(join(tmpdir(), 'parity-'))
const write = (name: string, { buffer, byteOffset, byteLength }: Float32Array | Int32Array) =>
  writeFileSync(join(folder, name), new Uint8Array(buffer, byteOffset, byteLength))

const { macs, params } = countGraph(graph)
console.log(`${(macs / 1e6).toFixed(2)} MMACs, ${params} parameters, ${examples} examples in batches of ${recipe.batchSize}`)
const train = whole('train')
const test = whole('test')
const rows = Array.from({ length: Number(seeds) }, (_, i) => {
  const { mine, order, rates } = trainHere(`parity ${i}`)
  write('order.i32', order)
  const torch = trainThere(rates)
  console.log(`seed ${i}: tinyfront ${(100 * mine).toFixed(2)} %, PyTorch ${(100 * torch).toFixed(2)} %`)
  return { mine, torch }
})
rmSync(folder, { recursive: true })
const means = [mean(rows.map((r) => r.mine)), mean(rows.map((r) => r.torch))] as const
console.log(
  `means ${means.map((m) => (100 * m).toFixed(2)).join(' and ')} %: tinyfront ${(100 * (means[0] - means[1])).toFixed(2)} points ahead`,
)

/** A split as the network sees it. */
function whole(split: 'train' | 'test') {
  const indices = dataset.splits[split]
  const batcher = makeBatcher(dataset, indices, graph.shapes[0]!, { seed: '', augment: 0 })
  const inputs = new Float32Array(indices.length * batcher.exampleLength)
  batcher.gather(0, indices.length, inputs)
  const labels = Int32Array.from(indices, (i) => dataset.labels.values[i]!)
  write(`${split}.f32`, inputs)
  write(`${split}.i32`, labels)
  return { inputs, labels, count: indices.length }
}

function trainHere(seed: string) {
  const { batchSize, loss, optimizer } = recipe
  const trainer = wasmEngine().create(graph, { batchSize, loss, optimizer, seed })
  for (const [name, values] of Object.entries(trainer.weights())) write(name.replace('/', '-'), values)
  const batcher = makeBatcher(dataset, dataset.splits.train, graph.shapes[0]!, { seed, augment: 0 })
  const classes = dataset.classes.length
  const inputs = new Float32Array(batchSize * batcher.exampleLength)
  const targets = new Float32Array(batchSize * classes)
  const steps = totalSteps(recipe)
  const perEpoch = Math.floor(batcher.count / batchSize)
  const order = new Int32Array(steps * batchSize)
  const rates = Array.from({ length: steps }, (_, step) => learningRate(recipe, step))
  for (let step = 0; step < steps; step++) {
    order.set(batcher.batch(Math.floor(step / perEpoch), step % perEpoch, batchSize, inputs, targets), step * batchSize)
    trainer.step({ count: batchSize, inputs, targets }, { learningRate: rates[step]! })
  }
  const logits = trainer.predict(test.inputs, test.count)
  trainer.dispose()
  let right = 0
  for (let i = 0; i < test.count; i++) {
    const row = logits.subarray(i * classes, (i + 1) * classes)
    if (row.indexOf(Math.max(...row)) === test.labels[i]) right++
  }
  return { mine: right / test.count, order, rates }
}

function trainThere(learningRates: number[]): number {
  const parameters = [...weightShapes(graph)].filter(([name]) => !/mean|variance/.test(name))
  const { batchSize: batch } = recipe
  const task = { graph, batch, train: train.count, test: test.count, learningRates, labelSmoothing: 0.1, parameters }
  writeFileSync(join(folder, 'task.json'), JSON.stringify(task))
  const script = fileURLToPath(new URL('torch_parity.py', import.meta.url))
  const ended = spawnSync(python, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  if (ended.status !== 0)
    throw new Error('PyTorch could not train: is it installed (apt-get install python3-torch; PYTHON=/usr/bin/python3)?')
  return Number(ended.stdout.toString())
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length
}
