import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { benchNets } from '../../../bench/nets.ts'
import { elements, inputShape, outputShape } from '../../../src/graph/graph.ts'
import type { TrainerOptions } from '../../../src/train/engine.ts'
import { chooseKernels } from '../../../src/train/wasm/choose.ts'
import { wasmEngine } from '../../../src/train/wasm/engine.ts'
import { nativeFloatKernels } from '../../../src/train/wasm/kernel-cases.ts'
import { agree, differingKernel, loadTwins, randomMemory, type Twins } from '../../../src/train/wasm/self-test.ts'
import { rng } from '../../../src/util/rng.ts'
import { buildNative, nativeIsBuilt, unlessBuilt } from '../../helpers/native-build.ts'

describe.skipIf(!nativeIsBuilt)(`native kernels${unlessBuilt}`, () => {
  // Ordinary numbers, and memory where a kernel meets NaN, infinities, zeros of both signs and denormal numbers.
  const memories = [0, 0.002, 0.05].map((special, i) => randomMemory(i, special))

  test.each([false, true])('every kernel leaves the memory that WebAssembly leaves, to the bit (fused: %s)', (fused) => {
    const twins = loadTwins(fused) as Twins
    for (const kernel of nativeFloatKernels)
      fc.assert(
        fc.property(fc.integer(), fc.constantFrom(...memories), (seed, memory) => agree(twins, kernel, String(seed), memory)),
        { numRuns: 60 },
      )
  })

  test('the self-test takes less than a tenth of a second once its code is warm', () => {
    const twins = loadTwins(false) as Twins
    const times = [0, 1, 2].map(() => {
      const from = performance.now()
      expect(differingKernel(twins)).toBeUndefined()
      return performance.now() - from
    })
    expect(Math.min(...times)).toBeLessThan(100)
  })

  test.each(Object.entries(benchNets()))('net %s learns the same weights', (_name, graph) => {
    const batchSize = 4
    const options: TrainerOptions = {
      batchSize,
      loss: { kind: 'crossEntropy', labelSmoothing: 0.1 },
      optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-7, weightDecay: 0.01 },
      seed: 'twins',
      dropout: 0.2,
    }
    const random = rng('twins')
    const [from, to] = [elements(inputShape(graph)), elements(outputShape(graph))]
    const inputs = Float32Array.from({ length: batchSize * from }, () => random.normal())
    const targets = new Float32Array(batchSize * to)
    for (let n = 0; n < batchSize; n++) targets[n * to + random.int(to)] = 1
    const [native, wasm] = (['native', 'wasm'] as const).map((kernels) => {
      const trainer = wasmEngine({ kernels }).create(graph, options)
      const losses = [1, 2, 3].map((step) =>
        trainer.step({ count: 4, inputs, targets }, { learningRate: 0.01, clipNorm: 1, step }),
      )
      const outcome = { losses, weights: trainer.weights(), logits: trainer.predict(inputs, batchSize) }
      trainer.dispose()
      return outcome
    })
    expect(native).toEqual(wasm)
  })

  test('auto is native, and wasm where it was asked for', () => {
    expect(chooseKernels('auto', false).said).toMatch(/^native (sse2|avx2|neon|baseline)$/)
    expect(chooseKernels('wasm', false)).toEqual({ kind: 'wasm', said: 'wasm' })
  })
})

test('without a compiler nothing is built, the build succeeds, and auto is wasm', () => {
  const { file, said } = buildNative({ PATH: mkdtempSync(join(tmpdir(), 'tinyfront-empty-')) })
  expect(said).toMatch(/left out/)
  expect(existsSync(file)).toBe(false)
  expect(chooseKernels('auto', false, file)).toEqual({ kind: 'wasm', said: 'wasm' })
  expect(() => chooseKernels('native', false, file)).toThrow(/not built/)
})
