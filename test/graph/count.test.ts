import { describe, expect, it } from 'vitest'
import { buildGraph } from '../../src/graph/build.ts'
import { countGraph } from '../../src/graph/count.ts'
import type { Op, OpOf } from '../../src/graph/graph.ts'

const conv = (input: number, channels: number, kernel: readonly [number, number], stride: number): OpOf<'conv2d'> => ({
  kind: 'conv2d',
  inputs: [input],
  channels,
  kernel,
  stride: [stride, stride],
  padding: 'same',
  activation: 'relu',
})
const depthwise = (input: number, stride: number): OpOf<'depthwise'> => ({
  kind: 'depthwise',
  inputs: [input],
  multiplier: 1,
  kernel: [3, 3],
  stride: [stride, stride],
  padding: 'same',
  activation: 'relu',
})

/** MLPerf Tiny v1 models, whose counts are published (arXiv 2106.07597 and the submitters' system descriptions). */
describe('published counts', () => {
  it('DS-CNN (keyword spotting): 2,656,768 MACs', () => {
    const ops: Op[] = [conv(0, 64, [10, 4], 2)]
    for (let b = 0; b < 4; b++) ops.push(depthwise(ops.length, 1), conv(ops.length + 1, 64, [1, 1], 1))
    ops.push({ kind: 'mean', inputs: [ops.length] })
    ops.push({ kind: 'dense', inputs: [ops.length], units: 12, activation: 'none' })
    expect(countGraph(buildGraph([49, 10, 1], ops))).toEqual({ macs: 2_656_768, params: 22_604 })
  })

  it('MobileNetV1 0.25 at 96x96 (visual wake words): 7,489,664 MACs', () => {
    const ops: Op[] = [conv(0, 8, [3, 3], 2)]
    const blocks = [
      [16, 1],
      [32, 2],
      [32, 1],
      [64, 2],
      [64, 1],
      [128, 2],
      [128, 1],
      [128, 1],
      [128, 1],
      [128, 1],
      [128, 1],
      [256, 2],
      [256, 1],
    ] as const
    for (const [channels, stride] of blocks) ops.push(depthwise(ops.length, stride), conv(ops.length + 1, channels, [1, 1], 1))
    ops.push({ kind: 'mean', inputs: [ops.length] })
    ops.push({ kind: 'dense', inputs: [ops.length], units: 2, activation: 'none' })
    expect(countGraph(buildGraph([96, 96, 3], ops)).macs).toBe(7_489_664)
  })
})
