import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { buildGraph } from '../../src/graph/build.ts'
import type { Graph } from '../../src/graph/graph.ts'
import { dropoutFactors } from '../../src/train/dropout.ts'
import type { Engine, Trainer, TrainerOptions } from '../../src/train/engine.ts'
import { makeTensorflowEngine } from '../../src/train/tensorflow/engine.ts'
import { classifier } from '../../src/train/trainable.ts'
import { wasmEngine } from '../../src/train/wasm/engine.ts'
import { rng } from '../../src/util/rng.ts'
import { crossEntropy, networks, noiseBatch, optionsOf, shaken } from './wasm/networks.ts'
import { type Doubles, referenceForward, referenceLoss, toDoubles } from './wasm/reference.ts'
import { loadTfjs } from './wasm/tfjs.ts'

const tf = await loadTfjs()

test('factors: the stated share is left out, the expectation is 1, padding stays zero, and every step and seed has its own', () => {
  const rate = 0.3
  const all = Array.from({ length: 50 }, (_, step) =>
    Array.from(dropoutFactors({ seed: 'f', dropout: rate }, step, 40, 7)),
  ).flat()
  const left = all.filter((f) => f === 0).length / all.length
  expect(left).toBeGreaterThan(rate - 0.015)
  expect(left).toBeLessThan(rate + 0.015)
  expect(all.reduce((a, b) => a + b, 0) / all.length).toBeCloseTo(1, 1)
  const of = (seed: string, step: number, stride?: number) => dropoutFactors({ seed, dropout: rate }, step, 9, 5, stride)
  expect(of('a', 1)).toEqual(of('a', 1))
  expect(of('a', 1)).not.toEqual(of('a', 2))
  expect(of('a', 1)).not.toEqual(of('b', 1))
  const padded = of('a', 1, 8)
  for (let row = 0; row < 9; row++) {
    expect(padded.slice(row * 8, row * 8 + 5)).toEqual(of('a', 1).slice(row * 5, row * 5 + 5))
    expect(Array.from(padded.slice(row * 8 + 5, row * 8 + 8))).toEqual([0, 0, 0])
  }
})

const engines: Record<string, Engine | undefined> = { wasm: wasmEngine(), 'tensorflow on tfjs': tf && makeTensorflowEngine(tf) }

