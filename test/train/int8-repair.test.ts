import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Dataset } from '../../src/data/dataset.ts'
import { openDataset } from '../../src/data/open.ts'
import { readTflite } from '../../src/export/tflite-read.ts'
import { writeTflite } from '../../src/export/tflite-write.ts'
import { buildGraph } from '../../src/graph/build.ts'
import type { Graph, Op } from '../../src/graph/graph.ts'
import type { Weights } from '../../src/graph/weights.ts'
import { createEvaluator } from '../../src/quant/evaluator.ts'
import { quantiseInput } from '../../src/quant/input.ts'
import { evaluateReference } from '../../src/quant/reference.ts'
import { planStudy } from '../../src/run/record/plan.ts'
import { assessInt8 } from '../../src/train/assess.ts'
import type { TrainContext } from '../../src/train/context.ts'
import { int8Loss } from '../../src/train/int8-repair.ts'
import { finishNetwork, startNetwork } from '../../src/train/network.ts'
import { wasmEngine } from '../../src/train/wasm/engine.ts'
import { rng } from '../../src/util/rng.ts'
import { compareLitert } from '../../src/verify/compare-litert.ts'

const same = { padding: 'same', activation: 'relu' } as const
const conv = (t: number, channels: number): Op => ({
  ...{ kind: 'conv2d', inputs: [t], channels, kernel: [1, 1], stride: [1, 1] },
  ...same,
})
const depthwise = (t: number, stride: number): Op => ({
  ...{ kind: 'depthwise', inputs: [t], multiplier: 1, kernel: [5, 1], stride: [stride, 1] },
  ...same,
})
const graph = buildGraph(
  [128, 1, 6],
  [
    { kind: 'conv2d', inputs: [0], channels: 8, kernel: [5, 1], stride: [2, 1], ...same },
    depthwise(1, 2),
    conv(2, 12),
    depthwise(3, 1),
    conv(4, 16),
    { kind: 'mean', inputs: [5] },
    { kind: 'dense', inputs: [6], units: 8, activation: 'none' },
  ],
)
const candidate = { graph, unpruned: graph, seed: '1' }
const split = 'selectionValidation'
const cacheDir = mkdtempSync(join(tmpdir(), 'tinyfront-int8-'))
afterAll(() => rmSync(cacheDir, { recursive: true, force: true }))
let dataset: Dataset
let trained: Weights
beforeAll(async () => {
  dataset = await openDataset('builtin:gestures?count=1600', { seed: '1', cacheDir })
  trained = startNetwork(context(null), candidate, split).weights
})

/** A training on labels whose second stage is empty: what is finished is what was started with. */
function context(int8Tolerance: number | null): TrainContext {
  const { recipe } = planStudy({ dataset, typicalMacs: 1e5, workers: 1, trials: 1, recipe: { int8Tolerance } }).trial
  const stage = { warmExamples: 6400, tuneExamples: 0, distillation: null, scoreExamples: { float: 0, int8: 0 } }
  return { dataset, engine: wasmEngine(), metric: { kind: 'accuracy' }, recipe: { ...recipe, ...stage }, clock: () => 0 }
}

/** The same float function with channels of very unequal range, those of `layers` (each read by the operator given beside it). */
function spoilt(layers: readonly (readonly [layer: number, reader: number])[], octaves: number): Weights {
  const weights = Object.fromEntries(Object.entries(trained).map(([name, values]) => [name, values.slice()]))
  const random = rng('spoilt')
  for (const [layer, reader] of layers)
    for (let c = 0; c < graph.shapes[layer + 1]![2]; c++) {
      const factor = 2 ** (octaves * (2 * random.next() - 1))
      for (const part of ['gamma', 'beta']) weights[`${layer}/${part}`]![c]! *= factor
      const kernel = weights[`${reader}/kernel`]!
      for (let k = c; k < kernel.length; k += graph.shapes[layer + 1]![2]) kernel[k]! /= factor
    }
  return weights
}
const finish = (weights: Weights, tolerance: number | null) =>
  finishNetwork(context(tolerance), candidate, { weights, steps: [] }, split)
