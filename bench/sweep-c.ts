/**
 * Counts the instructions of the C that tinyfront generates, layer by layer, on emulated cores, for the latency formulas `own*`:
 * `npx tsx bench/sweep-c.ts [seconds]`. Adds to `bench/fit/tinyfront-c-instructions.csv` what is not there yet and stops after the time given;
 * delete that file after a change of the kernels. Needs gcc-arm-none-eabi and qemu-system-arm.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildGraph } from '../src/graph/build.ts'
import { elements, type Graph, type Op, type Shape } from '../src/graph/graph.ts'
import { hasWeights, isPerChannel } from '../src/graph/traits.ts'
import { weightShapes } from '../src/graph/weights.ts'
import type { LayerParams, QuantizedModel, QuantParams } from '../src/quant/model.ts'
import { packageRoot } from '../src/util/package-root.ts'
import { type Random, rng } from '../src/util/rng.ts'
import { emulate } from '../src/verify/emulate.ts'

const file = join(packageRoot, 'bench/fit/tinyfront-c-instructions.csv')
const header = 'core,kind,input,channels,kernel,stride,instructions,code_bytes,stack_bytes'
const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [header]
const end = Date.now() + 1000 * Number(process.argv[2] ?? 50)

for (const core of ['cortex-m4', 'cortex-m0'] as const)
  for (const [input, op] of layers()) {
    const key = [core, ...describe(input, op)].join()
    if (lines.some((line) => line.startsWith(`${key},`)) || Date.now() > end) continue
    const random = rng('sweep-c', key)
    const model = synthetic(buildGraph(input, [op]), random)
    const values = Int8Array.from({ length: elements(input) }, () => random.int(256) - 128)
    const report = await emulate(model, core, [values], { seconds: 200 })
    // a busy machine can starve the compiler or the emulator: the next run tries again
    if (report.status === 'failed' || report.status === 'timeout') {
      console.warn(`${key}: ${report.message}`)
      continue
    }
    if (report.status !== 'equal' || report.instructions === null) throw new Error(`${key}: ${JSON.stringify(report)}`)
    lines.push(`${key},${report.instructions},${report.codeBytes},${report.stackBytes}`)
    writeFileSync(file, `${lines.join('\n')}\n`)
  }
console.log(`${lines.length - 1} layers counted`)

/** Kind, input, output channels, kernel and stride, as the columns of the file. */
function describe(input: Shape, op: Op): string[] {
  const channels = op.kind === 'conv2d' ? op.channels : op.kind === 'dense' ? op.units : input[2]
  const window = 'kernel' in op ? [op.kernel.join('x'), op.stride.join('x')] : ['', '']
  return [op.kind, input.join('x'), String(channels), ...window]
}

/** Layers spread over what the search spaces hold: widths, kernels, strides, remainders of four, maps. */
function layers(): [Shape, Op][] {
  const list: [Shape, Op][] = []
  const window = (kernel: readonly [number, number], stride = 1) => ({
    inputs: [0] as const,
    kernel,
    stride: [stride, stride] as const,
    padding: 'same' as const,
    activation: 'relu' as const,
  })
  for (const [c, channels, side] of [
    [4, 8, 12],
    [8, 16, 12],
    [16, 16, 12],
    [16, 96, 8],
    [24, 32, 8],
    [31, 17, 8],
    [64, 64, 6],
    [96, 24, 6],
    [128, 33, 3],
  ] as const)
    list.push([[side, side, c], { kind: 'conv2d', channels, ...window([1, 1]) }])
  for (const [c, channels, side, k, stride] of [
    [1, 8, 16, 3, 1],
    [3, 16, 24, 3, 2],
    [3, 8, 16, 5, 1],
    [8, 8, 12, 3, 1],
    [16, 16, 12, 3, 1],
    [16, 32, 8, 3, 2],
    [7, 9, 10, 3, 1],
    [32, 32, 6, 3, 1],
    [4, 8, 12, 7, 2],
  ] as const)
    list.push([[side, side, c], { kind: 'conv2d', channels, ...window([k, k], stride) }])
  list.push([[49, 10, 1], { kind: 'conv2d', channels: 32, ...window([10, 4], 2) }])
  list.push([[64, 1, 6], { kind: 'conv2d', channels: 16, ...window([5, 1]) }])
  for (const [c, side, k, stride] of [
    [4, 12, 3, 1],
    [8, 16, 3, 2],
    [16, 12, 3, 1],
    [24, 10, 5, 1],
    [33, 8, 3, 1],
    [64, 6, 3, 1],
    [48, 8, 5, 2],
    [96, 6, 7, 1],
    [128, 4, 3, 2],
    [3, 12, 3, 1],
  ] as const)
    list.push([[side, side, c], { kind: 'depthwise', multiplier: 1, ...window([k, k], stride) }])
  list.push([[64, 1, 16], { kind: 'depthwise', multiplier: 1, ...window([7, 1]) }])
  for (const [n, units] of [
    [8, 10],
    [32, 32],
    [63, 12],
    [64, 64],
    [128, 10],
    [256, 33],
    [400, 64],
    [640, 128],
  ] as const)
    list.push([[1, 1, n], { kind: 'dense', inputs: [0], units, activation: 'none' }])
  for (const [side, c] of [
    [4, 8],
    [8, 16],
    [12, 24],
    [16, 16],
  ] as const) {
    list.push([[side, side, c], { kind: 'add', inputs: [0, 0], activation: 'none' }])
    list.push([[side, side, c], { kind: 'mul', inputs: [0, 0], activation: 'none' }])
    list.push([[side, side, c], { kind: 'hardSwish', inputs: [0] }])
    list.push([[side, side, c], { kind: 'mean', inputs: [0] }])
    list.push([[side, side, c], { kind: 'maxPool', ...window([2, 2], 2), activation: 'none' }])
    list.push([[side, side, c], { kind: 'averagePool', ...window([2, 2], 2), activation: 'none' }])
  }
  for (const k of [3, 4]) list.push([[12, 12, 16], { kind: 'averagePool', ...window([k, k], k), activation: 'none' }])
  for (const n of [2, 10, 35, 100]) list.push([[1, 1, n], { kind: 'softmax', inputs: [0] }])
  return list
}

/** A network of these shapes with random integers: instruction counts depend on them by less than one per cent. */
function synthetic(graph: Graph, random: Random): QuantizedModel {
  const shapes = weightShapes(graph)
  const plain: QuantParams = { scale: Math.fround(0.05), zeroPoint: -3 }
  const tensors = [plain, ...graph.ops.map((op) => (op.kind === 'softmax' ? { scale: 1 / 256, zeroPoint: -128 } : plain))]
  const layers = graph.ops.map((op, i): LayerParams | undefined => {
    if (!hasWeights(op)) return undefined
    const size = shapes.get(`${i}/kernel`)!.reduce((a, b) => a * b, 1)
    const channels = graph.shapes[i + 1]![2]
    return {
      kernels: [
        {
          weights: Int8Array.from({ length: size }, () => random.int(255) - 127),
          weightScales: Float32Array.from({ length: isPerChannel(op) ? channels : 1 }, () => 0.004 + 0.004 * random.next()),
        },
      ],
      bias: Int32Array.from({ length: channels }, () => random.int(2000) - 1000),
    }
  })
  return { graph, tensors, layers }
}