describe.each(Object.entries(engines))('%s', (_name, engine) => {
  const live: Trainer[] = []
  const create = (graph: Graph, options: Partial<TrainerOptions>) => {
    const trainer = engine!.create(graph, optionsOf(options))
    live.push(trainer)
    return trainer
  }
  afterEach(() => {
    for (const trainer of live.splice(0)) trainer.dispose()
  })
  const maybe = test.skipIf(!engine)

  maybe('the loss of a linear network has the mean that the definition says', () => {
    // E (w (m x) + b - t)^2 = (w x + b - t)^2 + sum w^2 x^2 p / (1 - p)
    const graph = buildGraph([1, 1, 6], [{ kind: 'dense', inputs: [0], units: 1, activation: 'none' }])
    const rate = 0.25
    const trainer = create(graph, { loss: { kind: 'mse' }, dropout: rate, batchSize: 32 })
    const random = rng('linear')
    const [w, x] = [0, 1].map(() => Float32Array.from({ length: 6 }, () => random.normal())) as [Float32Array, Float32Array]
    trainer.load({ '0/kernel': w, '0/bias': Float32Array.of(0.3) })
    const inputs = new Float32Array(32 * 6)
    for (let n = 0; n < 32; n++) inputs.set(x, 6 * n)
    const batch = { count: 32, inputs, targets: new Float32Array(32).fill(0.5) }
    let sum = 0
    for (let step = 0; step < 150; step++) sum += trainer.step(batch, { learningRate: 0, step })
    const mean = w.reduce((s, v, k) => s + v * x[k]!, 0.3) - 0.5
    const spread = w.reduce((s, v, k) => s + (v * x[k]!) ** 2, 0) * (rate / (1 - rate))
    expect(sum / 150 / (mean ** 2 + spread)).toBeGreaterThan(0.93)
    expect(sum / 150 / (mean ** 2 + spread)).toBeLessThan(1.07)
  })

  maybe('gradients of random networks equal finite differences with the same values left out', () => {
    let compared = 0
    fc.assert(
      fc.property(networks, fc.string(), fc.integer({ min: 0, max: 99 }), (graph, seed, step) => {
        const options = optionsOf({ seed, dropout: 0.4 })
        const trainer = create(graph, options)
        const { teacherLogits, ...batch } = noiseBatch(graph, 3, seed)
        trainer.load(shaken(trainer.weights(), seed))
        const weights = toDoubles(trainer.weights())
        const loss = trainer.step(batch, { learningRate: 0, step })
        const { input } = classifier(graph)
        const [h, width, c] = graph.shapes[input]!
        const factors = dropoutFactors(options, step, 3 * h * width, c)
        const drop = (t: number, values: Float64Array) => (t === input ? values.map((v, k) => v * factors[k]!) : values)
        const lossAt = (w: Doubles) =>
          referenceLoss(referenceForward(graph, w, batch.inputs, 3, false, drop).at(-1)!, batch, crossEntropy, {
            learningRate: 0,
          })
        expect(loss).toBeCloseTo(lossAt(weights), 3)
        const gradients = trainer.gradients()
        const largest = Math.max(1e-2, ...Object.values(gradients).map((g) => g.reduce((a, v) => Math.max(a, Math.abs(v)), 0)))
        const random = rng(seed, 'points')
        for (const [name, gradient] of Object.entries(gradients)) {
          const k = random.int(gradient.length)
          const slope = (e: number) => {
            const at = (d: number) => lossAt({ ...weights, [name]: weights[name]!.map((v, j) => (j === k ? v + d : v)) })
            return (at(e) - at(-e)) / (2 * e)
          }
          const [coarse, fine] = [slope(1e-4), slope(1e-5)]
          if (Math.abs(coarse - fine) > 1e-4 * largest) continue // a kink
          compared++
          expect(Math.abs(gradient[k]! - fine) / largest, `${name}[${k}]`).toBeLessThan(2e-3)
        }
        trainer.dispose()
      }),
      { numRuns: 25 },
    )
    expect(compared).toBeGreaterThan(50)
  })

  maybe('a step is addressed by its number, and nothing is left out of predictions', () => {
    const graph = fc.sample(networks, { numRuns: 1, seed: 8 })[0]!
    const { teacherLogits, ...batch } = noiseBatch(graph, 4, 'address')
    const [a, b, plain] = [0.5, 0.5, 0].map((dropout) => create(graph, { dropout })) as [Trainer, Trainer, Trainer]
    const how = { learningRate: 0.01, frozenBatchNorm: true }
    expect(a.predict(batch.inputs, 4)).toEqual(plain.predict(batch.inputs, 4))
    expect(a.step(batch, { ...how, step: 7 })).toBe(b.step(batch, { ...how, step: 7 }))
    expect(a.weights()).toEqual(b.weights())
    expect(a.step(batch, { ...how, step: 8 })).not.toBe(b.step(batch, { ...how, step: 9 }))
    plain.load(a.weights())
    expect(a.predict(batch.inputs, 4)).toEqual(plain.predict(batch.inputs, 4))
    const seen = (trainer: Trainer) => {
      const values: Float32Array[] = []
      trainer.observe(batch.inputs, 4, (_t, v) => values.push(v.slice()))
      return values
    }
    expect(seen(a)).toEqual(seen(plain))
  })

  maybe('a network without a classifier is refused', () => {
    const conv = {
      kind: 'conv2d',
      inputs: [0],
      channels: 3,
      kernel: [1, 1],
      stride: [1, 1],
      padding: 'same',
      activation: 'none',
    } as const
    const graph = buildGraph([2, 2, 1], [conv, { kind: 'mean', inputs: [1] }])
    expect(() => create(graph, { dropout: 0.1 })).toThrow('dropout stands before a classifier')
  })
})
