import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { buildGraph } from '../../../src/graph/build.ts'
import type { Activation, Graph, LayerActivation, Op, OpKind, Padding, Shape } from '../../../src/graph/graph.ts'
import { operators } from '../../../src/graph/operators.ts'
import { wasmEngine } from '../../../src/train/wasm/engine.ts'
import { rng } from '../../../src/util/rng.ts'
import { crossEntropy, noiseBatch, optionsOf, shaken } from './networks.ts'
import { type Doubles, referenceForward, referenceLoss, toDoubles } from './reference.ts'
import { loadTfjs, tfjsGradients } from './tfjs.ts'

const tf = await loadTfjs()
const engine = wasmEngine()

const size = (max: number) => fc.integer({ min: 1, max })
const fused = fc.constantFrom<Activation>('none', 'relu', 'relu6')
const layerActivation = fc.constantFrom<LayerActivation>('none', 'relu', 'relu6', 'hardSigmoid')
const pair = (max: number) =>
  fc.oneof({ arbitrary: fc.tuple(size(max), size(max)), weight: 3 }, fc.tuple(size(9), fc.constant(1)))
const window = fc.record({
  kernel: pair(7),
  stride: fc.tuple(size(3), size(3)),
  padding: fc.constantFrom<Padding>('same', 'valid'),
})
const pointwise = { kernel: [1, 1], stride: [1, 1], padding: 'same' } as const

/** Operators that read tensor 1, which a convolution made. */
type Tail = (shape: Shape) => Op[]
const pool = (kind: 'averagePool' | 'maxPool') =>
  fc.record({ w: window, activation: fused }).map(
    ({ w, activation }): Tail =>
      () => [{ kind, inputs: [1], activation, ...w }],
  )

/** Every operator that stands in a network in training, in random form; undefined for those that do not. */
const forms: Readonly<Record<OpKind, fc.Arbitrary<Tail> | undefined>> = {
  conv2d: fc.record({ w: fc.oneof(window, fc.constant(pointwise)), channels: size(35), activation: layerActivation }).map(
    ({ w, channels, activation }): Tail =>
      () => [{ kind: 'conv2d', inputs: [1], channels, activation, ...w }],
  ),
  depthwise: fc.record({ w: window, activation: layerActivation }).map(
    ({ w, activation }): Tail =>
      () => [{ kind: 'depthwise', inputs: [1], multiplier: 1, activation, ...w }],
  ),
  dense: fc.record({ units: size(21), activation: layerActivation }).map(
    ({ units, activation }): Tail =>
      () => [{ kind: 'dense', inputs: [1], units, activation }],
  ),
  add: fc.record({ twice: fc.boolean(), own: fused, activation: fused }).map(
    ({ twice, own, activation }): Tail =>
      ([, , channels]) =>
        twice
          ? [{ kind: 'add', inputs: [1, 1], activation }]
          : [
              { kind: 'conv2d', inputs: [1], channels, activation: own, ...pointwise },
              { kind: 'add', inputs: [2, 1], activation },
            ],
  ),
  mul: fc.record({ form: fc.constantFrom('square', 'maps', 'pixel'), activation: fused, gate: layerActivation }).map(
    ({ form, activation, gate }): Tail =>
      ([, , channels]) =>
        form === 'square'
          ? [{ kind: 'mul', inputs: [1, 1], activation }]
          : form === 'maps'
            ? [
                { kind: 'conv2d', inputs: [1], channels, activation: gate, ...pointwise },
                { kind: 'mul', inputs: [2, 1], activation },
              ]
            : [
                { kind: 'mean', inputs: [1] },
                { kind: 'dense', inputs: [2], units: channels, activation: gate },
                { kind: 'mul', inputs: [1, 3], activation },
              ],
  ),
  averagePool: pool('averagePool'),
  maxPool: pool('maxPool'),
  mean: fc.constant<Tail>(() => [{ kind: 'mean', inputs: [1] }]),
  hardSwish: fc.boolean().map(
    (twice): Tail =>
      () => [{ kind: 'hardSwish', inputs: [1] }, ...(twice ? [{ kind: 'hardSwish', inputs: [2] } as const] : [])],
  ),
  softmax: undefined, // at the end of a network it belongs to the loss
  reshape: undefined,
  pad: undefined,
  concat: undefined,
  quantize: undefined,
}

