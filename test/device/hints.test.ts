import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Hint, hints } from '../../src/device/hints.ts'
import { listDevices, loadTarget, runtimesOn } from '../../src/device/load.ts'
import { defaultBudget, price } from '../../src/device/predict.ts'
import { remedies } from '../../src/device/remedies.ts'
import { buildGraph } from '../../src/graph/build.ts'
import type { Graph, Op } from '../../src/graph/graph.ts'
import { scaledWidths } from '../../src/graph/widths.ts'
import { randomGraph } from '../helpers/random-model.ts'

const targets = listDevices().flatMap((d) => runtimesOn(d))
const seeds = fc.integer({ min: 0, max: 1e6 })
const conv = (input: number, channels: number, side = 3, stride = 1): Op => ({
  kind: 'conv2d',
  inputs: [input],
  channels,
  kernel: [side, side],
  stride: [stride, stride],
  padding: 'same',
  activation: 'relu',
})
const depthwise = (input: number, side: number): Op => ({
  kind: 'depthwise',
  inputs: [input],
  multiplier: 1,
  kernel: [side, side],
  stride: [1, 1],
  padding: 'same',
  activation: 'relu',
})
const find = (graph: Graph, spec: string, kind: Hint['kind']): Hint | undefined =>
  hints(graph, loadTarget(spec)).find((h) => h.kind === kind)

describe('hints', () => {
  it('save at least one part in a hundred each, the most first, on any target', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 0, max: targets.length - 1 }), (seed, t) => {
        const graph = randomGraph(seed)
        const { latencyMs } = price(graph, targets[t]!)
        const found = hints(graph, targets[t]!)
        for (const [i, hint] of found.entries()) {
          if (hint.kind === 'order') {
            expect(hint.savedRamBytes).toBeGreaterThan(0)
            continue
          }
          expect(hint.savedMs).toBeGreaterThanOrEqual(0.0099 * latencyMs)
          expect(hint.savedMs).toBeLessThan(latencyMs)
          if (i > 0) expect(hint.savedMs).toBeLessThanOrEqual(found[i - 1]!.savedMs)
        }
      }),
      { numRuns: 150 },
    )
  })

  it('branches that widen and narrow: run one after the other', () => {
    const wide = [conv(0, 32), conv(0, 32), conv(1, 2), conv(2, 2)]
    const graph = buildGraph([16, 16, 4], [...wide, { kind: 'concat', inputs: [3, 4] }])
    const hint = find(graph, 'stm32f446', 'order')!
    expect(hint.change).toMatch(/order 0 2 1 3 4/)
    // one wide tensor of 8 kB fewer waits, one narrow one of 512 B more
    expect(hint.savedRamBytes).toBeGreaterThan(16 * 16 * (32 - 2) - 600)
    expect(hint.savedMs).toBe(0)
  })

  it('the published steps of 16 channels of a 1x1 convolution (STM32F446): 15 channels are dearer than 16', () => {
    const net = (c: number) => buildGraph([16, 16, 8], [conv(0, c, 1), conv(1, 8, 1)])
    const hint = find(net(15), 'stm32f446', 'channels')!
    expect(hint.change).toMatch(/^16 channels instead of 15 in conv2d 0/)
    const [before, after] = [net(15), net(16)].map((g) => price(g, loadTarget('stm32f446')))
    expect(hint.savedMs).toBeCloseTo(before!.latencyMs - after!.latencyMs, 12)
    expect(hint.savedFlashBytes).toBe(before!.flashBytes - after!.flashBytes)
    expect(find(net(16), 'stm32f446', 'channels')).toBeUndefined()
  })

  it('a dear stem: downsample in it', () => {
    const net = buildGraph([32, 32, 3], [conv(0, 16), conv(1, 16, 3, 2), { kind: 'mean', inputs: [2] }])
    const hint = hints(net, loadTarget('stm32f446')).find((h) => h.change.includes('stride 2 in conv2d 0'))!
    const moved = buildGraph([32, 32, 3], [conv(0, 16, 3, 2), conv(1, 16), { kind: 'mean', inputs: [2] }])
    const saved = price(net, loadTarget('stm32f446')).latencyMs - price(moved, loadTarget('stm32f446')).latencyMs
    expect(hint.savedMs).toBeCloseTo(saved, 12)
  })

  it('wide depthwise kernels, a mean where a pool is cheaper, softmax', () => {
    const net = buildGraph(
      [24, 24, 8],
      [
        depthwise(0, 5),
        conv(1, 16, 1),
        { kind: 'mean', inputs: [2] },
        { kind: 'dense', inputs: [3], units: 64, activation: 'none' },
      ],
    )
    const classes = buildGraph(
      [1, 1, 16],
      [
        { kind: 'dense', inputs: [0], units: 32, activation: 'none' },
        { kind: 'softmax', inputs: [1] },
      ],
    )
    const narrow = find(net, 'stm32f446', 'depthwise')!
    expect(narrow.change).toMatch(/kernels of at most 3 in depthwise 0/)
    expect(find(net, 'stm32f446', 'mean')!.change).toMatch(/averagePool over the whole map instead of mean 2/)
    expect(find(classes, 'stm32f446', 'softmax')!.change).toMatch(/^without softmax 1/)
  })

  it('depthwise on Helium in thin layers: one convolution beats two layers', () => {
    const net = buildGraph([24, 24, 4], [depthwise(0, 3), conv(1, 4, 1), conv(2, 4, 1)])
    const hint = hints(net, loadTarget('apollo510')).find((h) => h.change.includes('one 3x3 convolution'))!
    const joined = buildGraph([24, 24, 4], [conv(0, 4), conv(1, 4, 1)])
    const saved = price(net, loadTarget('apollo510')).latencyMs - price(joined, loadTarget('apollo510')).latencyMs
    expect(hint.savedMs).toBeCloseTo(saved, 12)
  })
})

describe('remedies', () => {
  const target = loadTarget('stm32l476')
  const net = (side: number, channels: number) =>
    buildGraph(
      [side, side, 3],
      [
        conv(0, channels),
        conv(1, channels),
        { kind: 'mean', inputs: [2] },
        { kind: 'dense', inputs: [3], units: 4, activation: 'none' },
      ],
    )

  it('are none where it fits', () => expect(remedies(net(16, 8), target, defaultBudget(target))).toEqual([]))

  it('each of them fits, and the width is the largest of its steps that does', () => {
    const graph = net(96, 16)
    const budget = defaultBudget(target)
    const found = remedies(graph, target, budget, runtimesOn(target.device))
    expect(found.length).toBeGreaterThan(1)
    for (const r of found) if (r.kind !== 'reserve') expect(r.cost.ramBytes).toBeLessThanOrEqual(budget.ramBytes)
    const width = found.find((r) => r.kind === 'width')!
    expect(price(scaledWidths(graph, width.factor)!, target)).toEqual(width.cost)
    for (let n = 31; n / 32 > width.factor; n--)
      expect(price(scaledWidths(graph, n / 32)!, target).ramBytes).toBeGreaterThan(budget.ramBytes)
  })

  it('the reserve, where the bare part would hold it', () => {
    const { ramBytes } = price(net(64, 8), target)
    const tight = { ...defaultBudget(target), ramBytes: ramBytes - 1 }
    const [first] = remedies(net(64, 8), target, tight)
    expect(first).toMatchObject({ kind: 'reserve', reserveRamBytes: target.device.ramBytes - ramBytes })
  })
})
