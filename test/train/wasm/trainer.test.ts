import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildGraph } from '../../../src/graph/build.ts'
import type { Graph, Op } from '../../../src/graph/graph.ts'
import { elements } from '../../../src/graph/graph.ts'
import { type Weights, weightShapes } from '../../../src/graph/weights.ts'
import type { Trainer } from '../../../src/train/engine.ts'
import { engineMemoryBytes, wasmEngine, wasmHash } from '../../../src/train/wasm/engine.ts'
import { createTrainer } from '../../../src/train/wasm/trainer.ts'
import { createWorkspace } from '../../../src/train/wasm/workspace.ts'
import { sha256 } from '../../../src/util/hash.ts'
import { networks, noiseBatch, optionsOf } from './networks.ts'
import { referenceForward, toDoubles } from './reference.ts'

const engine = wasmEngine()
const step = { learningRate: 0.05 }

function using<T>(trainer: Trainer, use: (trainer: Trainer) => T): T {
  try {
    return use(trainer)
  } finally {
    trainer.dispose()
  }
}

const same = { padding: 'same', stride: [1, 1] } as const
/** Every trained operator, odd channels, asymmetric strides, a residual: 11x7x3 -> 5. */
const small = buildGraph(
  [11, 7, 3],
  [
    { kind: 'conv2d', inputs: [0], channels: 6, kernel: [3, 3], stride: [2, 1], padding: 'same', activation: 'relu6' },
    { ...same, kind: 'conv2d', inputs: [1], channels: 10, kernel: [1, 1], activation: 'relu' },
    { ...same, kind: 'depthwise', inputs: [2], multiplier: 1, kernel: [5, 3], activation: 'relu6' },
    { ...same, kind: 'conv2d', inputs: [3], channels: 6, kernel: [1, 1], activation: 'none' },
    { kind: 'add', inputs: [4, 1], activation: 'none' },
    { kind: 'depthwise', inputs: [5], multiplier: 1, kernel: [3, 3], stride: [2, 1], padding: 'valid', activation: 'relu' },
    { ...same, kind: 'maxPool', inputs: [6], kernel: [2, 2], activation: 'none' },
    { ...same, kind: 'averagePool', inputs: [7], kernel: [2, 3], activation: 'none' },
    { kind: 'mean', inputs: [8] },
    { kind: 'dense', inputs: [9], units: 7, activation: 'relu' },
    { kind: 'dense', inputs: [10], units: 5, activation: 'none' },
    { kind: 'softmax', inputs: [11] },
  ],
)

/** Largest difference, relative to the largest value (at least 1). */
const distance = (values: Float32Array, reference: Float64Array): number =>
  values.reduce((most, v, k) => Math.max(most, Math.abs(v - reference[k]!)), 0) /
  reference.reduce((most, v) => Math.max(most, Math.abs(v)), 1)

/** Little-endian bytes of all parameters in order of their names. */
const hashOf = (weights: Weights): string =>
  sha256(
    Buffer.concat(
      Object.keys(weights)
        .sort()
        .map((name) => Buffer.from(weights[name]!.buffer)),
    ),
  )

test('200 steps end in the bits of every other machine', () => {
  const hash = using(
    engine.create(small, optionsOf({ optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-7, weightDecay: 1e-3 } })),
    (trainer) => {
      for (let i = 0; i < 200; i++) {
        const batch = noiseBatch(small, 1 + (i % 4), `golden ${i}`)
        trainer.step(batch, { learningRate: 1e-3, clipNorm: 1, distillation: { alpha: 0.5, temperature: 3 } })
      }
      return hashOf(trainer.weights())
    },
  )
  expect(hash).toBe('83642157f33132fa333cfc7337254c2870c135475bc38acb1cb4d071c66230be')
})

test('fast math agrees with plain SIMD to rounding, and is another identity', () => {
  const batch = noiseBatch(small, 4, 'fast')
  const [plain, fast] = [false, true].map((fastMath) =>
    using(wasmEngine({ fastMath }).create(small, optionsOf()), (t) => {
      for (let i = 0; i < 3; i++) t.step(batch, step)
      return t.predict(batch.inputs, 4)
    }),
  )
  expect(distance(fast!, Float64Array.from(plain!))).toBeLessThan(1e-4)
  expect(wasmHash()).toMatch(/^[0-9a-f]{64}$/)
  expect(wasmHash({ fastMath: true })).not.toBe(wasmHash())
})

test('parameters have the names and sizes of graph/weights.ts', () => {
  fc.assert(
    fc.property(networks, (graph) => {
      const weights = using(engine.create(graph, optionsOf()), (t) => t.weights())
      const sizes = Object.fromEntries(Object.entries(weights).map(([name, values]) => [name, values.length]))
      expect(sizes).toEqual(Object.fromEntries([...weightShapes(graph)].map(([name, s]) => [name, s.reduce((a, b) => a * b, 1)])))
    }),
  )
})

