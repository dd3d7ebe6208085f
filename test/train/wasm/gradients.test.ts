import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Graph } from '../../../src/graph/graph.ts'
import type { Batch, Loss, StepOptions, TrainerOptions } from '../../../src/train/engine.ts'
import { wasmEngine } from '../../../src/train/wasm/index.ts'
import { rng } from '../../../src/util/rng.ts'
import { networks, noiseBatch, optionsOf } from './networks.ts'
import { type Doubles, referenceForward, referenceLoss, toDoubles } from './reference.ts'

/**
 * Oracle: central differences of the double-precision network in `reference.ts`. Where two step sizes disagree the point sits at a kink
 * (ReLU, maximum) and is left out.
 */
const engine = wasmEngine()
const numRuns = 40

function compare(graph: Graph, options: TrainerOptions, batch: Batch, step: StepOptions, seed: string): number {
  const trainer = engine.create(graph, options)
  try {
    const random = rng(seed, 'points')
    // Away from the initial statistics and from beta = 0, where everything is symmetrical.
    const start = trainer.weights()
    for (const [name, values] of Object.entries(start))
      if (!name.endsWith('kernel'))
        for (let k = 0; k < values.length; k++)
          values[k] = name.endsWith('variance') ? 0.5 + random.next() : values[k]! + 0.3 * random.normal()
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
      const slope = (h: number) => {
        const at = (d: number) => {
          const moved = Float64Array.from(weights[name]!)
          moved[k]! += d
          return lossAt({ ...weights, [name]: moved })
        }
        return (at(h) - at(-h)) / (2 * h)
      }
      const [coarse, fine] = [slope(1e-4), slope(1e-5)]
      if (Math.abs(coarse - fine) > 1e-4 * largest) continue
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
