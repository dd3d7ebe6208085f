import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countGraph } from '../../src/graph/count.ts'
import { type Graph, inputShape, outputOf, outputShape, type Shape } from '../../src/graph/graph.ts'
import { operators } from '../../src/graph/operators.ts'
import { hasBatchNorm } from '../../src/graph/traits.ts'
import { decode, graphKey } from '../../src/space/decode.ts'
import { openSpace, type SpaceContext } from '../../src/space/genes.ts'
import { fromText, randomGenome } from '../../src/space/genome.ts'
import { listSpaces, loadSpace } from '../../src/space/load.ts'
import { spaceSchema } from '../../src/space/schema.ts'
import { rng } from '../../src/util/rng.ts'

const classify = (input: Shape, outputs: number, kind: 'image' | 'audio' | 'series' = 'image'): SpaceContext => ({
  input,
  outputs,
  task: 'classification',
  kind,
})
const shapes: readonly Shape[] = [
  [28, 28, 1],
  [32, 32, 3],
  [8, 8, 1],
  [96, 128, 3],
  [49, 10, 1],
  [98, 40, 1],
  [128, 1, 6],
  [1, 1, 20],
]
const convolutionChannels = (graph: Graph) =>
  graph.ops.reduce((sum, op, i) => sum + (hasBatchNorm(op) ? graph.shapes[outputOf(i)]![2] : 0), 0)

describe.each(listSpaces())('%s', (name) => {
  test.each(shapes)('every genome decodes at %ix%ix%i', (...input) => {
    const space = openSpace(loadSpace(name), classify(input, 7))
    const multiple = space.definition.widthMultiple
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const genome = randomGenome(space, rng(seed))
        const { graph, unpruned } = decode(space, genome)
        expect(outputShape(graph)).toEqual([1, 1, 7])
        expect(inputShape(unpruned)).toEqual(inputShape(graph))
        // pruning keeps the operator list and never adds
        expect(unpruned.ops.map((o) => o.kind)).toEqual(graph.ops.map((o) => o.kind))
        expect(countGraph(graph).params).toBeLessThanOrEqual(countGraph(unpruned).params)
        graph.ops.forEach((op, i) => {
          expect(operators[op.kind].trainable).not.toBe('no')
          const channels = graph.shapes[outputOf(i)]![2]
          expect(channels).toBeLessThanOrEqual(unpruned.shapes[outputOf(i)]![2])
          if (op.kind === 'conv2d') expect(channels % multiple).toBe(0)
        })
      }),
      { numRuns: 60 },
    )
  })
})

test('a regression ends in its outputs, without softmax', () => {
  const space = openSpace(loadSpace('conv1d'), { input: [128, 1, 6], outputs: 2, task: 'regression', kind: 'series' })
  const { graph } = decode(space, randomGenome(space, rng(1)))
  expect(graph.ops.at(-1)).toMatchObject({ kind: 'dense', units: 2, activation: 'none' })
})

/** MLPerf Tiny keyword spotting, counted by hand from its Keras code (tiny_conv of mlcommons/tiny v1.0). */
test('DS-CNN of MLPerf Tiny is a member of ds-cnn', () => {
  const space = openSpace(loadSpace('ds-cnn'), classify([49, 10, 1], 12, 'audio'))
  const block = 'k3p1'
  const genome = fromText(
    space,
    `w=1 stem=c64s2k10x4p1 s1=d1s1 s1.1=${block} s2=d3c64s1 s2.1=${block} s2.2=${block} s2.3=${block} s3=d0`,
  )
  const { graph, unpruned } = decode(space, genome)
  expect(unpruned).toBe(graph)
  expect(graph.ops.map((o) => o.kind).join(' ')).toBe(`conv2d${' depthwise conv2d'.repeat(4)} mean dense softmax`)
  const stem = 25 * 5 * 64 * 10 * 4
  const blocks = 4 * (125 * 64 * 9 + 125 * 64 * 64)
  expect(countGraph(graph)).toEqual({ macs: stem + blocks + 64 * 12, params: 2624 + 4 * (640 + 4160) + 780 })
  expect(countGraph(graph).macs).toBe(2_656_768) // published as 2.66 M
  // Keras says 24,908: it counts batch norm's four numbers a channel, which folding removes
  expect(countGraph(graph).params + 4 * convolutionChannels(graph)).toBe(24_908)
})

/** Table 2 of Sandler et al. 2018; torchvision: 3,504,872 parameters, 300.77 M multiply-adds. */
test('MobileNetV2 1.0 224 is a member of mobilenetv2', () => {
  const definition = loadSpace('mobilenetv2')
  const space = openSpace(definition, classify([224, 224, 3], 1000))
  const genome = fromText(space, 'r=1 w=1 stem=s2 s2=d2e6p1 s3=d3e6p1 s4=d4e6p1 s5=d3e6p1 s6=d3e6p1 s7=d1e6p1 head=d1c1280')
  const { graph } = decode(space, genome)
  const { macs, params } = countGraph(graph)
  expect(macs).toBe(300_774_272)
  // torchvision counts gamma and beta where the folded network has one bias
  expect(params + convolutionChannels(graph)).toBe(3_504_872)
  expect(graph.ops.filter((o) => o.kind === 'add')).toHaveLength(10)
})

/**
 * Table 2 of Howard et al. 2019, less its last hidden layer of 1024 units: 56 M multiply-adds published. The units inside of squeeze and excite
 * are multiples of 4 here, of 8 there.
 */