test('weights -> load is exact, and the copy predicts the same bits', () => {
  fc.assert(
    fc.property(networks, fc.string(), (graph, seed) => {
      const batch = noiseBatch(graph, 4, seed)
      const { weights, logits } = using(engine.create(graph, optionsOf({ seed })), (t) => {
        for (let i = 0; i < 3; i++) t.step(batch, step)
        return { weights: t.weights(), logits: t.predict(batch.inputs, 4) }
      })
      using(engine.create(graph, optionsOf({ seed: 'another' })), (t) => {
        t.load(weights)
        expect(t.weights()).toEqual(weights)
        expect(t.predict(batch.inputs, 4)).toEqual(logits)
      })
    }),
    { numRuns: 40 },
  )
})

test('a prediction does not depend on its neighbours in the batch', () => {
  fc.assert(
    fc.property(networks, fc.integer({ min: 1, max: 6 }), (graph, batchSize) => {
      const { inputs } = noiseBatch(graph, 9, 'group')
      const weights = using(engine.create(graph, optionsOf()), (t) => {
        t.step(noiseBatch(graph, 4, 'train'), step)
        return t.weights()
      })
      const predict = (size: number) =>
        using(engine.create(graph, optionsOf({ batchSize: size })), (t) => {
          t.load(weights)
          return t.predict(inputs, 9)
        })
      expect(predict(batchSize)).toEqual(predict(9))
    }),
    { numRuns: 40 },
  )
})

test('predict and observe show what the definitions say, operator by operator', () => {
  fc.assert(
    fc.property(networks, fc.string(), (graph, seed) => {
      const { inputs, ...batch } = noiseBatch(graph, 4, seed)
      using(engine.create(graph, optionsOf({ seed })), (t) => {
        for (let i = 0; i < 5; i++) t.step({ inputs, ...batch }, step)
        const expected = referenceForward(graph, toDoubles(t.weights()), inputs, 4, true)
        const seen: number[] = []
        t.observe(inputs, 4, (tensor, values) => {
          seen.push(tensor)
          expect(values.length).toBe(4 * elements(graph.shapes[tensor]!))
          const reference = expected[tensor]
          if (!reference) return
          expect(distance(values, reference)).toBeLessThan(1e-4)
        })
        expect(seen).toEqual(graph.shapes.map((_, tensor) => tensor))
        const logits = graph.ops.at(-1)!.kind === 'softmax' ? expected.at(-1)! : expected[graph.ops.length]!
        expect(distance(t.predict(inputs, 4), logits)).toBeLessThan(1e-4)
      })
    }),
    { numRuns: 40 },
  )
})

test('the softmax at the end is observed as probabilities', () => {
  using(engine.create(small, optionsOf()), (t) => {
    const { inputs } = noiseBatch(small, 2, 'softmax')
    const logits = [...t.predict(inputs, 2)]
    t.observe(inputs, 2, (tensor, values) => {
      if (tensor !== small.shapes.length - 1) return
      for (let n = 0; n < 2; n++) {
        const row = logits.slice(n * 5, n * 5 + 5).map(Math.exp)
        const sum = row.reduce((a, b) => a + b)
        for (let k = 0; k < 5; k++) expect(values[n * 5 + k]).toBeCloseTo(row[k]! / sum, 6)
      }
    })
  })
})

test('memory that other networks left full of NaN changes nothing', () => {
  const train = (graph: Graph, workspace = createWorkspace(false)) =>
    using(createTrainer(workspace, graph, optionsOf()), (t) => {
      for (let i = 0; i < 2; i++) t.step(noiseBatch(graph, 3, `dirt ${i}`), step)
      return { weights: t.weights(), logits: t.predict(noiseBatch(graph, 3, 'x').inputs, 3) }
    })
  fc.assert(
    fc.property(networks, (graph) => {
      const dirty = createWorkspace(false)
      const bytes = 4 * engine.memoryBytes(graph, { batchSize: 4 })
      const at = dirty.take(bytes)
      dirty.floats().fill(NaN, at / 4, (at + bytes) / 4)
      dirty.give(at, bytes)
      expect(train(graph, dirty)).toEqual(train(graph))
    }),
    { numRuns: 25 },
  )
})

test('memoryBytes is what a trainer takes, with dropout and as int8 computes too, and dispose gives it back', () => {
  fc.assert(
    fc.property(networks, fc.integer({ min: 1, max: 33 }), fc.boolean(), fc.boolean(), (graph, batchSize, drops, int8Aware) => {
      const dropout = drops ? 0.2 : 0
      const fakeInt8 = int8Aware ? { fakeInt8: graph.shapes.map(() => ({ scale: 0.1, zeroPoint: 3 })) } : {}
      const workspace = createWorkspace(false)
      const before = workspace.take(64)
      const trainer = createTrainer(workspace, graph, optionsOf({ batchSize, dropout, ...fakeInt8 }))
      expect(workspace.take(64) - before - 64).toBe(engine.memoryBytes(graph, { batchSize, dropout, int8Aware }))
      trainer.dispose()
      expect(workspace.take(64)).toBe(before + 64)
    }),
    { numRuns: 40 },
  )
})

