/**
 * The integer evaluator against LiteRT (XNNPACK), one thread each, on networks of about 1 MMAC and more: `npx tsx bench/int8.ts`.
 * LiteRT runs one example a call; the evaluator is asked for one and for many, as a search does.
 */
import { writeTflite } from '../src/export/tflite-write.ts'
import { buildGraph } from '../src/graph/build.ts'
import { countGraph } from '../src/graph/count.ts'
import { elements, type Graph, type Op, type Shape } from '../src/graph/graph.ts'
import { hasWeights } from '../src/graph/traits.ts'
import { createEvaluator } from '../src/quant/evaluator.ts'
import { computeInt8With } from '../src/quant/kernels.ts'
import type { LayerParams, QuantizedModel } from '../src/quant/model.ts'
import { tensorParams } from '../src/quant/quantise.ts'
import { loadNative } from '../src/util/native.ts'
import { rng } from '../src/util/rng.ts'
import { openLitert } from './litert.ts'

const same = { padding: 'same', activation: 'relu6' } as const
const conv = (t: number, channels: number, k: number, s: number): Op => ({
  kind: 'conv2d',
  inputs: [t],
  channels,
  kernel: [k, k],
  stride: [s, s],
  ...same,
})
const depthwise = (t: number, k: number, s: number): Op => ({
  kind: 'depthwise',
  inputs: [t],
  multiplier: 1,
  kernel: [k, k],
  stride: [s, s],
  ...same,
})

/** MobileNet-like: stem, inverted residuals, head. */
function mobile(input: Shape, widths: readonly number[], expansion: number): Graph {
  const ops: Op[] = [conv(0, widths[0]!, 3, 2)]
  let channels = widths[0]!
  for (const width of widths.slice(1)) {
    const from = ops.length
    ops.push(conv(from, channels * expansion, 1, 1), depthwise(from + 1, 3, width === channels ? 1 : 2), {
      ...conv(from + 2, width, 1, 1),
      activation: 'none',
    } as Op)
    if (width === channels) ops.push({ kind: 'add', inputs: [from, from + 3], activation: 'none' })
    channels = width
  }
  ops.push({ kind: 'mean', inputs: [ops.length] }, { kind: 'dense', inputs: [ops.length + 1], units: 10, activation: 'none' })
  return buildGraph(input, ops)
}

function randomised(graph: Graph): QuantizedModel {
  const random = rng('bench')
  const tensors = tensorParams(
    graph,
    graph.shapes.map(() => ({ min: -4, max: 4 })),
  )
  const layers = graph.ops.map((op, i): LayerParams | undefined => {
    if (!hasWeights(op)) return undefined
    const input = graph.shapes[op.inputs[0]]!
    const channels = graph.shapes[i + 1]![2]
    const fan = op.kind === 'dense' ? elements(input) : op.kernel[0] * op.kernel[1] * (op.kind === 'conv2d' ? input[2] : 1)
    return {
      kernels: [
        {
          weights: Int8Array.from({ length: fan * channels }, () => random.int(255) - 127),
          weightScales: new Float32Array(channels).fill(1 / (64 * Math.sqrt(fan))),
        },
      ],
      bias: Int32Array.from({ length: channels }, () => random.int(2000) - 1000),
    }
  })
  return { graph, tensors, layers }
}

const dsCnn = buildGraph(
  [49, 10, 1],
  [
    { kind: 'conv2d', inputs: [0], channels: 64, kernel: [10, 4], stride: [2, 2], ...same },
    ...[1, 3, 5, 7].flatMap((t) => [depthwise(t, 3, 1), conv(t + 1, 64, 1, 1)]),
    { kind: 'mean', inputs: [9] },
    { kind: 'dense', inputs: [10], units: 12, activation: 'none' },
  ],
)
const nets: Record<string, Graph> = {
  'mobile 32x32': mobile([32, 32, 3], [8, 12, 12, 24, 24, 40], 3),
  'mobile 48x48': mobile([48, 48, 3], [8, 16, 16, 24, 24, 40, 40, 48], 4),
  'ds-cnn': dsCnn,
}

/** Shortest of many calls in microseconds: other load on the machine only ever adds. */
function shortest(calls: number, work: () => void): number {
  let best = Infinity
  for (let i = 0; i < calls; i++) {
    const start = performance.now()
    work()
    best = Math.min(best, performance.now() - start)
  }
  return best * 1000
}

/** Native kernels where they are built. */
const kinds = (['wasm', 'native'] as const).filter((kind) => kind === 'wasm' || loadNative('int8'))
const litert = await openLitert()
if (!litert) console.log('LiteRT is not installed (npm install @litertjs/core@2.5.3): no ratio')
for (const [name, graph] of Object.entries(nets)) {
  const model = randomised(graph)
  const size = elements(graph.shapes[0]!)
  const random = rng('inputs')
  const inputs = Int8Array.from({ length: 8 * size }, () => random.int(256) - 128)
  const one = inputs.subarray(0, size)
  const evaluators = kinds.flatMap((kind) =>
    (['tflm', 'xnnpack'] as const).map((mode) => {
      computeInt8With(kind)
      return { mode: `${kind} ${mode}`, evaluator: createEvaluator(model, mode) }
    }),
  )
  const works: { readonly what: string; readonly examples: number; readonly work: () => void }[] = [
    ...(litert ? [{ what: 'LiteRT', examples: 1, work: litert(writeTflite(model), one) }] : []),
    ...evaluators.flatMap(({ mode, evaluator }) => [
      { what: `${mode}, one at a time`, examples: 1, work: () => void evaluator.run(one, 1) },
      { what: `${mode}, 8 at a time`, examples: 8, work: () => void evaluator.run(inputs, 8) },
    ]),
  ]
  const times = works.map(() => Infinity)
  for (let round = 0; round < 8; round++)
    works.forEach(({ examples, work }, k) => {
      times[k] = Math.min(times[k]!, shortest(400 / examples, work) / examples)
    })
  const { macs } = countGraph(graph)
  console.log(`${name}: ${(macs / 1e6).toFixed(2)} MMAC`)
  works.forEach(({ what }, k) => {
    const ratio = litert ? `  ${(times[0]! / times[k]!).toFixed(2)} x LiteRT` : ''
    const [us, rate] = [times[k]!.toFixed(0).padStart(6), (1e6 / times[k]!).toFixed(0).padStart(7)]
    console.log(
      `  ${what.padEnd(30)} ${us} us ${rate} images/s ${(macs / times[k]! / 1e3).toFixed(1).padStart(6)} GMAC/s${ratio}`,
    )
  })
  for (const { evaluator } of evaluators) evaluator.dispose()
}
