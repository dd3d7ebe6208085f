import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Graph } from '../../../src/graph/graph.ts'
import { hasWeights } from '../../../src/graph/traits.ts'
import { type Weights, weightName } from '../../../src/graph/weights.ts'
import { createRangeCollector } from '../../../src/quant/calibrate.ts'
import { createEvaluator } from '../../../src/quant/evaluator.ts'
import { gridOf } from '../../../src/quant/fake.ts'
import { foldBatchNorm } from '../../../src/quant/fold.ts'
import { quantiseInput } from '../../../src/quant/input.ts'
import type { QuantParams } from '../../../src/quant/model.ts'
import { quantise, tensorParams } from '../../../src/quant/quantise.ts'
import type { Batch, Trainer } from '../../../src/train/engine.ts'
import { wasmEngine } from '../../../src/train/wasm/engine.ts'
import { rng } from '../../../src/util/rng.ts'
import { withInt4 } from '../../helpers/random-model.ts'
import { noiseBatch, optionsOf, networks as wide } from './networks.ts'
import { type Doubles, referenceForward, referenceLoss, toDoubles } from './reference.ts'

const engine = wasmEngine()
/** Some with weights in 4 bits. */
const networks = fc.tuple(wide, fc.nat(9)).map(([graph, seed]) => (seed < 5 ? graph : withInt4(graph, seed)))

/** A float trainer away from its initial statistics, and the int8 network that calibration on `batch` makes of it. */
function quantised(graph: Graph, batch: Batch, seed: string) {
  const trainer = engine.create(graph, optionsOf({ seed }))
  const random = rng(seed, 'points')
  const weights = trainer.weights()
  for (const [name, values] of Object.entries(weights))
    if (!name.endsWith('kernel'))
      for (let k = 0; k < values.length; k++)
        values[k] = name.endsWith('variance') ? 0.5 + random.next() : values[k]! + 0.3 * random.normal()
  trainer.load(weights)
  const collector = createRangeCollector(graph)
  trainer.observe(batch.inputs, batch.count, collector.visit)
  trainer.dispose()
  return { weights, model: quantise(graph, weights, collector.ranges()), tensors: tensorParams(graph, collector.ranges()) }
}

function fakeTrainer(graph: Graph, weights: Weights, fakeInt8: readonly QuantParams[]): Trainer {
  const trainer = engine.create(graph, optionsOf({ fakeInt8 }))
  trainer.load(weights)
  return trainer
}

/** What int8 holds of the kernels: the integers of `quantise`, turned back to bare kernels. */
function snapped(graph: Graph, weights: Weights, layers: ReturnType<typeof quantise>['layers']): Weights {
  const result: Record<string, Float32Array> = { ...weights }
  const folded = foldBatchNorm(graph, weights)
  graph.ops.forEach((op, i) => {
    if (!hasWeights(op)) return
    const { weights: q, weightScales } = layers[i]!.kernels[0]
    const { values, channelOf } = folded[i]!.kernels[0]
    const kernel = weights[weightName(i, 'kernel')]!
    result[weightName(i, 'kernel')] = kernel.map((w, k) => {
      const whole = q[k]! * weightScales[weightScales.length === 1 ? 0 : channelOf(k)]!
      return values[k]! === 0 ? 0 : whole * (w / values[k]!)
    })
  })
  return result
}

/**
 * Oracle of the straight-through gradient. Where a value is let through, rounding is x + r with r fixed at the point that is looked at; elsewhere
 * it is a constant. That function has an ordinary derivative, which central differences of the double-precision network give.
 */
function straightThrough(graph: Graph, tensors: readonly QuantParams[]) {
  const seen: { readonly from: Float64Array; readonly to: Float64Array; readonly open: readonly boolean[] }[] = []
  return (t: number, values: Float64Array): Float64Array => {
    const known = seen[t]
    if (known) return values.map((v, k) => (known.open[k] ? v - known.from[k]! + known.to[k]! : known.to[k]!))
    const op = graph.ops[t - 1]
    const { low, high, step } = gridOf(op, tensors[t]!)
    const to = values.map((v) => halfToEven(Math.min(high, Math.max(low, v)) / step) * step)
    const own = op && 'activation' in op ? op.activation : 'none'
    const layer = op !== undefined && hasWeights(op)
    const passes = (v: number, q: number) =>
      layer ? v > low && v < high : own === 'none' || (q > 0 && (own === 'relu' || Math.fround(q) < 6))
    seen[t] = { from: values, to, open: Array.from(values, (v, k) => passes(v, to[k]!)) }
    return to
  }
}

function halfToEven(x: number): number {
  const down = Math.floor(x)
  return x - down < 0.5 || (x - down === 0.5 && down % 2 === 0) ? down : down + 1
}

