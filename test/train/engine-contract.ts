import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { buildGraph } from '../../src/graph/build.ts'
import { elements, type Graph, type Op } from '../../src/graph/graph.ts'
import { type Weights, weightShapes } from '../../src/graph/weights.ts'
import { createRangeCollector } from '../../src/quant/calibrate.ts'
import { tensorParams } from '../../src/quant/quantise.ts'
import { decodeSafetensors, encodeSafetensors } from '../../src/store/safetensors.ts'
import type { Loss } from '../../src/task/loss.ts'
import type { Engine, Optimizer, StepOptions, Trainer, TrainerOptions } from '../../src/train/engine.ts'
import { wasmEngine } from '../../src/train/wasm/engine.ts'
import { withInt4 } from '../helpers/random-model.ts'
import { networks, noiseBatch, optionsOf, shaken } from './wasm/networks.ts'

const reference = wasmEngine()
const same = { padding: 'same', stride: [1, 1] } as const
const window = { kernel: [3, 3], ...same, activation: 'none' } as const
const step = { learningRate: 0.05 }

/** One operator between a mean and a dense layer: 7x6x3 -> 4. */
const alone = (op: Op): Graph =>
  buildGraph([7, 6, 3], [op, { kind: 'mean', inputs: [1] }, { kind: 'dense', inputs: [2], units: 4, activation: 'none' }])

const operators: Readonly<Record<string, Graph>> = {
  conv2d: alone({ ...window, kind: 'conv2d', inputs: [0], channels: 5, activation: 'relu' }),
  'conv2d, even kernel, unequal strides': alone({
    ...window,
    kind: 'conv2d',
    inputs: [0],
    channels: 5,
    kernel: [4, 2],
    stride: [2, 1],
    activation: 'relu6',
  }),
  'conv2d, valid': alone({ ...window, kind: 'conv2d', inputs: [0], channels: 5, stride: [2, 2], padding: 'valid' }),
  'conv2d, pointwise': alone({ ...window, kind: 'conv2d', inputs: [0], channels: 6, kernel: [1, 1] }),
  depthwise: alone({ ...window, kind: 'depthwise', inputs: [0], multiplier: 1, kernel: [5, 3], activation: 'relu6' }),
  'depthwise, stride 2': alone({ ...window, kind: 'depthwise', inputs: [0], multiplier: 1, stride: [2, 2] }),
  'depthwise, unequal strides': alone({ ...window, kind: 'depthwise', inputs: [0], multiplier: 1, stride: [3, 1] }),
  'depthwise, unequal strides, valid': alone({
    ...window,
    kind: 'depthwise',
    inputs: [0],
    multiplier: 1,
    stride: [1, 2],
    padding: 'valid',
  }),
  dense: buildGraph(
    [3, 2, 4],
    [
      { kind: 'dense', inputs: [0], units: 7, activation: 'relu' },
      { kind: 'dense', inputs: [1], units: 4, activation: 'none' },
      { kind: 'softmax', inputs: [2] },
    ],
  ),
  add: buildGraph(
    [4, 4, 3],
    [
      { ...window, kind: 'conv2d', inputs: [0], channels: 3, activation: 'relu' },
      { ...window, kind: 'conv2d', inputs: [1], channels: 3 },
      { kind: 'add', inputs: [2, 1], activation: 'relu' },
      { kind: 'add', inputs: [3, 3], activation: 'none' },
      { kind: 'dense', inputs: [4], units: 4, activation: 'none' },
    ],
  ),
  'mul, squeeze and excite': buildGraph(
    [5, 4, 3],
    [
      { ...window, kind: 'conv2d', inputs: [0], channels: 5 },
      { kind: 'hardSwish', inputs: [1] },
      { kind: 'mean', inputs: [2] },
      { kind: 'dense', inputs: [3], units: 3, activation: 'relu' },
      { kind: 'dense', inputs: [4], units: 5, activation: 'hardSigmoid' },
      { kind: 'mul', inputs: [2, 5], activation: 'relu' },
      { kind: 'mul', inputs: [6, 6], activation: 'relu6' },
      { kind: 'mean', inputs: [7] },
      { kind: 'dense', inputs: [8], units: 4, activation: 'none' },
    ],
  ),
  'hardSwish behind a stored tensor': buildGraph(
    [4, 4, 3],
    [
      { ...window, kind: 'conv2d', inputs: [0], channels: 6, activation: 'hardSigmoid' },
      { kind: 'hardSwish', inputs: [1] },
      { kind: 'hardSwish', inputs: [2] },
      { kind: 'add', inputs: [3, 1], activation: 'none' },
      { ...window, kind: 'depthwise', inputs: [4], multiplier: 1, activation: 'hardSigmoid' },
      { kind: 'dense', inputs: [5], units: 4, activation: 'none' },
    ],
  ),
  averagePool: pooled('averagePool', { padding: 'valid', stride: [2, 2] }),
  'averagePool, same': pooled('averagePool', { padding: 'same', stride: [2, 1] }),
  maxPool: pooled('maxPool', { padding: 'valid', stride: [2, 2] }),
  'maxPool, same': pooled('maxPool', { padding: 'same', stride: [1, 2] }),
}

