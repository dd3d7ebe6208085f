import { expect, test, vi } from 'vitest'
import { writeTflite } from '../../src/export/tflite-write.ts'
import { tflmArena } from '../../src/graph/arena.ts'
import { buildGraph } from '../../src/graph/build.ts'
import { countGraph } from '../../src/graph/count.ts'
import type { OpOf } from '../../src/graph/graph.ts'
import { tfliteBytes } from '../../src/graph/tflite-size.ts'
import { stateBytes } from '../../src/graph/traits.ts'
import { parametersOf } from '../../src/graph/weights.ts'
import { quantise } from '../../src/quant/quantise.ts'
import { codedBytes } from '../../src/quant/size.ts'
import { decodeSafetensors, encodeSafetensors } from '../../src/store/safetensors.ts'
import { initialWeights } from '../../src/train/initial-weights.ts'

/** A row as a recurrent layer would have it: dense, with weights for what it said before and two states. */
vi.mock(import('../../src/graph/operators.ts'), async (original) => {
  const real = await original()
  const { dense } = real.operators
  const recurrent = { part: 'recurrent', channels: 'first', shape: ({ units }: OpOf<'dense'>) => [units, units] }
  const states = [1, 2].map((width) => ({ name: `state${width}`, bytes: ({ units }: OpOf<'dense'>) => width * units }))
  Object.assign(dense, { kernels: [...dense.kernels, recurrent], states })
  return real
})

const units = 20
const graph = buildGraph([1, 1, 12], [{ kind: 'dense', inputs: [0], units, activation: 'none' }])
const weights = initialWeights(graph, 'several')

test('every weight tensor of the row has a name, a size and random values of its own, and is counted', () => {
  expect(parametersOf(graph).map(({ name, shape }) => [name, shape])).toEqual([
    ['0/kernel', [units, 12]],
    ['0/recurrent', [units, units]],
    ['0/bias', [units]],
  ])
  expect(Object.keys(weights)).toEqual(['0/kernel', '0/recurrent', '0/bias'])
  expect(new Set([...weights['0/kernel']!, ...weights['0/recurrent']!]).size).toBe(units * 12 + units * units)
  expect(countGraph(graph).params).toBe(units * 12 + units * units + units)
})

test('the store gives all of them back', () => {
  expect(decodeSafetensors(encodeSafetensors(weights, {}), 'weights').tensors).toEqual(weights)
})

test('each is quantised with a scale of its own, and the file has the length that was priced', () => {
  const model = quantise(graph, weights, [
    { min: -1, max: 1 },
    { min: -3, max: 3 },
  ])
  const { kernels } = model.layers[0]!
  expect(kernels.map((k) => k.weights.length)).toEqual([units * 12, units * units])
  kernels.forEach(({ weights: q, weightScales }, k) => {
    const real = weights[['0/kernel', '0/recurrent'][k]!]!
    real.forEach((w, n) => {
      expect(Math.abs(q[n]! * weightScales[0]! - w)).toBeLessThanOrEqual(0.501 * weightScales[0]!)
    })
    expect(Math.max(...q.map(Math.abs))).toBe(127)
  })
  expect(writeTflite(model).length).toBe(tfliteBytes(graph))
  expect(codedBytes(model)).toBeGreaterThan(codedBytes({ ...model, layers: [{ ...model.layers[0]!, kernels: [kernels[0]] }] }))
})

test("the planner keeps the states in the arena's tail, each aligned", () => {
  expect(stateBytes(graph)).toBe(3 * units)
  const options = { kernels: 'cmsis-nn', abi: 'arm' } as const
  const withStates = tflmArena(graph, options).persistentBytes
  const plain = buildGraph([1, 1, 12], [{ kind: 'dense', inputs: [0], units: 1, activation: 'none' }])
  // 20 and 40 bytes take 32 and 48, 1 and 2 bytes take 16 each; what else the layer keeps does not depend on its width
  expect(withStates - tflmArena(plain, options).persistentBytes).toBe(32 + 48 - 2 * 16)
})