test('gradients are those of the network with fixed rounding', () => {
  const errors: number[] = []
  fc.assert(
    fc.property(networks, fc.string(), (graph, seed) => {
      const { teacherLogits, ...batch } = noiseBatch(graph, 3, seed)
      const { weights, model, tensors } = quantised(graph, batch, seed)
      const trainer = fakeTrainer(graph, weights, tensors)
      const step = { learningRate: 0, frozenBatchNorm: true }
      const loss = trainer.step(batch, step)
      const gradients = trainer.gradients()
      trainer.dispose()
      const at = toDoubles(snapped(graph, weights, model.layers))
      const settle = straightThrough(graph, tensors)
      const lossAt = (w: Doubles) => {
        const logits = referenceForward(graph, w, batch.inputs, batch.count, true, settle).at(-1)!
        return referenceLoss(logits, batch, { kind: 'crossEntropy', labelSmoothing: 0 }, step)
      }
      errors.push(Math.abs(loss - lossAt(at)))
      const random = rng(seed, 'points')
      const largest = Math.max(1e-2, ...Object.values(gradients).map((g) => g.reduce((a, v) => Math.max(a, Math.abs(v)), 0)))
      for (const [name, gradient] of Object.entries(gradients)) {
        const k = random.int(gradient.length)
        const moved = (d: number) => ({ ...at, [name]: at[name]!.map((v, j) => (j === k ? v + d : v)) })
        const slope = (h: number) => (lossAt(moved(h)) - lossAt(moved(-h))) / (2 * h)
        const [coarse, fine] = [slope(1e-4), slope(1e-5)]
        if (Math.abs(coarse - fine) > 1e-4 * largest) continue // a maximum changes places
        errors.push(Math.abs(gradient[k]! - fine) / largest)
      }
    }),
    { numRuns: 40, seed: 4 },
  )
  errors.sort((a, b) => a - b)
  const quantile = (q: number) => errors[Math.floor(q * (errors.length - 1))]!
  expect(errors.length).toBeGreaterThan(150)
  // in float32 a value now and then rounds the other way
  expect(quantile(0.5)).toBeLessThan(1e-6)
  expect(quantile(0.9)).toBeLessThan(1e-5)
})

test.each([
  // TFLite's hard swish is rounded several times on its way, and a product makes more of a step
  ['int8', wide, 0.9, 2.1],
  // a step of a tensor counts for more behind coarse weights
  ['mixed 4-bit', wide.map((graph) => withInt4(graph, 1)), 0.8, 4.1],
] as const)('predicts what the %s network computes, to a rounding or two', (_name, drawn, exact, most) => {
  const steps: number[] = []
  fc.assert(
    fc.property(drawn, fc.string(), (graph, seed) => {
      const batch = noiseBatch(graph, 4, seed)
      const { weights, model, tensors } = quantised(graph, batch, seed)
      const trainer = fakeTrainer(graph, weights, tensors)
      const logits = trainer.predict(batch.inputs, 4)
      const t = graph.ops.at(-1)!.kind === 'softmax' ? graph.ops.length - 1 : graph.ops.length
      const size = batch.inputs.length / 4
      const evaluator = createEvaluator(model, 'tflm')
      for (let n = 0; n < 4; n++) {
        const q = evaluator.tensors(quantiseInput(batch.inputs.subarray(n * size, (n + 1) * size), tensors[0]!))[t]!
        q.forEach((v, k) => {
          const real = (v - tensors[t]!.zeroPoint) * tensors[t]!.scale
          steps.push(Math.abs(logits[n * q.length + k]! - real) / tensors[t]!.scale)
        })
      }
      evaluator.dispose()
      trainer.dispose()
    }),
    { numRuns: 40, seed: 5 },
  )
  steps.sort((a, b) => a - b)
  expect(steps[Math.floor(steps.length * exact)]).toBeLessThan(1e-3)
  expect(steps[Math.floor(steps.length * 0.99)]).toBeLessThan(most)
})

test('updates the exact kernels', () => {
  const graph = fc.sample(networks, { numRuns: 1, seed: 1 })[0]!
  const { teacherLogits, ...batch } = noiseBatch(graph, 4, 'exact')
  const { weights, tensors } = quantised(graph, batch, 'exact')
  const trainer = fakeTrainer(graph, weights, tensors)
  expect(trainer.weights()).toEqual(weights)
  trainer.step(batch, { learningRate: 1e-7, frozenBatchNorm: true })
  const moved = trainer.weights()
  const gradients = trainer.gradients()
  for (const [name, gradient] of Object.entries(gradients))
    gradient.forEach((g, k) => {
      expect(moved[name]![k]).toBeCloseTo(weights[name]![k]! - 1.9e-7 * g, 6)
    })
  trainer.dispose()
})
