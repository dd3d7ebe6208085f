import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createEvaluator } from '../../src/quant/evaluator.ts'
import { evaluateReference } from '../../src/quant/reference.ts'
import { allKinds } from '../helpers/random-model.ts'
import { type Fixture, fixtureFolder, hashesOf, inputOf, modelOf } from './make-fixtures.ts'

const files = readdirSync(fixtureFolder).filter((file) => file.endsWith('.json'))

const read = (file: string): Fixture => JSON.parse(readFileSync(new URL(file, fixtureFolder), 'utf8'))

test('the fixtures know every operator', () => {
  expect(files.length).toBe(7)
  const kinds = files.flatMap((file) => read(file).graph.ops.map((op) => op.kind))
  expect([...allKinds].filter((kind) => !kinds.includes(kind))).toEqual([])
})

test.each(files)('%s: every tensor as on the day it was recorded, both roundings, both evaluators', (file) => {
  const fixture = read(file)
  const model = modelOf(fixture)
  const input = inputOf(fixture)
  for (const mode of ['tflm', 'xnnpack'] as const) {
    expect(hashesOf(evaluateReference(model, input, mode))).toEqual(fixture.hashes[mode])
    const evaluator = createEvaluator(model, mode)
    expect(hashesOf(evaluator.tensors(input))).toEqual(fixture.hashes[mode])
    evaluator.dispose()
  }
})
