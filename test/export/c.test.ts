import { expect, test, vi } from 'vitest'
import { generateC } from '../../src/export/c/generate.ts'
import { int4Kernels } from '../../src/export/c/int4-kernels.ts'
import { plainKernels } from '../../src/export/c/plain-kernels.ts'
import { floatText, stringText } from '../../src/export/c/text.ts'
import { weightKernels } from '../../src/export/c/weight-kernels.ts'
import type { OpKind } from '../../src/graph/graph.ts'
import { evaluateReference } from '../../src/quant/reference.ts'
import { checksum } from '../../src/verify/emulate.ts'
import { hasHostCompiler, runOnHost } from '../helpers/host-c.ts'
import { allKinds, type RandomOptions, randomInput, randomModel } from '../helpers/random-model.ts'

// compilers and runtimes are slow on a busy machine
vi.setConfig({ testTimeout: 120_000 })

const compiled = test.skipIf(!hasHostCompiler)

function compare(
  seeds: readonly number[],
  kinds: readonly OpKind[],
  maxOps: number,
  flags: readonly string[] = [],
  more: RandomOptions = {},
): void {
  const models = seeds.map((seed) => randomModel(`c/${seed}`, { kinds, maxOps, ...more }))
  const inputs = models.map((model, n) => randomInput(model, seeds[n]!))
  const run = runOnHost(models, inputs, flags)
  models.forEach((model, n) => {
    const want = evaluateReference(model, inputs[n]!, 'tflm').slice(1)
    expect({ seed: seeds[n], sums: run.checksums[n] }).toEqual({ seed: seeds[n], sums: want.map(checksum) })
    expect(run.outputs[n]).toEqual(want.at(-1))
  })
  expect(run.undefinedSymbols).toEqual([])
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)

compiled('the C of random networks computes what the evaluator does, in every tensor, and asks nothing of the linker', () => {
  compare(range(0, 10), allKinds, 10)
})

compiled('the same at -O3, where compilers look for memcpy', () => {
  compare(range(25, 28), ['reshape', 'pad', 'concat', 'conv2d', 'depthwise'], 8, ['-O3'])
})

compiled('the same with weights in 4 bits', () => {
  compare(range(40, 52), allKinds, 8, [], { int4: 'some' })
  compare(range(52, 58), ['conv2d', 'depthwise', 'dense', 'softmax'], 4, ['-O3'], { int4: 'all' })
})

test('a network gets only the kernels it calls', () => {
  const { source } = generateC(randomModel(1, { kinds: ['dense'], maxOps: 2 }))
  expect(source).toContain('tf_conv2d')
  expect(source).not.toMatch(/tf_depthwise|tf_softmax|tf_mean|memcpy\(|memset\(|malloc/)
})

test('no two pieces define one name', () => {
  const pieces = Object.values({ ...weightKernels, ...int4Kernels, ...plainKernels })
  const names = pieces.flatMap(({ code }) => [
    ...new Set([...code.matchAll(/^(?:TF_KERNEL|static(?: inline)?) [a-z0-9_]+ \*?(tf_\w+)\(/gm)].map((m) => m[1]!)),
  ])
  expect(names.length).toBeGreaterThan(20)
  expect(names.filter((name, i) => names.indexOf(name) < i)).toEqual([])
})

test('texts and numbers survive C', () => {
  expect(stringText('a"b\\?é')).toBe('"a\\042b\\134\\077\\303\\251"')
  expect(floatText(1)).toBe('1.0f')
  expect(Math.fround(Number(floatText(0.1).slice(0, -1)))).toBe(Math.fround(0.1))
})
