import { kernelCase, nativeFloatKernels } from '../../src/train/wasm/kernel-cases.ts'
import type { FloatKernels } from '../../src/train/wasm/kernels.ts'
import { randomMemory } from '../../src/train/wasm/self-test.ts'
import { rng } from '../../src/util/rng.ts'
import { loadKernels } from '../../src/util/wasm.ts'

/**
 * Random calls of every float kernel as `replay-kernels.c` reads them: name (32 bytes), 32 arguments and the result as doubles, first byte and number
 * of bytes as int32, the memory before and after.
 */
export function kernelReplay(fused: boolean, callsEach: number): Uint8Array {
  const { memory, exports, heapBase } = loadKernels<FloatKernels>({ relaxed: fused, initialPages: 8 })
  const images = [randomMemory(1, 0), randomMemory(2, 0.02)]
  const parts = nativeFloatKernels.flatMap((kernel) =>
    Array.from({ length: callsEach }, (_, n) => {
      const operands = images[n % 2]!.slice()
      const { args, end } = kernelCase(kernel, rng('replay', kernel, n), operands.buffer, heapBase)
      const first = (heapBase + 63) & ~63
      const bytes = Math.min(operands.byteLength, end + 64) - first
      const before = new Uint8Array(operands.buffer, first, bytes)
      const live = new Uint8Array(memory.buffer, first, bytes)
      live.set(before)
      const result = (exports[kernel] as (...args: readonly number[]) => number | undefined)(...args)
      const header = new Uint8Array(32 + 33 * 8 + 8)
      header.set(new TextEncoder().encode(kernel))
      new Float64Array(header.buffer, 32, 33).set([...args, ...new Array(32 - args.length).fill(0), result ?? 0])
      new Int32Array(header.buffer, 32 + 33 * 8, 2).set([first, bytes])
      return [header, before, live.slice()]
    }),
  )
  return Buffer.concat(parts.flat())
}
