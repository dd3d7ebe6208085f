import { loadKernels } from '../../util/wasm.ts'
import type { FloatKernels } from './kernels.ts'

/**
 * Whether this machine rounds multiply and add of the relaxed kernels once. (1 + e)^2 - (1 + 2 e) is e^2 then, and 0 where the product was rounded
 * before the sum. Native kernels do as WebAssembly does here.
 */
export function fuses(): boolean {
  const { memory, exports, heapBase } = loadKernels<FloatKernels>({ relaxed: true })
  const at = Math.ceil(heapBase / 64) * 64
  const [values, affine, results] = [at, at + 64, at + 256]
  const e = 1 / 8192
  new Float32Array(memory.buffer, values, 4).fill(1 + e)
  new Float32Array(memory.buffer, affine, 16).fill(1 + e, 0, 4).fill(-1 - 2 * e, 4, 8)
  exports.normApply(1, 4, values, affine, 0, results)
  return new Float32Array(memory.buffer, results, 1)[0] !== 0
}
