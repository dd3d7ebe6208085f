import fc from 'fast-check'
import { buildGraph } from '../../../src/graph/build.ts'
import type { Activation, Graph, LayerActivation, Op, Padding, Shape } from '../../../src/graph/graph.ts'
import type { Weights } from '../../../src/graph/weights.ts'
import type { Batch, TrainerOptions } from '../../../src/train/engine.ts'
import { rng } from '../../../src/util/rng.ts'

export const sgd = { kind: 'sgd', momentum: 0.9, weightDecay: 0 } as const
export const crossEntropy = { kind: 'crossEntropy', labelSmoothing: 0 } as const
export const optionsOf = (more: Partial<TrainerOptions> = {}): TrainerOptions => ({
  batchSize: 4,
  loss: crossEntropy,
  optimizer: sgd,
  seed: 'test',
  ...more,
})

/** A batch of noise with probability targets. */
export function noiseBatch(graph: Graph, count: number, seed: string): Batch & { teacherLogits: Float32Array } {
  const random = rng(seed, 'batch')
  const [h, w, c] = graph.shapes[0]!
  const classes = graph.shapes.at(-1)!.reduce((a, b) => a * b, 1)
  const targets = new Float32Array(count * classes)
  for (let n = 0; n < count; n++) {
    const mix = random.next()
    targets[n * classes + random.int(classes)]! += mix
    targets[n * classes + random.int(classes)]! += 1 - mix
  }
  return {
    count,
    inputs: Float32Array.from({ length: count * h * w * c }, () => random.normal()),
    targets,
    teacherLogits: Float32Array.from({ length: count * classes }, () => 2 * random.normal()),
  }
}

/** Parameters away from their initial symmetry: no beta at 0, no variance at 1. */
export function shaken(weights: Weights, seed: string): Weights {
  const random = rng(seed, 'shaken')
  return Object.fromEntries(
    Object.entries(weights).map(([name, values]) => [
      name,
      name.endsWith('kernel')
        ? values
        : values.map((v) => (name.endsWith('variance') ? 0.5 + random.next() : v + 0.3 * random.normal())),
    ]),
  )
}

const activation = fc.constantFrom<Activation>('none', 'relu', 'relu6')
const layerActivation = fc.constantFrom<LayerActivation>('none', 'relu', 'relu6', 'hardSigmoid')
const padding = fc.constantFrom<Padding>('same', 'valid')
const window = fc.record({
  kernel: fc.oneof(
    fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 })),
    fc.constantFrom<[number, number]>([3, 3], [5, 5], [7, 7], [10, 4]),
    fc.tuple(fc.integer({ min: 2, max: 9 }), fc.constant(1)),
  ),
  stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  padding,
})

type Block = (t: number, shape: Shape) => Op[]

/** Blocks that may follow one another; each maps the running tensor id and shape to operators. */
const block: fc.Arbitrary<Block> = fc.oneof(
  fc.record({ w: window, channels: fc.integer({ min: 1, max: 13 }), activation: layerActivation }).map(
    ({ w, channels, activation }): Block =>
      (t) => [{ kind: 'conv2d', inputs: [t], channels, activation, ...w }],
  ),
  fc.record({ channels: fc.integer({ min: 1, max: 18 }), activation: layerActivation }).map(
    ({ channels, activation }): Block =>
      (t) => [{ kind: 'conv2d', inputs: [t], channels, activation, kernel: [1, 1], stride: [1, 1], padding: 'same' }],
  ),
  fc.record({ w: window, activation: layerActivation }).map(
    ({ w, activation }): Block =>
      (t) => [{ kind: 'depthwise', inputs: [t], multiplier: 1, activation, ...w }],
  ),
  fc.record({ kind: fc.constantFrom('averagePool' as const, 'maxPool' as const), w: window, activation }).map(
    ({ kind, w, activation }): Block =>
      (t) => [{ kind, inputs: [t], activation, ...w }],
  ),
  // inverted residual: expand, depthwise, project, add
  fc.record({ k: fc.constantFrom(1, 3, 5, 7), expand: fc.integer({ min: 1, max: 3 }), activation }).map(
    ({ k, expand, activation }): Block =>
      (t, [, , c]) => {
        const pointwise = { kind: 'conv2d', kernel: [1, 1], stride: [1, 1], padding: 'same' } as const
        return [
          { ...pointwise, inputs: [t], channels: c * expand, activation: 'relu6' },
          {
            kind: 'depthwise',
            inputs: [t + 1],
            multiplier: 1,
            activation: 'relu6',
            kernel: [k, k],
            stride: [1, 1],
            padding: 'same',
          },
          { ...pointwise, inputs: [t + 2], channels: c, activation: 'none' },
          { kind: 'add', inputs: [t + 3, t], activation },
        ]
      },
  ),
  // two convolutions of one tensor, added; and a tensor added to itself
  fc.constant<Block>((t, [, , c]) => {
    const conv = { kind: 'conv2d', inputs: [t], channels: c, padding: 'same', stride: [1, 1] } as const
    return [
      { ...conv, kernel: [3, 2], activation: 'relu' },
      { ...conv, kernel: [1, 1], activation: 'none' },
      { kind: 'add', inputs: [t + 1, t + 2], activation: 'relu' },
      { kind: 'add', inputs: [t + 3, t + 3], activation: 'none' },
    ]
  }),
)

