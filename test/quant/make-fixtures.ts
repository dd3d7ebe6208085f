/**
 * Writes `test/fixtures/int8/*.json`: random networks of our own with the hashes of every tensor that our evaluator gave for them when its
 * equality with TFLite-Micro and LiteRT had been shown. Run by hand (`npx tsx test/quant/make-fixtures.ts`) when an
 * operator is added: what is there is left alone, since a change of the hashes would mean that the arithmetic changed.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import type { QuantizedModel } from '../../src/quant/model.ts'
import { evaluateReference } from '../../src/quant/reference.ts'
import { sha256 } from '../../src/util/hash.ts'
import { allKinds, randomInput, randomModel } from '../helpers/random-model.ts'

export const fixtureFolder = new URL('../fixtures/int8/', import.meta.url)

const base64 = (values: Int8Array | Int32Array | Float32Array) =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64')
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64')).buffer

export type Fixture = {
  readonly graph: QuantizedModel['graph']
  readonly tensors: QuantizedModel['tensors']
  readonly layers: readonly ({ readonly weights: string; readonly weightScales: string; readonly bias: string } | null)[]
  readonly input: string
  readonly hashes: { readonly tflm: readonly string[]; readonly xnnpack: readonly string[] }
}

export const modelOf = ({ graph, tensors, layers }: Fixture): QuantizedModel => ({
  graph,
  tensors,
  layers: layers.map((layer) =>
    layer
      ? {
          kernels: [{ weights: new Int8Array(bytes(layer.weights)), weightScales: new Float32Array(bytes(layer.weightScales)) }],
          bias: new Int32Array(bytes(layer.bias)),
        }
      : undefined,
  ),
})
export const inputOf = ({ input }: Fixture): Int8Array => new Int8Array(bytes(input))
export const hashesOf = (tensors: readonly Int8Array[]): string[] =>
  tensors.map((t) => sha256(new Uint8Array(t.buffer, t.byteOffset, t.byteLength)).slice(0, 16))

function make(seed: number): Fixture {
  const model = randomModel(seed, { kinds: [...allKinds, 'conv2d', 'conv2d', 'depthwise', 'depthwise', 'add'], maxOps: 14 })
  const input = randomInput(model, seed)
  return {
    graph: model.graph,
    tensors: model.tensors,
    layers: model.layers.map((layer) =>
      layer
        ? {
            weights: base64(layer.kernels[0].weights),
            weightScales: base64(layer.kernels[0].weightScales),
            bias: base64(layer.bias),
          }
        : null,
    ),
    input: base64(input),
    hashes: {
      tflm: hashesOf(evaluateReference(model, input, 'tflm')),
      xnnpack: hashesOf(evaluateReference(model, input, 'xnnpack')),
    },
  }
}

if (process.argv[1]?.endsWith('make-fixtures.ts')) {
  mkdirSync(fixtureFolder, { recursive: true })
  for (const seed of [12, 15, 22, 27, 34, 47, 156]) {
    const file = new URL(`random-${seed}.json`, fixtureFolder)
    if (!existsSync(file)) writeFileSync(file, `${JSON.stringify(make(seed))}\n`)
  }
}
