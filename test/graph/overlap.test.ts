import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildGraph } from '../../src/graph/build.ts'
import { elements, type Op } from '../../src/graph/graph.ts'
import { liveBytes } from '../../src/graph/liveness.ts'
import { overlappedPeak } from '../../src/graph/overlap.ts'
import { randomGraph } from '../helpers/random-model.ts'

const window = (kernel: number, stride = 1) =>
  ({ kernel: [kernel, kernel], stride: [stride, stride], padding: 'same', activation: 'none' }) as const

describe('overlappedPeak', () => {
  it('computes depthwise layers in place, unless their input is needed again', () => {
    const depthwise: Op = { kind: 'depthwise', inputs: [0], multiplier: 1, ...window(3) }
    expect(overlappedPeak(buildGraph([8, 8, 4], [depthwise]), 0)).toBe(256)
    const residual = buildGraph([8, 8, 4], [depthwise, { kind: 'add', inputs: [0, 1], activation: 'none' }])
    expect(overlappedPeak(residual, 0)).toBe(512)
  })

  it('gives padding and reshape no memory of their own', () => {
    const graph = buildGraph(
      [8, 8, 4],
      [
        { kind: 'pad', inputs: [0], before: [1, 1], after: [1, 1] },
        { kind: 'conv2d', inputs: [1], channels: 4, ...window(3, 2), padding: 'valid' },
        { kind: 'reshape', inputs: [2], shape: [1, 1, 64] },
      ],
    )
    expect(overlappedPeak(graph, 0)).toBe(256 + 64)
  })

  it('streams a convolution over the rows it has consumed', () => {
    // 1x1, four channels to eight: after row y, 8 - y input rows and y + 1 output rows are alive
    const graph = buildGraph([8, 8, 4], [{ kind: 'conv2d', inputs: [0], channels: 8, ...window(1) }])
    expect(overlappedPeak(graph, 0)).toBe(256 + 512)
    expect(overlappedPeak(graph, 2)).toBe(8 * 64 + 32)
  })

  it('lies between the largest tensor and the plain peak, and streaming only helps', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const graph = randomGraph(seed)
        const peak = overlappedPeak(graph, 0)
        expect(peak).toBeLessThanOrEqual(Math.max(elements(graph.shapes[0]!), ...liveBytes(graph)))
        expect(overlappedPeak(graph, 2)).toBeLessThanOrEqual(peak)
        expect(overlappedPeak(graph, 2)).toBeGreaterThanOrEqual(elements(graph.shapes[0]!))
      }),
      { numRuns: 200 },
    )
  })
})