/** Squeeze and excite between hard swishes (MobileNetV3): its map is read twice; and a tensor multiplied by itself. */
const excited = fc.record({ squeezed: fc.integer({ min: 1, max: 7 }), activation, swish: fc.boolean() }).map(
  ({ squeezed, activation, swish }): Block =>
    (t, [h, w, c]) => {
      const depthwise = {
        kind: 'depthwise',
        inputs: [t],
        multiplier: 1,
        kernel: [3, 3],
        stride: [1, 1],
        padding: 'same',
      } as const
      const map = swish ? t + 2 : t + 1
      return [
        { ...depthwise, activation: swish ? 'none' : 'relu' },
        ...(swish ? [{ kind: 'hardSwish', inputs: [t + 1] } as const] : []),
        { kind: 'mean', inputs: [map] },
        { kind: 'dense', inputs: [map + 1], units: squeezed, activation: 'relu' },
        { kind: 'dense', inputs: [map + 2], units: c, activation: 'hardSigmoid' },
        { kind: 'mul', inputs: [map, map + 3], activation },
        ...(h * w > 1 ? [{ kind: 'mul', inputs: [map + 4, map + 4], activation: 'none' } as const] : []),
        { kind: 'hardSwish', inputs: [h * w > 1 ? map + 5 : map + 4] },
      ]
    },
)

const head = fc.constantFrom<Block>(
  (t) => [
    { kind: 'mean', inputs: [t] },
    { kind: 'dense', inputs: [t + 1], units: 3, activation: 'none' },
  ],
  (t) => [
    { kind: 'dense', inputs: [t], units: 6, activation: 'relu' },
    { kind: 'dense', inputs: [t + 1], units: 5, activation: 'none' },
    { kind: 'softmax', inputs: [t + 2] },
  ],
  (t, [h, w]) => [
    { kind: 'averagePool', inputs: [t], kernel: [h, w], stride: [1, 1], padding: 'valid', activation: 'none' },
    { kind: 'conv2d', inputs: [t + 1], channels: 4, kernel: [1, 1], stride: [1, 1], padding: 'same', activation: 'none' },
  ],
)

/** Random trainable networks: odd channels and sizes, every operator, branches; blocks that do not fit are left out. */
export const networks: fc.Arbitrary<Graph> = fc
  .record({
    input: fc.oneof(
      fc.tuple(fc.integer({ min: 1, max: 11 }), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 6 })),
      fc.tuple(fc.integer({ min: 5, max: 30 }), fc.constant(1), fc.integer({ min: 1, max: 6 })),
    ),
    blocks: fc.array(fc.oneof({ arbitrary: block, weight: 6 }, { arbitrary: excited, weight: 2 }), { maxLength: 3 }),
    head,
  })
  .map(({ input, blocks, head }) => {
    const ops: Op[] = []
    const append = (b: Block) => {
      const graph = buildGraph(input, ops)
      const more = b(ops.length, graph.shapes.at(-1)!)
      try {
        buildGraph(input, [...ops, ...more])
        ops.push(...more)
      } catch {
        // a window larger than what is left of the image
      }
    }
    for (const b of blocks) append(b)
    append(head)
    return buildGraph(input, ops)
  })
