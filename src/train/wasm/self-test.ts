import { loadNative, withNative } from '../../util/native.ts'
import { counted, rng } from '../../util/rng.ts'
import { type Kernels, loadKernels, wasmPageBytes } from '../../util/wasm.ts'
import { kernelCase, type NativeFloatKernel, nativeFloatKernels } from './kernel-cases.ts'
import type { FloatKernels } from './kernels.ts'

/** Two builds of the same kernels on one memory. */
export type Twins = { readonly wasm: Kernels<FloatKernels>; readonly native: FloatKernels; readonly instructions: string }

const pages = 8

/** Undefined where there are no native kernels. */
export function loadTwins(fastMath: boolean, file?: string): Twins | undefined {
  const native = loadNative(fastMath ? 'fused' : 'float', file)
  if (!native) return undefined
  const wasm = loadKernels<FloatKernels>({ relaxed: fastMath, initialPages: pages })
  return { wasm, native: withNative(wasm.memory, wasm.exports, native).exports, instructions: native.instructions }
}

/** Random floats in [-2, 2), a `special` share of them zeros of both signs, NaN, infinities and denormal numbers. */
export function randomMemory(seed: number, special: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array((pages * wasmPageBytes) / 4)
  const specials = [0, -0, Number.NaN, Infinity, -Infinity, 1e-41, -1e-41, 3e38]
  for (let i = 0; i < values.length; i++) {
    const draw = counted(seed, i)
    values[i] = special > 0 && (draw >>> 8) % 1024 < 1024 * special ? specials[draw & 7]! : draw / 1073741824
  }
  return values
}

/** Runs one call of `kernel` with both; whether memory and result are equal to the bit after it (any NaN is equal to any other). */
export function agree(
  { wasm, native }: Twins,
  kernel: NativeFloatKernel,
  seed: string,
  image: Float32Array<ArrayBuffer>,
): boolean {
  const { memory, heapBase } = wasm
  const operands = image.slice()
  const { args, end } = kernelCase(kernel, rng(seed, kernel), operands.buffer, heapBase)
  const range = [Math.ceil(heapBase / 4), Math.min(operands.length, end / 4 + 16)] as const
  const live = new Float32Array(memory.buffer).subarray(...range)
  const outcome = (kernels: FloatKernels) => {
    live.set(operands.subarray(...range))
    // `kernelCase` makes as many arguments as the kernel takes.
    const result = (kernels[kernel] as (...args: readonly number[]) => number | undefined)(...args)
    return { result: result ?? 0, after: live.slice() }
  }
  const [a, b] = [outcome(wasm.exports), outcome(native)]
  return Object.is(a.result, b.result) && sameBits(a.after, b.after)
}

function sameBits(a: Float32Array, b: Float32Array): boolean {
  const bytes = (f: Float32Array) => new Uint8Array(f.buffer, f.byteOffset, f.byteLength)
  return Buffer.compare(bytes(a), bytes(b)) === 0 || a.every((value, i) => Object.is(value, b[i]))
}

/** The first kernel whose bits differ from WebAssembly's on this machine; undefined where all are equal. */
export function differingKernel(twins: Twins): NativeFloatKernel | undefined {
  const images = [randomMemory(1, 0), randomMemory(2, 0.02)]
  return nativeFloatKernels.find((kernel) =>
    images.some((image, i) => [0, 1].some((j) => !agree(twins, kernel, `${i}/${j}`, image))),
  )
}
