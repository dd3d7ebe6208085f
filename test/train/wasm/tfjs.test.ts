import fc from 'fast-check'
import { expect, test } from 'vitest'
import { wasmEngine } from '../../../src/train/wasm/engine.ts'
import { networks, noiseBatch, optionsOf } from './networks.ts'
import { loadTfjs, tfjsGradients } from './tfjs.ts'

const tf = await loadTfjs()

/** Relative distance of two vectors. */
const distance = (a: Float32Array, b: Float32Array): number =>
  Math.sqrt(a.reduce((sum, v, k) => sum + (v - b[k]!) ** 2, 0) / b.reduce((sum, v) => sum + v * v, 1e-30))

test.skipIf(!tf)(
  'gradients of random networks equal those of TensorFlow.js (skipped where @tensorflow/tfjs is not installed)',
  () => {
    const distances: number[] = []
    fc.assert(
      fc.property(networks, fc.string(), (graph, seed) => {
        const { teacherLogits, ...batch } = noiseBatch(graph, 3, seed)
        const trainer = wasmEngine().create(graph, optionsOf({ seed }))
        const expected = tf!.tidy(() => tfjsGradients(tf!, graph, trainer.weights(), batch))
        const loss = trainer.step(batch, { learningRate: 0 })
        expect(Math.abs(loss - expected.loss) / expected.loss).toBeLessThan(1e-4)
        const gradients = trainer.gradients()
        trainer.dispose()
        const largest = Math.max(...Object.values(expected.gradients).map((g) => g.reduce((a, v) => Math.max(a, Math.abs(v)), 0)))
        for (const [name, g] of Object.entries(expected.gradients)) {
          // What should be zero (a shift before another batch norm) is rounding noise on both sides.
          if (g.every((v) => Math.abs(v) < 1e-3 * largest)) continue
          distances.push(distance(gradients[name]!, g))
        }
      }),
      { numRuns: 60 },
    )
    distances.sort((a, b) => a - b)
    const quantile = (q: number) => distances[Math.floor(q * (distances.length - 1))]!
    expect(distances.length).toBeGreaterThan(100)
    expect(quantile(0.5)).toBeLessThan(1e-5)
    // A value on the edge of a ReLU may fall on either side in two roundings, and a near-constant channel amplifies noise: rare.
    expect(quantile(0.97)).toBeLessThan(1e-3)
  },
)