test('MobileNetV3-Small 1.0 224 is a member of mobilenetv3', () => {
  const space = openSpace(loadSpace('mobilenetv3'), classify([224, 224, 3], 1000))
  const e6 = 'k5e6q0.25p1'
  const genome = fromText(
    space,
    `r=1 w=1 stem=s2h1 s1=s2q0.25 s2=d2 s2.1=k3e4.5p1 s2.2=k3e3.67p1 s3=d3h1 s3.1=k5e4q0.25p1 s3.2=${e6} s3.3=${e6}
     s4=d2h1k5q0.25p1 s5=d3h1k5e6q0.25p1 head=d1c576h1p1`,
  )
  const { graph } = decode(space, genome)
  const of = (kind: string) => graph.ops.filter((op) => op.kind === kind)
  const expanded = graph.ops.flatMap((op) => (op.kind === 'depthwise' ? [graph.shapes[op.inputs[0]]![2]] : []))
  expect(expanded).toEqual([16, 72, 88, 96, 240, 240, 120, 144, 288, 576, 576])
  // stem, two in each of eight blocks, head
  expect(of('hardSwish')).toHaveLength(18)
  expect(of('mul')).toHaveLength(9)
  expect(of('add')).toHaveLength(6)
  const published = 56e6 - (576 * 1024 + 1024 * 1000) + 576 * 1000
  expect(countGraph(graph).macs / published).toBeCloseTo(1, 1)
})

test('squeeze and excite is pruned with the channels that it weighs', () => {
  const definition = loadSpace('mobilenetv3')
  const space = openSpace({ ...definition, stages: definition.stages.slice(0, 2) }, classify([32, 32, 3], 4))
  const { graph, unpruned } = decode(space, fromText(space, 'r=1 w=1 stem=s2h1 s1=s1q0.25'))
  expect(unpruned).toBe(graph)
  expect(graph.ops.map((op) => op.kind).join(' ')).toBe(
    'conv2d hardSwish depthwise mean dense dense mul conv2d mean dense softmax',
  )
  const third = openSpace({ ...definition, stages: [definition.stages[0]!, definition.stages[3]!] }, classify([32, 32, 3], 4))
  const halved = decode(third, fromText(third, 'r=1 w=1 stem=s2h0 s3=d1h0 s3.1=k3e6q0.25p0.5'))
  const units = (g: Graph) => g.ops.flatMap((op) => (op.kind === 'dense' ? [op.units] : []))
  expect(units(halved.unpruned)).toEqual([24, 96, 4])
  expect(units(halved.graph)).toEqual([12, 48, 4])
})

test('pruning keeps the stated share of hidden channels, in multiples', () => {
  const space = openSpace(
    spaceSchema.parse({
      schemaVersion: 1,
      name: 'one',
      description: '',
      activation: 'relu6',
      stages: [
        { name: 'stem', block: 'conv', width: [16], kernel: [3] },
        { name: 's1', block: 'mbconv', width: [16], depth: [2], kernel: [3], expansion: [3], keep: [0.55] },
      ],
      reduce: 'mean',
    }),
    classify([16, 16, 1], 4),
  )
  const { graph, unpruned } = decode(space, [])
  const channels = (g: Graph) => g.shapes.map((s) => s[2])
  // 48 * 0.55 = 26.4 -> 28 (nearest multiple of 4); outputs are tied by the residual and stay
  expect(channels(unpruned)).toEqual([1, 16, 48, 48, 16, 48, 48, 16, 16, 16, 4, 4])
  expect(channels(graph)).toEqual([1, 16, 28, 28, 16, 28, 28, 16, 16, 16, 4, 4])
})

test('strides and kernels adapt to the map', () => {
  const definition = spaceSchema.parse({
    schemaVersion: 1,
    name: 'strided',
    description: '',
    activation: 'relu',
    stages: [1, 2, 3].map((i) => ({ name: `s${i}`, block: 'conv', width: [8], kernel: [7], stride: [2] })),
    reduce: 'mean',
  })
  const maps = (input: Shape) => decode(openSpace(definition, classify(input, 2)), []).graph.shapes.slice(0, 4)
  expect(maps([28, 28, 1]).map((s) => s[0])).toEqual([28, 14, 7, 4])
  expect(maps([8, 8, 1]).map((s) => s[0])).toEqual([8, 4, 4, 4])
  const { graph } = decode(openSpace(definition, classify([128, 1, 6], 2)), [])
  expect(graph.ops[0]).toMatchObject({ kernel: [7, 1], stride: [2, 1] })
})

test('resolutions are shares of the input or rows, each once, none above it or scaled under 12', () => {
  const sizes = (resolution: number[], input: Shape, kind: 'image' | 'audio' = 'image') =>
    openSpace({ ...loadSpace('mcunet'), resolution }, classify(input, 2, kind)).resolution.values
  expect(sizes([0.25, 0.5, 1], [28, 28, 1])).toEqual([
    [14, 14],
    [28, 28],
  ])
  expect(sizes([48, 0.5, 72, 200], [96, 128, 3])).toEqual([
    [48, 64],
    [72, 96],
  ])
  expect(sizes([0.5, 1], [8, 8, 1])).toEqual([[8, 8]])
  expect(sizes([0.5, 1], [49, 10, 1], 'audio')).toEqual([[49, 10]])
})

test('the key tells pruned networks and recipes apart, and only these', () => {
  const space = openSpace(loadSpace('mcunet'), classify([28, 28, 1], 10))
  const [a, b] = [1, 2].map((seed) => decode(space, randomGenome(space, rng(seed))).graph)
  expect(graphKey(a!, 'r')).toBe(graphKey(structuredClone(a!), 'r'))
  expect(graphKey(a!, 'r')).not.toBe(graphKey(b!, 'r'))
  expect(graphKey(a!, 'r')).not.toBe(graphKey(a!, 's'))
})
