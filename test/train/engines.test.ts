import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeTensorflowEngine } from '../../src/train/tensorflow/engine.ts'
import { wasmEngine } from '../../src/train/wasm/engine.ts'
import { engineContract } from './engine-contract.ts'
import { networks, noiseBatch, optionsOf } from './wasm/networks.ts'
import { loadTfjs } from './wasm/tfjs.ts'

/** TensorFlow.js in pure JavaScript runs the same code as native TensorFlow (`tensorflow/native.test.ts`), only slower. */
const tf = await loadTfjs()

describe('wasm engine', () => engineContract(wasmEngine()))

describe.skipIf(!tf)('tensorflow engine on tfjs (skipped where @tensorflow/tfjs is not installed)', () => {
  const engine = makeTensorflowEngine(tf!)
  engineContract(engine)

  test('a trainer leaves no tensor behind, and holds its own number of them', () => {
    const optimizers = [
      { kind: 'sgd', momentum: 0.9, weightDecay: 0 },
      { kind: 'adamw', beta1: 0.9, beta2: 0.99, epsilon: 1e-6, weightDecay: 0 },
    ] as const
    fc.assert(
      fc.property(networks, fc.constantFrom(...optimizers), fc.boolean(), (graph, optimizer, frozenBatchNorm) => {
        const before = tf!.memory().numTensors
        const trainer = engine.create(graph, optionsOf({ optimizer }))
        const batch = noiseBatch(graph, 4, 'leak')
        const use = () => {
          trainer.step(batch, { learningRate: 0.01, clipNorm: 1, frozenBatchNorm })
          trainer.predict(batch.inputs, 4)
          trainer.observe(batch.inputs, 4, () => {})
          trainer.load(trainer.weights())
          trainer.resetOptimizer()
          trainer.gradients()
          return tf!.memory().numTensors
        }
        expect(use()).toBe(use())
        trainer.dispose()
        expect(tf!.memory().numTensors).toBe(before)
      }),
      { numRuns: 20 },
    )
  })

  test('memoryBytes is 1 to 6 times what the library counts at the peak of a step', async () => {
    const optimizer = { kind: 'adamw', beta1: 0.9, beta2: 0.99, epsilon: 1e-6, weightDecay: 0 } as const
    const ways = [{}, { dropout: 0.3 }, { int8Aware: true }, { dropout: 0.3, int8Aware: true }]
    for (const [k, graph] of fc.sample(networks, { numRuns: 24, seed: 3 }).entries()) {
      const { int8Aware = false, ...dropout } = ways[k % ways.length]!
      const fakeInt8 = int8Aware ? { fakeInt8: graph.shapes.map(() => ({ scale: 0.1, zeroPoint: 3 })) } : {}
      const before = tf!.memory().numBytes
      const trainer = engine.create(graph, optionsOf({ optimizer, ...dropout, ...fakeInt8 }))
      const { peakBytes } = await tf!.profile(() => {
        trainer.step(noiseBatch(graph, 4, 'peak'), { learningRate: 0.01, clipNorm: 1 })
        return []
      })
      trainer.dispose()
      const share = engine.memoryBytes(graph, { batchSize: 4, ...dropout, int8Aware }) / (peakBytes - before)
      expect(share).toBeGreaterThan(1)
      expect(share).toBeLessThan(6)
    }
  })
})
