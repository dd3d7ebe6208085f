import { expect } from 'vitest'
import { writeTflite } from '../../src/export/tflite-write.ts'
import { elements } from '../../src/graph/graph.ts'
import { evaluateReference } from '../../src/quant/reference.ts'
import { runLitert } from '../../src/verify/litert.ts'
import { type RandomOptions, randomInput, randomModel } from './random-model.ts'

/** LiteRT is an optional dependency. */
export const hasLitert = (await runLitert(new Uint8Array(0), [])).status !== 'not available'

/** Expects LiteRT and the evaluator to agree on every tensor of a random network. */
export async function compareWithLitert(seed: number, options: RandomOptions): Promise<void> {
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
