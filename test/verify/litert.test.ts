import { expect, test, vi } from 'vitest'
import { writeTflite } from '../../src/export/tflite-write.ts'
import { buildGraph } from '../../src/graph/build.ts'
import { compareLitert } from '../../src/verify/compare-litert.ts'
import { runLitert } from '../../src/verify/litert.ts'
import { compareWithLitert, hasLitert } from '../helpers/compare-litert.ts'
import { allKinds, randomInput, randomModel } from '../helpers/random-model.ts'

// compilers and runtimes are slow on a busy machine
vi.setConfig({ testTimeout: 120_000 })

// LiteRT is an optional dependency: without it these tests say so and are skipped.
const oracle = test.skipIf(!hasLitert)

oracle.each(allKinds)('LiteRT and the evaluator agree on every tensor: %s', async (kind) => {
  for (let seed = 0; seed < 6; seed++) await compareWithLitert(seed, { kinds: ['conv2d', kind], maxOps: 4 })
})

oracle('LiteRT and the evaluator agree on every tensor of random networks', async () => {
  for (let seed = 100; seed < 125; seed++) await compareWithLitert(seed, { maxOps: 10 })
})

oracle('LiteRT and the evaluator agree with weights in 4 bits', async () => {
  for (let seed = 200; seed < 240; seed++) {
    const model = randomModel(seed, { maxOps: 8, int4: 'some' })
    expect([seed, await compareLitert(model, [randomInput(model, seed)])]).toEqual([seed, { status: 'equal', inputs: 1 }])
  }
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
