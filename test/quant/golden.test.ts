import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { createEvaluator } from '../../src/quant/evaluator.ts'
import { evaluateReference } from '../../src/quant/reference.ts'
import { goldens } from './tflite-fixture.ts'

/**
 * Outputs of TFLite-Micro and LiteRT for small networks of our own (provenance: the README beside them). `test/fixtures` keeps a few;
 * `../shared` has all forty and is used where it stands.
 */
const folders = [
  { folder: 'test/fixtures/tflm-golden', least: 9 },
  { folder: '../shared/data/tflm-golden', least: 40 },
]

describe.each(folders)('$folder', ({ folder, least }) => {
  const found = goldens(fileURLToPath(new URL(`../../${folder}`, import.meta.url)))
  test.skipIf(found.length === 0)('is whole', () => expect(found.length).toBeGreaterThanOrEqual(least))
  for (const { name, model, vectors } of found)
    test.each(['tflm', 'xnnpack'] as const)(`${name}, %s: not one bit differs`, (mode) => {
      expect(vectors.length).toBeGreaterThan(0)
      const evaluator = createEvaluator(model, mode)
      for (const { input, tflm, litert } of vectors) {
        expect(evaluateReference(model, input, mode).at(-1)).toEqual(mode === 'tflm' ? tflm : litert)
        expect(evaluator.run(input, 1)).toEqual(mode === 'tflm' ? tflm : litert)
      }
      evaluator.dispose()
    })
})
