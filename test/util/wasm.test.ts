import { expect, test } from 'vitest'
import { loadKernels, wasmPageBytes } from '../../src/util/wasm.ts'

type Exports = { fill(n: number, p: number, value: number): void }

test.each([false, true])('the kernels run on imported memory (relaxed: %s)', (relaxed) => {
  const { memory, exports, heapBase } = loadKernels<Exports>({ relaxed, initialPages: 2 })
  expect(memory.buffer.byteLength).toBe(2 * wasmPageBytes)
  memory.grow(1)
  const last = 3 * wasmPageBytes - 8
  exports.fill(2, last, 1.5)
  expect([...new Float32Array(memory.buffer, last, 2)]).toEqual([1.5, 1.5])
  expect(heapBase).toBeGreaterThan(0)
})

test('two instances share no memory', () => {
  const [a, b] = [loadKernels<Exports>(), loadKernels<Exports>()]
  a.exports.fill(1, a.heapBase, 7)
  expect(new Float32Array(b.memory.buffer, b.heapBase, 1)[0]).toBe(0)
})
