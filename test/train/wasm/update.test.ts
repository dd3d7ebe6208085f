import { expect, test } from 'vitest'
import { buildGraph } from '../../../src/graph/build.ts'
import type { Optimizer } from '../../../src/train/engine.ts'
import { wasmEngine } from '../../../src/train/wasm/engine.ts'
import { noiseBatch, optionsOf } from './networks.ts'

const graph = buildGraph(
  [6, 5, 3],
  [
    { kind: 'conv2d', inputs: [0], channels: 5, kernel: [3, 3], stride: [1, 1], padding: 'same', activation: 'relu' },
    { kind: 'mean', inputs: [1] },
    { kind: 'dense', inputs: [2], units: 3, activation: 'none' },
  ],
)
const engine = wasmEngine()
const learningRate = 0.02

/** The published formulas, one parameter at a time, in double precision. */
function formula(optimizer: Optimizer, decays: boolean): (p: number, g: number) => number {
  let [m, v, t] = [0, 0, 0]
  return (p, g) => {
    const kept = p * (decays ? 1 - learningRate * optimizer.weightDecay : 1)
    if (optimizer.kind === 'sgd') {
      v = optimizer.momentum * v + g
      return kept - learningRate * (g + optimizer.momentum * v)
    }
    const { beta1, beta2, epsilon } = optimizer
    t++
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    return kept - (learningRate * (m / (1 - beta1 ** t))) / (Math.sqrt(v / (1 - beta2 ** t)) + epsilon)
  }
}

const optimizers: readonly Optimizer[] = [
  { kind: 'sgd', momentum: 0.9, weightDecay: 0.1 },
  { kind: 'adamw', beta1: 0.9, beta2: 0.99, epsilon: 1e-6, weightDecay: 0.1 },
]

test.each(optimizers.flatMap((o) => [0, 0.05].map((clipNorm) => [o.kind, clipNorm, o] as const)))(
  '%s with clipping at %d follows the formula',
  (_kind, clipNorm, optimizer) => {
    const trainer = engine.create(graph, optionsOf({ optimizer }))
    const rules = new Map<string, (p: number, g: number) => number>()
    let before = trainer.weights()
    for (let i = 0; i < 5; i++) {
      trainer.step(noiseBatch(graph, 4, `${i}`), { learningRate, clipNorm })
      const gradients = trainer.gradients()
      const after = trainer.weights()
      const norm = Math.sqrt(Object.values(gradients).reduce((sum, g) => g.reduce((a, x) => a + x * x, sum), 0))
      const share = clipNorm > 0 ? Math.min(1, clipNorm / norm) : 1
      if (clipNorm > 0) expect(share).toBeLessThan(1)
      for (const [name, g] of Object.entries(gradients))
        for (const [k, value] of g.entries()) {
          const key = `${name}/${k}`
          const rule = rules.get(key) ?? formula(optimizer, name.endsWith('kernel'))
          rules.set(key, rule)
          expect(after[name]![k]).toBeCloseTo(rule(before[name]![k]!, share * value), 5)
        }
      before = after
    }
    trainer.dispose()
  },
)

test('resetOptimizer forgets momentum', () => {
  const [a, b] = [engine.create(graph, optionsOf()), engine.create(graph, optionsOf())]
  a.step(noiseBatch(graph, 4, '1'), { learningRate })
  b.load(a.weights())
  const kernel = (t: typeof a) => {
    t.step(noiseBatch(graph, 4, '2'), { learningRate })
    return t.weights()['0/kernel']
  }
  const [reset, weights] = [a.weights(), a.weights()]
  const momentum = kernel(a)
  a.load(weights)
  a.resetOptimizer()
  expect(kernel(a)).toEqual(kernel(b))
  expect(kernel(b)).not.toEqual(momentum)
  expect(reset).toEqual(weights)
  a.dispose()
  b.dispose()
})