/** A pool behind a convolution, so that its gradient reaches a parameter. */
function pooled(kind: 'averagePool' | 'maxPool', more: Pick<typeof window, 'stride' | 'padding'> | object): Graph {
  return buildGraph(
    [7, 6, 3],
    [
      { ...window, kind: 'conv2d', inputs: [0], channels: 4, activation: 'relu6' },
      { ...window, kind, inputs: [1], ...more } as Op,
      { kind: 'dense', inputs: [2], units: 4, activation: 'none' },
    ],
  )
}

/** Inverted residuals, every operator: 8x6x3 -> 5. */
const small = buildGraph(
  [8, 6, 3],
  [
    { ...window, kind: 'conv2d', inputs: [0], channels: 6, stride: [2, 1], activation: 'relu6' },
    { ...window, kind: 'conv2d', inputs: [1], channels: 9, kernel: [1, 1], activation: 'relu' },
    { ...window, kind: 'depthwise', inputs: [2], multiplier: 1, kernel: [5, 3], activation: 'relu6' },
    { ...window, kind: 'conv2d', inputs: [3], channels: 6, kernel: [1, 1] },
    { kind: 'add', inputs: [4, 1], activation: 'none' },
    { ...window, kind: 'averagePool', inputs: [5], kernel: [2, 2] },
    { kind: 'mean', inputs: [6] },
    { kind: 'dense', inputs: [7], units: 5, activation: 'none' },
    { kind: 'softmax', inputs: [8] },
  ],
)

/** Relative distance of two vectors. */
const distance = (a: Float32Array, b: Float32Array): number =>
  Math.sqrt(a.reduce((sum, v, k) => sum + (v - b[k]!) ** 2, 0) / b.reduce((sum, v) => sum + v * v, 1e-30))
const largest = (weights: Weights): number =>
  Math.max(...Object.values(weights).map((g) => g.reduce((a, v) => Math.max(a, Math.abs(v)), 0)))
const losses: readonly Loss[] = [
  { kind: 'crossEntropy', labelSmoothing: 0.1, classWeights: [0.5, 2, 1, 3] },
  { kind: 'crossEntropy', labelSmoothing: 0 },
  { kind: 'mse' },
  { kind: 'huber', delta: 0.7 },
]
const optimizers: readonly Optimizer[] = [
  { kind: 'sgd', momentum: 0.9, weightDecay: 0.1 },
  { kind: 'adamw', beta1: 0.9, beta2: 0.99, epsilon: 1e-6, weightDecay: 0.1 },
]
const refused: readonly Op[] = [
  { kind: 'depthwise', inputs: [0], multiplier: 2, kernel: [1, 1], stride: [1, 1], padding: 'same', activation: 'none' },
  { kind: 'softmax', inputs: [0] },
  { kind: 'quantize', inputs: [0] },
]