/** A convolution, the operator, a classifier; whatever its shape, odd or not. Windows larger than the map are drawn again. */
function graphs(form: fc.Arbitrary<Tail>): fc.Arbitrary<Graph> {
  return fc
    .record({
      input: fc.tuple(size(13), fc.oneof(size(11), fc.constant(1)), size(5)),
      channels: size(18),
      activation: layerActivation,
      tail: form,
    })
    .map(({ input, channels, activation, tail }) => {
      const ops: Op[] = [{ kind: 'conv2d', inputs: [0], channels, activation, ...pointwise }]
      try {
        ops.push(...tail([input[0], input[1], channels]))
        ops.push({ kind: 'dense', inputs: [ops.length], units: 3, activation: 'none' })
        return buildGraph(input, ops)
      } catch {
        return undefined
      }
    })
    .filter((graph) => graph !== undefined)
}

const norm = (values: ArrayLike<number>): number => Math.sqrt(Array.from(values).reduce((sum, v) => sum + v * v, 0))

/** Loss and gradients of one step of ours, and the weights it was taken at. */
function stepAt(graph: Graph, seed: string) {
  const trainer = engine.create(graph, optionsOf({ seed }))
  const { teacherLogits, ...batch } = noiseBatch(graph, 3, seed)
  trainer.load(shaken(trainer.weights(), seed))
  const weights = trainer.weights()
  const loss = trainer.step(batch, { learningRate: 0 })
  const gradients = trainer.gradients()
  trainer.dispose()
  return { weights, batch, loss, gradients }
}

const trained = Object.entries(forms).filter((entry): entry is [OpKind, fc.Arbitrary<Tail>] => entry[1] !== undefined)

test('these are the operators that may be trained', () => {
  for (const [kind, form] of Object.entries(forms))
    expect(form !== undefined, kind).toBe(operators[kind as OpKind].trainable === 'yes')
})

describe.each(trained)('%s, any shape', (_kind, form) => {
  test('the whole gradient is the slope of the loss along a random direction (central differences in double precision)', () => {
    let compared = 0
    fc.assert(
      fc.property(graphs(form), fc.string(), (graph, seed) => {
        const { weights, batch, loss, gradients } = stepAt(graph, seed)
        const at = toDoubles(weights)
        const random = rng(seed, 'direction')
        const direction: Doubles = Object.fromEntries(
          Object.entries(gradients).map(([name, g]) => [name, Float64Array.from(g, () => random.normal())]),
        )
        const lossAt = (h: number) => {
          const moved = { ...at }
          for (const [name, d] of Object.entries(direction)) moved[name] = at[name]!.map((v, k) => v + h * d[k]!)
          const logits = referenceForward(graph, moved, batch.inputs, batch.count, false).at(-1)!
          return referenceLoss(logits, batch, crossEntropy, { learningRate: 0 })
        }
        expect(Math.abs(loss - lossAt(0))).toBeLessThan(1e-4 * Math.max(1, loss))
        const slope = (h: number) => (lossAt(h) - lossAt(-h)) / (2 * h)
        const [coarse, fine] = [slope(2e-6), slope(1e-6)]
        const scale = Math.max(1e-2, norm(Object.values(gradients).flatMap((g) => [...g])) * 3)
        if (Math.abs(coarse - fine) > 1e-4 * scale) return // a kink between the points
        const ours = Object.entries(gradients).reduce(
          (sum, [name, g]) => sum + g.reduce((s, v, k) => s + v * direction[name]![k]!, 0),
          0,
        )
        compared++
        expect(Math.abs(ours - fine) / scale).toBeLessThan(1e-3)
      }),
      { numRuns: 40 },
    )
    expect(compared).toBeGreaterThan(20)
  })

  test.skipIf(!tf)('gradients equal those of TensorFlow.js (skipped where @tensorflow/tfjs is not installed)', () => {
    const distances: number[] = []
    fc.assert(
      fc.property(graphs(form), fc.string(), (graph, seed) => {
        const { weights, batch, loss, gradients } = stepAt(graph, seed)
        const expected = tf!.tidy(() => tfjsGradients(tf!, graph, weights, batch))
        expect(Math.abs(loss - expected.loss)).toBeLessThan(1e-4 * Math.max(1, expected.loss))
        const largest = Math.max(...Object.values(expected.gradients).map(norm))
        // what should be zero (a shift before another batch norm) is rounding noise on both sides
        for (const [name, g] of Object.entries(expected.gradients))
          if (norm(g) > 1e-3 * largest) distances.push(norm(g.map((v, k) => v - gradients[name]![k]!)) / norm(g))
      }),
      { numRuns: 25 },
    )
    distances.sort((a, b) => a - b)
    expect(distances.length).toBeGreaterThan(60)
    expect(distances[distances.length >> 1]).toBeLessThan(2e-6)
    // a value on the edge of a ReLU may fall on either side in two roundings: rare
    expect(distances[Math.floor(0.95 * distances.length)]).toBeLessThan(1e-4)
  })
})
