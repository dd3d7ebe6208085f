import { buildGraph } from '../src/graph/build.ts'
import type { Graph, Op, Shape } from '../src/graph/graph.ts'

/** The three networks of the training benchmark: MobileNetV2-like (32x32x3), MCUNet-like (96x96x3), DS-CNN (49x10x1). */
export const benchNets = (): Readonly<Record<'A' | 'B' | 'C', Graph>> => ({
  A: network([32, 32, 3], 10, (n) => {
    n.conv([3, 3], 1, 8)
    n.inverted(3, 1, 1, 8)
    n.inverted(3, 2, 4, 16)
    n.inverted(3, 1, 4, 16)
    n.inverted(3, 2, 4, 24)
    n.inverted(3, 1, 4, 24)
    n.inverted(3, 1, 4, 24)
    n.inverted(3, 2, 4, 40)
    n.inverted(3, 1, 4, 40)
    n.conv([1, 1], 1, 128)
  }),
  B: network([96, 96, 3], 2, (n) => {
    n.conv([3, 3], 2, 16)
    n.inverted(3, 1, 1, 8)
    n.inverted(7, 2, 3, 16)
    n.inverted(3, 1, 3, 16)
    n.inverted(5, 2, 4, 24)
    n.inverted(5, 1, 3, 24)
    n.inverted(5, 2, 4, 40)
    n.inverted(3, 1, 4, 40)
    n.inverted(5, 2, 5, 64)
    n.inverted(3, 1, 4, 64)
    n.inverted(3, 1, 5, 96)
  }),
  C: network([49, 10, 1], 12, (n) => {
    n.conv([10, 4], 2, 64)
    for (let i = 0; i < 4; i++) {
      n.depthwise(3, 1)
      n.conv([1, 1], 1, 64)
    }
  }),
})

/** A network for Fashion-MNIST (28x28x1). */
export const fashionNet = (): Graph =>
  network([28, 28, 1], 10, (n) => {
    n.conv([3, 3], 2, 16)
    n.inverted(3, 1, 3, 16)
    n.inverted(5, 2, 3, 24)
    n.inverted(3, 1, 3, 24)
    n.inverted(3, 2, 3, 40)
    n.conv([1, 1], 1, 96)
  })

/** 28x28x1, 5.6 MMAC at its whole width; `keep` is the share of every layer's channels that is left, in fours. */
export const prunableNet = (keep = 1): Graph => {
  const c = (channels: number) => Math.max(4, 4 * Math.round((channels * keep) / 4))
  return network([28, 28, 1], 10, (n) => {
    n.conv([3, 3], 1, c(16))
    n.inverted(3, 1, 3, c(16))
    n.inverted(3, 2, 4, c(24))
    n.inverted(3, 1, 4, c(24))
    n.inverted(3, 2, 4, c(40))
    n.inverted(3, 1, 4, c(40))
    n.conv([1, 1], 1, c(128))
  })
}

type Builder = {
  conv(kernel: readonly [number, number], stride: number, channels: number, activation?: 'none' | 'relu6'): void
  depthwise(kernel: number, stride: number): void
  /** Expansion, depthwise, projection; the input is added where shapes allow. */
  inverted(kernel: number, stride: number, expansion: number, channels: number): void
}

function network(input: Shape, classes: number, build: (n: Builder) => void): Graph {
  const ops: Op[] = []
  const last = () => ops.length
  const channelsNow = () => buildGraph(input, ops).shapes.at(-1)![2]
  const builder: Builder = {
    conv(kernel, stride, channels, activation = 'relu6') {
      ops.push({ kind: 'conv2d', inputs: [last()], kernel, stride: [stride, stride], padding: 'same', channels, activation })
    },
    depthwise(kernel, stride) {
      const window = { kernel: [kernel, kernel], stride: [stride, stride], padding: 'same' } as const
      ops.push({ kind: 'depthwise', inputs: [last()], multiplier: 1, activation: 'relu6', ...window })
    },
    inverted(kernel, stride, expansion, channels) {
      const start = last()
      const before = channelsNow()
      if (expansion > 1) builder.conv([1, 1], 1, before * expansion)
      builder.depthwise(kernel, stride)
      builder.conv([1, 1], 1, channels, 'none')
      if (stride === 1 && before === channels) ops.push({ kind: 'add', inputs: [last(), start], activation: 'none' })
    },
  }
  build(builder)
  ops.push({ kind: 'mean', inputs: [last()] })
  ops.push({ kind: 'dense', inputs: [last()], units: classes, activation: 'none' })
  return buildGraph(input, ops)
}
