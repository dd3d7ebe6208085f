import { expect, test } from 'vitest'
import { writeTflite } from '../../src/export/tflite-write.ts'
import { buildGraph } from '../../src/graph/build.ts'
import { elements, type OpKind } from '../../src/graph/graph.ts'
import { evaluateReference } from '../../src/quant/reference.ts'
import { runLitert } from '../../src/verify/litert.ts'
import { type RandomOptions, randomInput, randomModel } from '../helpers/random-model.ts'

// LiteRT is an optional dependency: without it these tests say so and are skipped.
const probe = await runLitert(new Uint8Array(0), [])
const oracle = test.skipIf(probe.status === 'not available')

async function compare(seed: number, options: RandomOptions): Promise<void> {
  const model = randomModel(seed, options)
  const inputs = [0, 1].map((n) => randomInput(model, `${seed}/${n}`))
  const result = await runLitert(writeTflite(model, undefined, 'every'), inputs)
  if (result.status !== 'ok') throw new Error(`seed ${seed}: ${JSON.stringify(result)}`)
  inputs.forEach((input, n) => {
    const want = evaluateReference(model, input, 'xnnpack').slice(1)
    want.forEach((values, i) => {
      expect(values.length).toBe(elements(model.graph.shapes[i + 1]!))
      expect({ seed, op: i, kind: model.graph.ops[i]!.kind, values: result.outputs[n]![i] }).toEqual({
        seed,
        op: i,
        kind: model.graph.ops[i]!.kind,
        values,
      })
    })
  })
}

const kinds: readonly OpKind[] = [
  'conv2d',
  'depthwise',
  'dense',
  'add',
  'averagePool',
  'maxPool',
  'mean',
  'softmax',
  'reshape',
  'pad',
  'concat',
  'quantize',
  'mul',
]

oracle.each(kinds)('LiteRT and the evaluator agree on every tensor: %s', async (kind) => {
  for (let seed = 0; seed < 12; seed++) await compare(seed, { kinds: ['conv2d', kind], maxOps: 4 })
})

oracle('LiteRT and the evaluator agree on every tensor of random networks', async () => {
  for (let seed = 100; seed < 160; seed++) await compare(seed, { maxOps: 10 })
})

oracle('a file that it cannot run is a failure, not zeros', async () => {
  const graph = buildGraph(
    [2, 2, 2],
    [
      { kind: 'quantize', inputs: [0] },
      { kind: 'concat', inputs: [0, 1] },
    ],
  )
  // int8 concatenation cannot rescale, and LiteRT says so
  const tensors = [0.5, 0.25, 0.5].map((scale) => ({ scale, zeroPoint: 0 }))
  const result = await runLitert(writeTflite({ graph, tensors, layers: [undefined, undefined] }), [new Int8Array(8)])
  expect(result).toMatchObject({ status: 'failed', message: expect.stringContaining('CONCATENATION') })
})

oracle('a damaged file is refused, not run', async () => {
  const file = writeTflite(randomModel(1)).slice(0, 100)
  expect((await runLitert(file, [])).status).toBe('failed')
})
