/**
 * Instructions, code and constants of our generated C with weights in 8 and in 4 bits, counted under QEMU, layer by layer:
 * `npx tsx bench/int4.ts [cortex-m4 ...]`. The bits are compared with the evaluator on the way.
 */
import { buildGraph } from '../src/graph/build.ts'
import type { Op, Shape } from '../src/graph/graph.ts'
import { elements } from '../src/graph/graph.ts'
import { kernelsOf, sizeOf } from '../src/graph/traits.ts'
import type { QuantizedModel } from '../src/quant/model.ts'
import { rng } from '../src/util/rng.ts'
import type { CoreName } from '../src/verify/cores.ts'
import { emulate } from '../src/verify/emulate.ts'

const unit = { stride: [1, 1], padding: 'same', activation: 'relu' } as const
const layers: readonly (readonly [name: string, input: Shape, op: Op])[] = [
  ['conv 3x3', [12, 12, 16], { kind: 'conv2d', inputs: [0], channels: 16, kernel: [3, 3], ...unit }],
  ['conv 3x3, odd', [12, 12, 3], { kind: 'conv2d', inputs: [0], channels: 15, kernel: [3, 3], ...unit }],
  ['conv 1x1', [12, 12, 32], { kind: 'conv2d', inputs: [0], channels: 32, kernel: [1, 1], ...unit }],
  ['depthwise 3x3', [12, 12, 32], { kind: 'depthwise', inputs: [0], multiplier: 1, kernel: [3, 3], ...unit }],
  ['dense', [1, 1, 256], { kind: 'dense', inputs: [0], units: 32, activation: 'relu' }],
]

function modelOf(input: Shape, op: Op): QuantizedModel {
  const random = rng(1, 'bench-int4')
  const graph = buildGraph(input, [op])
  const most = 'weightBits' in op ? 7 : 127
  const channels = graph.shapes[1]![2]
  const size = sizeOf(kernelsOf(graph, 0)[0]!.shape)
  const fanIn = size / channels
  return {
    graph,
    tensors: [
      { scale: Math.fround(0.03), zeroPoint: 3 },
      { scale: Math.fround(0.04), zeroPoint: -128 },
    ],
    layers: [
      {
        kernels: [
          {
            weights: Int8Array.from({ length: size }, () => random.int(2 * most + 1) - most),
            weightScales: new Float32Array(op.kind === 'dense' ? 1 : channels).fill(1 / (most * Math.sqrt(fanIn))),
          },
        ],
        bias: new Int32Array(channels),
      },
    ],
  }
}

const asked = process.argv.slice(2) as CoreName[]
for (const core of asked.length > 0 ? asked : (['cortex-m0', 'cortex-m4'] as const))
  for (const [name, input, op] of layers) {
    const reports = []
    for (const each of [op, { ...op, weightBits: 4 } as Op]) {
      const random = rng(2, 'bench-int4-input')
      const values = Int8Array.from({ length: elements(input) }, () => random.int(256) - 128)
      const report = await emulate(modelOf(input, each), core, [values])
      if (report.status !== 'equal') throw new Error(`${core} ${name}: ${JSON.stringify(report)}`)
      reports.push(report)
    }
    const [wide, narrow] = reports as [(typeof reports)[0], (typeof reports)[0]]
    const ratio = (narrow.instructions! / wide.instructions!).toFixed(2)
    console.log(
      `${core}\t${name}\t${wide.instructions} -> ${narrow.instructions} instructions (x${ratio})\tconstants ${wide.constantBytes} -> ${narrow.constantBytes} B\tcode ${wide.codeBytes} -> ${narrow.codeBytes} B`,
    )
  }
