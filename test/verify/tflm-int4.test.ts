import { describe, expect, test } from 'vitest'
import { writeTflite } from '../../src/export/tflite-write.ts'
import { tflmArena } from '../../src/graph/arena.ts'
import { createEvaluator } from '../../src/quant/evaluator.ts'
import type { QuantizedModel } from '../../src/quant/model.ts'
import { askPython, pythonHas } from '../helpers/python.ts'
import { type RandomOptions, randomInput, randomModel } from '../helpers/random-model.ts'

type Answer = { readonly output: readonly number[]; readonly used: number; readonly planned: number }

/** What TFLite-Micro answers for each network, and what it takes. */
const ask = (models: readonly QuantizedModel[]): Answer[] =>
  askPython<Answer>(
    'tflm_reference.py',
    models.map((model, seed) => ({ file: writeTflite(model), input: Array.from(randomInput(model, seed)) })),
  )

const arena = ({ graph }: QuantizedModel) => tflmArena(graph, { kernels: 'reference', abi: '64' })

function outputOf(model: QuantizedModel, input: Int8Array): number[] {
  const evaluator = createEvaluator(model, 'tflm')
  try {
    return Array.from(evaluator.run(input, 1))
  } finally {
    evaluator.dispose()
  }
}

const networks = (options: RandomOptions) =>
  Array.from({ length: 100 }, (_, seed) => randomModel(`tflm-int4/${seed}`, { maxOps: 10, dense: 'perTensor', ...options }))

describe.skipIf(!pythonHas('tflite_micro', 'numpy'))('TFLite-Micro with weights in 4 bits', () => {
  test.each(['some', 'all'] as const)(
    '100 random networks, %s layers: 0 differing outputs, the plan of the arena to the byte',
    (int4) => {
      const models = networks({ int4 })
      const answers = ask(models)
      // the package's allocator records, which takes room of its own: so the tail is compared with that of the same network in 8 bits
      const twins = networks({})
      const plain = ask(twins)
      for (const [seed, model] of models.entries()) {
        const { output, planned, used } = answers[seed]!
        const { plannedBytes, usedBytes } = arena(model)
        const more = usedBytes - arena(twins[seed]!).usedBytes
        const got = { seed, output: outputOf(model, randomInput(model, seed)), planned: plannedBytes, more }
        expect(got).toEqual({ seed, output, planned, more: used - plain[seed]!.used })
      }
    },
  )
})
