import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildGraph } from '../../../src/graph/build.ts'
import type { Graph } from '../../../src/graph/graph.ts'
import type { Loss } from '../../../src/task/loss.ts'
import type { Batch, StepOptions, TrainerOptions } from '../../../src/train/engine.ts'
import { wasmEngine } from '../../../src/train/wasm/engine.ts'
import { rng } from '../../../src/util/rng.ts'
import { networks, noiseBatch, optionsOf, shaken } from './networks.ts'
import { type Doubles, referenceForward, referenceLoss, toDoubles } from './reference.ts'

/**
 * Oracle: central differences of the double-precision network in `reference.ts`. Where two step sizes disagree, or the slopes to the left and to
 * the right, the point sits at a kink (ReLU, maximum) and is left out.
 */
const engine = wasmEngine()
const numRuns = 40

function compare(graph: Graph, options: TrainerOptions, batch: Batch, step: StepOptions, seed: string): number {
  const trainer = engine.create(graph, options)
  try {
    const random = rng(seed, 'points')
    // Away from the initial statistics and from beta = 0, where everything is symmetrical.
    const start = shaken(trainer.weights(), seed)
    trainer.load(start)
    const loss = trainer.step(batch, { ...step, learningRate: 0 })
    const weights = toDoubles(start)
    const lossAt = (w: Doubles) =>
      referenceLoss(
        referenceForward(graph, w, batch.inputs, batch.count, step.frozenBatchNorm === true).at(-1)!,
        batch,
        options.loss,
        step,
      )
    expect(loss).toBeCloseTo(lossAt(weights), 3)
    const gradients = trainer.gradients()
    const largest = Math.max(1e-2, ...Object.values(gradients).map((g) => g.reduce((a, v) => Math.max(a, Math.abs(v)), 0)))
    let compared = 0
    for (const [name, gradient] of Object.entries(gradients)) {
      const k = random.int(gradient.length)
      const at = (d: number) => {
        const moved = Float64Array.from(weights[name]!)
        moved[k]! += d
        return lossAt({ ...weights, [name]: moved })
      }
      const slope = (from: number, to: number) => (at(to) - at(from)) / (to - from)
      const [coarse, fine] = [slope(-1e-4, 1e-4), slope(-1e-5, 1e-5)]
      const bend = slope(0, 1e-5) - slope(-1e-5, 0)
      if (Math.max(Math.abs(coarse - fine), 0.1 * Math.abs(bend)) > 1e-4 * largest) continue
      compared++
      expect(Math.abs(gradient[k]! - fine) / largest, `${name}[${k}]: ${gradient[k]} for ${fine}`).toBeLessThan(2e-3)
    }
    return compared
  } finally {
    trainer.dispose()
  }
}

test('gradients of random networks equal finite differences', () => {
  let compared = 0
  fc.assert(
    fc.property(networks, fc.string(), fc.boolean(), (graph, seed, frozenBatchNorm) => {
      const { teacherLogits, ...batch } = noiseBatch(graph, 3, seed)
      compared += compare(graph, optionsOf({ seed }), batch, { learningRate: 0, frozenBatchNorm }, seed)
    }),
    { numRuns },
  )
  expect(compared).toBeGreaterThan(2 * numRuns)
})

const wide = [
  { kernel: [3, 3], stride: [1, 1] },
  { kernel: [3, 3], stride: [2, 1] },
  { kernel: [5, 5], stride: [2, 2] },
  { kernel: [7, 7], stride: [1, 2] },
  { kernel: [2, 9], stride: [3, 1] },
] as const
test.each(wide)('images larger than a block: depthwise and convolution $kernel, stride $stride', (window) => {
  const graph = buildGraph(
    [13, 40, 3],
    [
      { kind: 'conv2d', inputs: [0], channels: 23, kernel: [1, 1], stride: [1, 1], padding: 'same', activation: 'relu6' },
      { kind: 'depthwise', inputs: [1], multiplier: 1, ...window, padding: 'same', activation: 'relu' },
      { kind: 'conv2d', inputs: [2], channels: 3, ...window, padding: 'valid', activation: 'none' },
      { kind: 'mean', inputs: [3] },
    ],
  )
  const { teacherLogits, ...batch } = noiseBatch(graph, 1, 'wide')
  expect(compare(graph, optionsOf(), batch, { learningRate: 0 }, 'wide')).toBeGreaterThan(5)
})

test('of equal maxima one gets the gradient', () => {
  const pool = { kernel: [3, 2], stride: [1, 1], padding: 'same' } as const
  const graph = buildGraph(
    [4, 5, 2],
    [
      { kind: 'conv2d', inputs: [0], channels: 5, kernel: [1, 1], stride: [1, 1], padding: 'same', activation: 'none' },
      { kind: 'maxPool', inputs: [1], ...pool, activation: 'none' },
      { kind: 'dense', inputs: [2], units: 3, activation: 'none' },
    ],
  )
  const { teacherLogits, ...batch } = noiseBatch(graph, 3, 'ties')
  for (let n = 0; n < 3; n++) batch.inputs.fill(n, n * 40, n * 40 + 40)
  expect(compare(graph, optionsOf(), batch, { learningRate: 0 }, 'ties')).toBe(5)
})

const losses: readonly Loss[] = [
  { kind: 'crossEntropy', labelSmoothing: 0.1, classWeights: [0.5, 2, 1, 3, 1.5] },
  { kind: 'crossEntropy', labelSmoothing: 0 },
  { kind: 'mse' },
  { kind: 'huber', delta: 0.7 },
]

test.each(losses)('$kind, with and without a teacher', (loss) => {
  fc.assert(
    fc.property(networks, fc.string(), fc.boolean(), (graph, seed, teacher) => {
      const batch = noiseBatch(graph, 2, seed)
      const { teacherLogits, ...labels } = batch
      const step = { learningRate: 0, distillation: { alpha: 0.3, temperature: 4 } }
      compare(graph, optionsOf({ seed, loss }), teacher ? batch : labels, step, seed)
    }),
    { numRuns: 12 },
  )
})
