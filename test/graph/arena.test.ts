import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTflite } from '../../src/export/tflite-read.ts'
import { type ArenaOptions, constantTensors, memoryMap, tflmArena } from '../../src/graph/arena.ts'
import { buildGraph } from '../../src/graph/build.ts'
import { elements, type Op } from '../../src/graph/graph.ts'
import { scratchOf } from '../../src/graph/scratch.ts'
import type { KernelSet } from '../../src/graph/tflm-abi.ts'
import { randomGraph } from '../helpers/random-model.ts'
import { hasShared, readShared, sharedFiles } from '../helpers/shared.ts'

/** The builds whose `arena_used_bytes()` was recorded. */
const builds: Readonly<Record<string, Pick<ArenaOptions, 'kernels' | 'abi'>>> = {
  i386_ref: { kernels: 'reference', abi: '32' },
  x86_64_ref: { kernels: 'reference', abi: '64' },
  m4_ref: { kernels: 'reference', abi: 'arm' },
  m0plus_cmsis: { kernels: 'cmsis-nn', abi: 'arm' },
  m4_cmsis_dsp: { kernels: 'cmsis-nn-dsp', abi: 'arm' },
  m55_cmsis_mve: { kernels: 'cmsis-nn-mve', abi: 'arm' },
}
type Measured = Readonly<Record<string, number | null>>
const json = (path: string) => JSON.parse(new TextDecoder().decode(readShared(path)))

function optionsFor(file: Uint8Array) {
  const { graph, layers } = readTflite(file).model
  return {
    graph,
    perChannelDense: (i: number) => graph.ops[i]!.kind === 'dense' && layers[i]!.kernels[0].weightScales.length > 1,
  }
}

/** A field for every figure that is wrong; empty = all equal. */
function differences(file: Uint8Array, used: Measured, required: Measured): string[] {
  const { graph, perChannelDense } = optionsFor(file)
  return Object.entries(builds).flatMap(([build, options]) => {
    const arena = tflmArena(graph, { ...options, perChannelDense })
    const wrong = (name: string, got: number, want: number | null | undefined): string[] =>
      want == null || got === want ? [] : [`${build} ${name}: ${got}, measured ${want}`]
    return [...wrong('used', arena.usedBytes, used[build]), ...wrong('smallest', arena.requiredBytes, required[build])]
  })
}

describe.skipIf(!hasShared)('arena_used_bytes() of TFLite-Micro (measured, ../shared/data/tflm-golden)', () => {
  const names = sharedFiles('tflm-golden/', '.tflite')
  it('has the forty networks', () => expect(names.length).toBe(40))
  it.each(names)('%s: six builds, and the smallest arena accepted', (name) => {
    const golden = json(`tflm-golden/${name.replace('.tflite', '.json')}`)
    expect(differences(readShared(`tflm-golden/${name}`), golden.arenaUsedBytes, golden.minArenaBytes)).toEqual([])
  })
})

describe.skipIf(!hasShared)('public models (measured, ../shared/data/tflm-golden/arena_models.json)', () => {
  const files = {
    ad01: 'ad01',
    hello_world: 'hello_world_int8',
    resnet8: 'ic_resnet',
    dscnn: 'kws',
    micro_speech: 'micro_speech',
    vww96: 'vww96',
  }
  it.each(Object.entries(files))('%s', (id, file) => {
    const { models } = json('tflm-golden/arena_models.json')
    const measured = models.find((m: { id: string }) => m.id === id)
    expect(differences(readShared(`models/${file}.tflite`), measured.arenaUsedBytes, measured.minArenaBytes)).toEqual([])
  })
})

