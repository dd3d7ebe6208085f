import { expect, test } from 'vitest'
import { evaluateReference } from '../../src/quant/reference.ts'
import { checksum } from '../../src/verify/emulate.ts'
import { hasHostCompiler, runOnHost } from '../helpers/host-c.ts'
import { allKinds, randomInput, randomModel } from '../helpers/random-model.ts'

test.skipIf(!hasHostCompiler).each(Array.from({ length: 12 }, (_, n) => n))(
  'the C of 25 random networks computes what the evaluator does, in every tensor (%i)',
  (batch) => {
    const models = Array.from({ length: 25 }, (_, n) => randomModel(`c-slow/${batch}/${n}`, { kinds: allKinds, maxOps: 12 }))
    const inputs = models.map((model, n) => randomInput(model, n))
    const run = runOnHost(models, inputs)
    models.forEach((model, n) => {
      const sums = evaluateReference(model, inputs[n]!, 'tflm').slice(1).map(checksum)
      expect({ batch, n, sums: run.checksums[n] }).toEqual({ batch, n, sums })
    })
  },
)