const made = ({ steps }: ReturnType<typeof finish>) => steps.map((s) => s.step)

test('a network that int8 holds well is left alone', () => {
  const { int8, float32, steps, weights } = finish(trained, 1)
  expect(float32 - int8).toBeLessThan(0.01)
  expect(steps.map((s) => s.step)).toEqual(['tuned', 'int8'])
  expect(weights).toEqual(trained)
})

test('channels of unequal range between convolutions are equalised', () => {
  const weights = spoilt(
    [0, 1, 2, 3].map((i) => [i, i + 1]),
    4,
  )
  const before = finish(weights, null)
  const after = finish(weights, 1)
  expect(before.float32 - before.int8).toBeGreaterThan(0.01)
  expect(made(before)).toEqual(['tuned', 'int8'])
  expect(made(after)).toEqual(['tuned', 'int8', 'equalised'])
  expect(after.float32 - after.int8).toBeLessThan(0.01)
})

test('where nothing can be equalised, training as int8 computes brings the loss below the tolerance', async () => {
  const weights = spoilt([[4, 6]], 4)
  const before = finish(weights, null)
  const after = finish(weights, 1)
  expect(before.float32 - before.int8).toBeGreaterThan(0.01)
  expect(made(after)).toEqual(['tuned', 'int8', 'equalised', 'qat'])
  expect(after.float32 - after.int8).toBeLessThan(0.01)
  expect(after.steps.at(-1)!.score).toBe(after.int8)
  expect(finish(weights, 1)).toEqual(after)

  // its weights alone make the same int8 network again, and its file is what LiteRT runs
  expect(assessInt8(context(1), graph, after.weights, split).quantized).toEqual(after.quantized)
  const file = readTflite(writeTflite(after.quantized), 'qat').model
  const random = rng('input')
  const input = quantiseInput(
    Float32Array.from({ length: 768 }, () => random.normal()),
    file.tensors[0]!,
  )
  const evaluator = createEvaluator(file, 'tflm')
  expect(evaluator.run(input, 1)).toEqual(evaluateReference(after.quantized, input, 'tflm').at(-1))
  evaluator.dispose()
  expect((await compareLitert(file, [input])).status).toMatch(/^(equal|not verified)$/)
})

test('weights in 4 bits are trained as they compute whatever they lose, and priced as they are', () => {
  const narrow: Graph = { ...graph, ops: graph.ops.map((op) => (op.kind === 'mean' ? op : { ...op, weightBits: 4 as const })) }
  const with4 = (tolerance: number | null) =>
    finishNetwork(context(tolerance), { ...candidate, graph: narrow, unpruned: narrow }, { weights: trained, steps: [] }, split)
  const [before, after] = [with4(null), with4(100)]
  expect(before.float32 - before.int8).toBeGreaterThan(0)
  expect(made(before)).toEqual(['tuned', 'int8'])
  expect(made(after).slice(0, 3)).toEqual(['tuned', 'int8', 'equalised'])
  expect(after.int8).toBeGreaterThan(before.int8)
  expect(after.quantized.graph).toEqual(narrow)
  const [bytes, wide] = [after.steps.at(-1)!.bytes, finish(trained, null).steps.at(-1)!.bytes]
  expect(bytes).toBe(writeTflite(after.quantized).length)
  expect(bytes).toBeLessThan(wide)
})

test('a loss is counted in points, of the mean answer where the metric is an error', () => {
  expect(int8Loss({ kind: 'accuracy' }, 0.9, 0.885, 0.5)).toBeCloseTo(1.5, 9)
  expect(int8Loss({ kind: 'macro-f1' }, 0.9, 0.91, 0.5)).toBe(0)
  expect(int8Loss({ kind: 'mae' }, 2, 2.3, 10)).toBeCloseTo(3, 9)
})