describe('tflmArena', () => {
  it('counts a hand-built network', () => {
    // one dense layer, 4 -> 2, on 32-bit: two 16-byte activations; the rest by hand from the layout in tflm-abi.ts
    const graph = buildGraph([1, 1, 4], [{ kind: 'dense', inputs: [0], units: 2, activation: 'none' }])
    expect(constantTensors(graph)).toBe(2)
    const objects = 36 + 44 + 36 + 8
    const tail = objects + 8 + 4 * 12 + 32 + 16 // subgraph, 4 tensors, node, options
    const user = Math.ceil((tail + 48) / 16) * 16
    const io = (from: number) => Math.ceil((from + 4) / 16) * 16 + 40 + 12 + 8
    expect(tflmArena(graph, { kernels: 'reference', abi: '32' }).usedBytes).toBe(32 + io(io(user)))
  })

  it('agrees with its memory map, and never plans below the live bytes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const graph = randomGraph(seed)
        const kernels = 'cmsis-nn-dsp'
        const { usedBytes, plannedBytes, persistentBytes, requiredBytes } = tflmArena(graph, { kernels, abi: 'arm' })
        const map = memoryMap(graph, kernels)
        expect(plannedBytes).toBe(map.totalBytes)
        expect(usedBytes).toBe(plannedBytes + persistentBytes)
        expect(requiredBytes).toBeGreaterThanOrEqual(usedBytes)
        expect(requiredBytes % 16).toBe(0)
        expect(plannedBytes).toBeGreaterThanOrEqual(map.peak.bytes)
        expect(map.placements.filter((p) => p.tensor !== null).map((p) => p.size)).toEqual(
          graph.shapes.map((s) => Math.ceil(elements(s) / 16) * 16),
        )
      }),
      { numRuns: 200 },
    )
  })

  it('grows beyond its work space', () => {
    const ops = Array.from({ length: 700 }, (_, i) => ({ kind: 'softmax' as const, inputs: [i] as const }))
    const graph = buildGraph([1, 1, 16], ops)
    expect(memoryMap(graph, 'reference').totalBytes).toBe(32)
    expect(tflmArena(graph, { kernels: 'reference', abi: 'arm' }).plannedBytes).toBe(32)
  })
})

describe('scratch of layers with weights in 4 bits', () => {
  const window = { kernel: [3, 3], stride: [1, 1], padding: 'same', activation: 'none', weightBits: 4 } as const
  const conv: Op = { kind: 'conv2d', inputs: [0], channels: 8, ...window }
  const pointwise: Op = { ...conv, kernel: [1, 1] }
  const row: Op = { ...conv, kernel: [1, 3] }
  const depthwise: Op = { kind: 'depthwise', inputs: [0], multiplier: 1, ...window }
  const doubled: Op = { ...depthwise, multiplier: 2 }
  const dense: Op = { kind: 'dense', inputs: [0], units: 5, activation: 'none', weightBits: 4 }

  // by hand from CMSIS-NN's arm_convolve_wrapper_s4_get_buffer_size and arm_depthwise_conv_wrapper_s4_get_buffer_size; TFLite-Micro's reference kernels
  // unpack the filter (measured in test/verify/tflm-int4.test.ts)
  it.each<[string, Op, readonly [number, number, number], Record<KernelSet, number>]>([
    ['3x3 over 5 channels', conv, [6, 6, 5], { reference: 360, 'cmsis-nn': 180, 'cmsis-nn-dsp': 180, 'cmsis-nn-mve': 192 }],
    ['1x1', pointwise, [6, 6, 5], { reference: 40, 'cmsis-nn': 0, 'cmsis-nn-dsp': 0, 'cmsis-nn-mve': 0 }],
    ['a row', row, [1, 9, 4], { reference: 96, 'cmsis-nn': 48, 'cmsis-nn-dsp': 48, 'cmsis-nn-mve': 0 }],
    ['depthwise', depthwise, [6, 6, 5], { reference: 45, 'cmsis-nn': 90, 'cmsis-nn-dsp': 90, 'cmsis-nn-mve': 90 }],
    ['depthwise, doubled', doubled, [6, 6, 5], { reference: 90, 'cmsis-nn': 0, 'cmsis-nn-dsp': 0, 'cmsis-nn-mve': 0 }],
    ['dense', dense, [1, 1, 7], { reference: 35, 'cmsis-nn': 0, 'cmsis-nn-dsp': 0, 'cmsis-nn-mve': 0 }],
  ])('%s', (_name, op, input, bytes) => {
    const graph = buildGraph(input, [op])
    for (const kernels of Object.keys(bytes) as KernelSet[])
      expect([kernels, scratchOf(graph, 0, kernels).reduce((a, b) => a + b, 0)]).toEqual([kernels, bytes[kernels]])
  })
})
