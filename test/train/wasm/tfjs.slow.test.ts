import { expect, test } from 'vitest'
import { benchNets } from '../../../bench/nets.ts'
import { wasmEngine } from '../../../src/train/wasm/engine.ts'
import { noiseBatch, optionsOf } from './networks.ts'
import { loadTfjs, tfjsGradients } from './tfjs.ts'

const tf = await loadTfjs()

/** The benchmark's networks whole: 25 to 30 convolutions deep, so rounding has had its say; deviations are of float32, not of formulas. */
test.skipIf(!tf).each(Object.entries(benchNets()))('gradients of network %s equal those of TensorFlow.js', (_name, graph) => {
  const { teacherLogits, ...batch } = noiseBatch(graph, 3, 'whole')
  const trainer = wasmEngine().create(graph, optionsOf())
  const expected = tf!.tidy(() => tfjsGradients(tf!, graph, trainer.weights(), batch))
  expect(trainer.step(batch, { learningRate: 0 })).toBeCloseTo(expected.loss, 4)
  const gradients = trainer.gradients()
  trainer.dispose()
  const distances = Object.entries(expected.gradients)
    .map(([name, g]) => {
      const norm = Math.sqrt(g.reduce((sum, v) => sum + v * v, 0))
      return norm > 1e-4 ? Math.sqrt(g.reduce((sum, v, k) => sum + (v - gradients[name]![k]!) ** 2, 0)) / norm : 0
    })
    .filter((d) => d > 0)
    .sort((a, b) => a - b)
  expect(distances[distances.length >> 1]).toBeLessThan(2e-5)
  expect(distances.at(-1)).toBeLessThan(1e-2)
})