test('300 networks in a row keep memory flat', () => {
  const sample = fc.sample(networks, { numRuns: 100, seed: 7 })
  const run = () => {
    for (const graph of sample) using(engine.create(graph, optionsOf()), (t) => t.step(noiseBatch(graph, 2, 'flat'), step))
    return engineMemoryBytes()
  }
  const first = run()
  expect([run(), run()]).toEqual([first, first])
})

test('two trainers at once do not touch each other', () => {
  const alone = using(engine.create(small, optionsOf()), (t) => {
    t.step(noiseBatch(small, 4, 'a'), step)
    return hashOf(t.weights())
  })
  using(engine.create(small, optionsOf({ seed: 'other' })), (other) =>
    using(engine.create(small, optionsOf()), (t) => {
      other.step(noiseBatch(small, 4, 'b'), step)
      t.step(noiseBatch(small, 4, 'a'), step)
      other.step(noiseBatch(small, 4, 'c'), step)
      expect(hashOf(t.weights())).toBe(alone)
    }),
  )
})

test('running statistics are the plain mean at first, and stay when frozen', () => {
  const graph = buildGraph([2, 2, 3], [{ ...same, kind: 'conv2d', inputs: [0], channels: 3, kernel: [1, 1], activation: 'none' }])
  const options = optionsOf({ loss: { kind: 'mse' } })
  using(engine.create(graph, options), (t) => {
    const kernel = [1, 0, 0, 0, 1, 0, 0, 0, 1]
    const batches = [noiseBatch(graph, 4, '1'), noiseBatch(graph, 4, '2')]
    for (const batch of batches) {
      t.step({ ...batch, targets: new Float32Array(48) }, { learningRate: 0 })
    }
    const { '0/kernel': w, '0/mean': mean, '0/variance': variance } = t.weights()
    expect(kernel.length).toBe(w!.length)
    for (let c = 0; c < 3; c++) {
      const stats = batches.map(({ inputs }) => {
        const z = Array.from({ length: 16 }, (_, r) => [0, 1, 2].reduce((a, i) => a + inputs[r * 3 + i]! * w![c * 3 + i]!, 0))
        const m = z.reduce((a, b) => a + b) / 16
        return [m, z.reduce((a, v) => a + (v - m) ** 2, 0) / 15] as const
      })
      expect(mean![c]).toBeCloseTo((stats[0]![0] + stats[1]![0]) / 2, 5)
      expect(variance![c]).toBeCloseTo((stats[0]![1] + stats[1]![1]) / 2, 5)
    }
    t.step({ ...batches[0]!, targets: new Float32Array(48) }, { learningRate: 0, frozenBatchNorm: true })
    expect(t.weights()['0/mean']).toEqual(mean)
  })
})

test('it learns: random labels of 16 examples are memorised', () => {
  const batch = noiseBatch(small, 16, 'learn')
  batch.targets.fill(0)
  for (let n = 0; n < 16; n++) batch.targets[n * 5 + (n % 5)] = 1
  const { teacherLogits, ...labels } = batch
  using(engine.create(small, optionsOf({ batchSize: 16 })), (t) => {
    const first = t.step(labels, step)
    for (let i = 0; i < 300; i++) t.step(labels, step)
    expect(t.step(labels, step)).toBeLessThan(0.1 * first)
  })
})

test('a diverged network says NaN or Infinity, it does not throw', () => {
  using(engine.create(small, optionsOf()), (t) => {
    const batch = noiseBatch(small, 4, 'nan')
    batch.inputs[5] = NaN
    expect(t.step(batch, step)).toBeNaN()
    expect(t.step(noiseBatch(small, 4, 'later'), step)).toBeNaN()
  })
})

const refused: readonly Op[] = [
  { kind: 'depthwise', inputs: [0], multiplier: 2, kernel: [1, 1], stride: [1, 1], padding: 'same', activation: 'none' },
  { kind: 'reshape', inputs: [0], shape: [1, 1, 8] },
  { kind: 'pad', inputs: [0], before: [1, 1], after: [0, 0] },
  { kind: 'concat', inputs: [0, 0] },
  { kind: 'quantize', inputs: [0] },
]
test.each(refused)('$kind is refused by name', (op) => {
  const graph = buildGraph([2, 2, 2], [op, { kind: 'mean', inputs: [1] }])
  expect(() => engine.create(graph, optionsOf())).toThrow(new RegExp(`^operator 0: ${op.kind}.* cannot be trained$`))
})

test('batches that were not planned for are refused', () => {
  using(engine.create(small, optionsOf()), (t) => {
    expect(() => t.step(noiseBatch(small, 5, 'big'), step)).toThrow(RangeError)
    expect(() => t.step({ ...noiseBatch(small, 2, 'short'), count: 3 }, step)).toThrow(RangeError)
    expect(() => t.load({})).toThrow(/0\/kernel has no values/)
  })
})