/** What every engine promises; gradients, losses and predictions are compared with the wasm engine's. */
export function engineContract(engine: Engine): void {
  const live: Trainer[] = []
  const create = (graph: Graph, options: Partial<TrainerOptions> = {}, by = engine): Trainer => {
    const trainer = by.create(graph, optionsOf(options))
    live.push(trainer)
    return trainer
  }
  const both = (graph: Graph, options: Partial<TrainerOptions> = {}) =>
    [create(graph, options), create(graph, options, reference)] as const
  afterEach(() => {
    for (const trainer of live.splice(0)) trainer.dispose()
  })

  /** Relative distances of gradients after the same step; what should be zero is noise on both sides and left out. */
  function distances(graph: Graph, options: Partial<TrainerOptions>, batch: ReturnType<typeof noiseBatch>, how: StepOptions) {
    const [ours, theirs] = both(graph, options)
    const start = shaken(theirs.weights(), 'start')
    ours.load(start)
    theirs.load(start)
    const [loss, expected] = [ours.step(batch, how), theirs.step(batch, how)]
    expect(Math.abs(loss - expected)).toBeLessThan(1e-4 * Math.max(1, Math.abs(expected)))
    const [a, b] = [ours.gradients(), theirs.gradients()]
    expect(Object.keys(a)).toEqual(Object.keys(b))
    const negligible = 1e-3 * largest(b)
    return Object.keys(b)
      .filter((name) => b[name]!.some((v) => Math.abs(v) > negligible))
      .map((name) => [name, distance(a[name]!, b[name]!)] as const)
  }

  test('one seed, one initialisation, by the names and sizes of graph/weights.ts', () => {
    fc.assert(
      fc.property(networks, fc.string(), (graph, seed) => {
        const [ours, theirs] = both(graph, { seed })
        const weights = ours.weights()
        expect(weights).toEqual(theirs.weights())
        for (const [name, shape] of weightShapes(graph)) expect(weights[name]!.length).toBe(shape.reduce((a, b) => a * b, 1))
        for (const gradient of Object.values(ours.gradients())) expect(gradient.every((v) => v === 0)).toBe(true)
      }),
      { numRuns: 15 },
    )
  })

  test.each(Object.keys(operators))('gradients through %s', (name) => {
    const graph = operators[name]!
    for (const frozenBatchNorm of [false, true]) {
      const compared = distances(graph, { loss: losses[1]! }, noiseBatch(graph, 3, name), { learningRate: 0, frozenBatchNorm })
      expect(compared.length).toBeGreaterThan(1)
      for (const [parameter, d] of compared) expect(d, `${parameter}, frozen ${frozenBatchNorm}`).toBeLessThan(1e-4)
    }
  })

  test.each(losses)('gradients of $kind, with a teacher and without', (loss) => {
    const graph = operators.dense!
    const { teacherLogits, ...labels } = noiseBatch(graph, 4, 'loss')
    const distillation = { alpha: 0.3, temperature: 4 }
    for (const batch of [{ ...labels, teacherLogits }, labels] as ReturnType<typeof noiseBatch>[])
      for (const [parameter, d] of distances(graph, { loss }, batch, { learningRate: 0, distillation }))
        expect(d, parameter).toBeLessThan(1e-4)
  })

  test('gradients of whole networks', () => {
    const all = Array.from({ length: 6 }, (_, k) =>
      distances(small, { seed: `whole ${k}` }, noiseBatch(small, 4, `whole ${k}`), { learningRate: 0 }).map(([, d]) => d),
    ).flat()
    all.sort((a, b) => a - b)
    const quantile = (q: number) => all[Math.floor(q * (all.length - 1))]!
    expect(all.length).toBeGreaterThan(60)
    expect(quantile(0.5)).toBeLessThan(1e-5)
    expect(quantile(0.99)).toBeLessThan(1e-3)
  })

  test.each(optimizers)('20 steps of $kind: the same losses, statistics and predictions', (optimizer) => {
    const [ours, theirs] = both(small, { optimizer })
    const how = (i: number): StepOptions => ({
      learningRate: optimizer.kind === 'sgd' ? 0.01 : 1e-3,
      clipNorm: i % 2 ? 0.5 : 0,
      frozenBatchNorm: i >= 16,
      distillation: { alpha: 0.5, temperature: 2 },
    })
    for (let i = 0; i < 20; i++) {
      if (i === 10) for (const trainer of [ours, theirs]) trainer.resetOptimizer()
      const batch = noiseBatch(small, 2 + (i % 3), `step ${i}`)
      const [loss, expected] = [ours.step(batch, how(i)), theirs.step(batch, how(i))]
      expect(Math.abs(loss - expected), `step ${i}`).toBeLessThan(1e-3)
    }
    const { inputs } = noiseBatch(small, 9, 'new')
    ours.predict(inputs, 9).forEach((v, k) => {
      expect(v).toBeCloseTo(theirs.predict(inputs, 9)[k]!, 3)
    })
    const [a, b] = [ours.weights(), theirs.weights()]
    for (const name of Object.keys(b)) expect(distance(a[name]!, b[name]!), name).toBeLessThan(5e-3)
  })

  test('the same network as int8 will compute it, some layers with weights in 4 bits: predictions and gradients', () => {
    const errors: number[] = []
    const all = [...Object.entries(operators), ['whole', small] as const]
    const narrow = all.map(([name, graph]) => [`${name} in 4 bits`, withInt4(graph, name)] as const)
    for (const [name, graph] of [...all, ...narrow]) {
      const batch = noiseBatch(graph, 4, name)
      const start = shaken(create(graph).weights(), name)
      const calibrated = create(graph)
      calibrated.load(start)
      const collector = createRangeCollector(graph)
      calibrated.observe(batch.inputs, 4, collector.visit)
      const fakeInt8 = tensorParams(graph, collector.ranges({ percentile: 98 }))
      const [ours, theirs] = both(graph, { fakeInt8 })
      for (const trainer of [ours, theirs]) trainer.load(start)
      errors.push(distance(ours.predict(batch.inputs, 4), theirs.predict(batch.inputs, 4)))
      const how = { learningRate: 0, frozenBatchNorm: true }
      // another rounding of a tensor counts for more behind coarse weights
      expect(Math.abs(ours.step(batch, how) - theirs.step(batch, how))).toBeLessThan(name.endsWith('4 bits') ? 0.02 : 0.005)
      const [a, b] = [ours.gradients(), theirs.gradients()]
      // of equal maxima each engine may choose another
      if (!name.startsWith('maxPool')) for (const g of Object.keys(b)) errors.push(distance(a[g]!, b[g]!))
      expect(ours.weights()).toEqual(start)
    }
    errors.sort((a, b) => a - b)
    expect(errors.length).toBeGreaterThan(50)
    expect(errors[Math.floor(0.8 * errors.length)]).toBeLessThan(1e-4)
    // where a value lies between two roundings, engines may take different ones
    expect(errors.at(-1)).toBeLessThan(0.1)
  })

  test('predictions and every tensor of random networks', () => {
    fc.assert(
      fc.property(networks, (graph) => {
        const [ours, theirs] = both(graph)
        const start = shaken(theirs.weights(), 'predict')
        for (const trainer of [ours, theirs]) trainer.load(start)
        const { inputs } = noiseBatch(graph, 5, 'predict')
        const seen = (trainer: Trainer) => {
          const values: [number, Float32Array][] = [[-1, trainer.predict(inputs, 5)]]
          trainer.observe(inputs, 5, (t, v) => values.push([t, v.slice()]))
          return values
        }
        const [a, b] = [seen(ours), seen(theirs)]
        expect(a.map(([t]) => t)).toEqual(b.map(([t]) => t))
        b.forEach(([t, expected], k) => {
          const got = a[k]![1]
          if (t >= 0) expect(got.length % elements(graph.shapes[t]!)).toBe(0)
          expect(got.length).toBe(expected.length)
          const scale = expected.reduce((most, v) => Math.max(most, Math.abs(v)), 1)
          for (const [j, v] of expected.entries()) expect(Math.abs(got[j]! - v) / scale, `tensor ${t}`).toBeLessThan(1e-4)
        })
      }),
      { numRuns: 15 },
    )
  })

  test('weights -> load is exact, copies are copies, and one trainer does not touch another', () => {
    const batch = noiseBatch(small, 4, 'round trip')
    const [a, b] = [create(small), create(small, { seed: 'another' })]
    a.step(batch, step)
    const weights = a.weights()
    const logits = a.predict(batch.inputs, 4)
    b.load(weights)
    expect(b.weights()).toEqual(weights)
    expect(b.predict(batch.inputs, 4)).toEqual(logits)
    for (const values of Object.values(weights)) values.fill(NaN)
    b.step(batch, step)
    expect(a.predict(batch.inputs, 4)).toEqual(logits)
    expect(b.predict(batch.inputs, 4)).not.toEqual(logits)
  })

  test.each(['sgd', 'adamw'] as const)('a checkpoint goes on to the bit as if nothing had come between: %s', (kind) => {
    const optimizer: Optimizer =
      kind === 'sgd'
        ? { kind, momentum: 0.9, weightDecay: 1e-3 }
        : { kind, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, weightDecay: 1e-2 }
    fc.assert(
      fc.property(networks, fc.integer({ min: 0, max: 12 }), fc.integer({ min: 1, max: 3 }), (graph, before, after) => {
        const [whole, first, second] = ['', '', 'another'].map((seed) => create(graph, { optimizer, seed }))
        const steps = (trainer: Trainer, from: number, to: number) => {
          for (let n = from; n < to; n++) trainer.step(noiseBatch(graph, 4, `checkpoint ${n}`), { ...step, step: n, clipNorm: 5 })
        }
        steps(whole!, 0, before + after)
        steps(first!, 0, before)
        second!.restore(decodeSafetensors(encodeSafetensors(first!.checkpoint()), 'checkpoint').tensors)
        steps(second!, before, before + after)
        expect(second!.checkpoint()).toEqual(whole!.checkpoint())
      }),
      { numRuns: 10 },
    )
  })

  test('a diverged network says NaN or Infinity, it does not throw', () => {
    const trainer = create(small)
    const batch = noiseBatch(small, 4, 'nan')
    batch.inputs[5] = NaN
    expect(trainer.step(batch, step)).toBeNaN()
  })

  test.each(refused)('$kind is refused by name', (op) => {
    const graph = buildGraph([2, 2, 2], [op, { kind: 'mean', inputs: [1] }])
    expect(() => engine.create(graph, optionsOf())).toThrow(new RegExp(`^operator 0: ${op.kind}.* cannot be trained$`))
  })

  test('what was not planned for is refused', () => {
    const trainer = create(small)
    expect(() => trainer.step(noiseBatch(small, 5, 'big'), step)).toThrow(RangeError)
    expect(() => trainer.step({ ...noiseBatch(small, 2, 'short'), count: 3 }, step)).toThrow(RangeError)
    expect(() => trainer.load({})).toThrow(/0\/kernel has no values/)
    expect(() => trainer.restore(trainer.weights())).toThrow(/without its numbers of steps/)
    trainer.dispose()
    trainer.dispose()
    expect(() => trainer.predict(noiseBatch(small, 1, 'late').inputs, 1)).toThrow(/disposed/)
  })
}
