/**
 * The integer evaluator against LiteRT (XNNPACK), one thread each, on networks of about 1 MMAC and more: `npx tsx bench/int8.ts`.
 * LiteRT runs one example a call; the evaluator is asked for one and for many, as a search does.
 */
import { writeTflite } from '../src/export/tflite-write.ts'
import { buildGraph } from '../src/graph/build.ts'
import { countGraph } from '../src/graph/count.ts'
import { elements, type Graph, hasWeights, type Op, type Shape } from '../src/graph/graph.ts'
import { createEvaluator, type QuantizedModel, tensorParams } from '../src/quant/index.ts'
import { rng } from '../src/util/rng.ts'
import { runLitert } from '../src/verify/litert.ts'

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
  const layers = graph.ops.map((op, i) => {
    if (!hasWeights(op)) return undefined
    const input = graph.shapes[op.inputs[0]]!
    const channels = graph.shapes[i + 1]![2]
    const fan = op.kind === 'dense' ? elements(input) : op.kernel[0] * op.kernel[1] * (op.kind === 'conv2d' ? input[2] : 1)
    return {
      weights: Int8Array.from({ length: fan * channels }, () => random.int(255) - 127),
      weightScales: new Float32Array(channels).fill(1 / (64 * Math.sqrt(fan))),
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

/** Best of several rounds of at least 150 ms: examples per second. */
function rate(examples: number, work: () => void): number {
  work()
  let best = 0
  for (let round = 0; round < 7; round++) {
    const start = performance.now()
    let n = 0
    while (performance.now() - start < 150) {
      work()
      n += examples
    }
    best = Math.max(best, (n * 1000) / (performance.now() - start))
  }
  return best
}

/** Examples per second in LiteRT, what loading and compiling takes subtracted; NaN where it is not installed. */
async function litertRate(file: Uint8Array, input: Int8Array): Promise<number> {
  const seconds = async (count: number) => {
    const start = performance.now()
    const { status } = await runLitert(
      file,
      Array.from({ length: count }, () => input),
    )
    return status === 'ok' ? (performance.now() - start) / 1000 : Number.NaN
  }
  await seconds(1)
  const rates: number[] = []
  for (let round = 0; round < 7; round++) rates.push(500 / ((await seconds(501)) - (await seconds(1))))
  return Math.max(...rates)
}

for (const [name, graph] of Object.entries(nets)) {
  const model = randomised(graph)
  const size = elements(graph.shapes[0]!)
  const random = rng('inputs')
  const inputs = Int8Array.from({ length: 64 * size }, () => random.int(256) - 128)
  const { macs } = countGraph(graph)
  console.log(`${name}: ${(macs / 1e6).toFixed(2)} MMAC`)
  const reference = await litertRate(writeTflite(model), inputs.subarray(0, size))
  const line = (what: string, perSecond: number) =>
    console.log(
      `  ${what.padEnd(28)} ${perSecond.toFixed(0).padStart(7)} /s  ${((perSecond * macs) / 1e9).toFixed(2).padStart(6)} GMAC/s  ${(perSecond / reference).toFixed(2)} x LiteRT`,
    )
  line('LiteRT', reference)
  for (const mode of ['tflm', 'xnnpack'] as const) {
    const evaluator = createEvaluator(model, mode)
    line(
      `${mode}, 64 at a time`,
      rate(64, () => void evaluator.run(inputs, 64)),
    )
    const one = inputs.subarray(0, size)
    line(
      `${mode}, one at a time`,
      rate(1, () => void evaluator.run(one, 1)),
    )
    evaluator.dispose()
  }
}
