import { expect, test } from 'vitest'
import { writeTflite } from '../../src/export/tflite-write.ts'
import { buildGraph } from '../../src/graph/build.ts'
import type { Op } from '../../src/graph/graph.ts'
import type { QuantizedModel } from '../../src/quant/model.ts'
import { multiplyXnnpack } from '../../src/quant/multiplier.ts'
import { evaluateReference } from '../../src/quant/reference.ts'
import { rng } from '../../src/util/rng.ts'
import { runLitert } from '../../src/verify/litert.ts'

/**
 * XNNPACK computes multipliers in float32. A multiplier that is one unit in the last place off changes one output in a hundred thousand, so
 * random networks cannot tell. These cases are searched for: every output differs if the multiplier is rounded in another order.
 */
const f = Math.fround
const probe = await runLitert(new Uint8Array(0), [])
const oracle = test.skipIf(probe.status === 'not available')

async function litert(model: QuantizedModel, input: Int8Array): Promise<Int8Array> {
  const result = await runLitert(writeTflite(model), [input])
  if (result.status !== 'ok') throw new Error(JSON.stringify(result))
  return result.outputs[0]![0]!
}

/** An accumulator that the two multipliers round to different outputs, if there is one. */
function tellingSum(a: number, b: number): number | undefined {
  if (a === b) return undefined
  for (let k = -120; k <= 120; k++)
    for (let d = -2; d <= 2; d++) {
      const sum = Math.round((k + 0.5) / a) + d
      if (multiplyXnnpack(sum, a) !== multiplyXnnpack(sum, b)) return sum
    }
  return undefined
}

const channels = 32
const weighted: Op[] = [
  { kind: 'dense', inputs: [0], units: channels, activation: 'none' },
  { kind: 'conv2d', inputs: [0], channels, kernel: [1, 1], stride: [1, 1], padding: 'valid', activation: 'none' },
  { kind: 'depthwise', inputs: [0], multiplier: channels, kernel: [1, 1], stride: [1, 1], padding: 'valid', activation: 'none' },
]

oracle.each(weighted)('$kind: the product of scales is rounded to float32 before the division', async (op) => {
  const random = rng('weighted')
  const [input, output] = [f(0.0234), f(0.0173)]
  const weightScales = new Float32Array(channels)
  const bias = new Int32Array(channels)
  for (let c = 0; c < channels; ) {
    const scale = f(1e-7 + random.next() * 2e-7)
    const [ours, other] = [f(f(input * scale) / output), f((input * scale) / output)]
    const sum = tellingSum(ours, other)
    if (sum === undefined) continue
    weightScales[c] = scale
    bias[c++] = sum
  }
  const model = {
    graph: buildGraph([1, 1, 1], [op]),
    tensors: [input, output].map((scale) => ({ scale, zeroPoint: 0 })),
    layers: [{ kernels: [{ weights: new Int8Array(channels).fill(1), weightScales }] as const, bias }],
  }
  const x = Int8Array.of(0)
  expect(await litert(model, x)).toEqual(evaluateReference(model, x, 'xnnpack')[1])
})

oracle('mean: the reciprocal of the count is rounded to float32', async () => {
  const random = rng('mean')
  for (let found = 0; found < 6; ) {
    const [h, w] = [3 + random.int(9), 3 + random.int(9)]
    const [input, output] = [f(0.01 + random.next() * 0.05), f(0.002 + random.next() * 0.004)]
    const [ours, other] = [f(f(input / output) * f(1 / (h * w))), f(f(input / output) / (h * w))]
    const sum = tellingSum(ours, other)
    if (sum === undefined || Math.abs(sum) > 127 * h * w) continue
    const y = multiplyXnnpack(sum, ours)
    found++
    const x = Int8Array.from({ length: h * w }, (_, i) => Math.floor((sum + i) / (h * w)))
    const model = {
      graph: buildGraph([h, w, 1], [{ kind: 'mean', inputs: [0] }]),
      tensors: [input, output].map((scale) => ({ scale, zeroPoint: 0 })),
      layers: [undefined],
    }
    expect(x.reduce((a, b) => a + b, 0)).toBe(sum)
    expect(await litert(model, x)).toEqual(Int8Array.of(y))
    expect(evaluateReference(model, x, 'xnnpack')[1]).toEqual(Int8Array.of(y))
  }
})
