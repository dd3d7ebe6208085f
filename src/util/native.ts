import { createRequire } from 'node:module'
import { join } from 'node:path'
import { packageRoot } from './package-root.ts'
import type { WasmMemory } from './wasm.ts'

/** Which kernels compute: WebAssembly's, or those that this machine's C compiler made of `native/`. The same bits either way. */
export type KernelKind = 'native' | 'wasm'

/** What `native/binding.c` hands out: some kernels of one kind, for the widest instructions of this CPU. */
export type NativeKernels = {
  readonly instructions: string
  /** The kernels work on this memory from now on, and find their arguments in these doubles. */
  bind(memory: ArrayBuffer, slots: ArrayBuffer): void
  /** A call takes its arguments from the slots and leaves its result in the first. */
  readonly kernels: Readonly<Record<string, () => void>>
}

type Binding = { instantiate(kind: number): NativeKernels }
const kinds = { float: 0, fused: 1, int8: 2 } as const

export const nativeFile = join(packageRoot, 'build/native', `kernels-${process.platform}-${process.arch}.node`)

/**
 * A set of native kernels that is bound to no memory yet; undefined where they are not built or this machine cannot load them. They trust their
 * arguments: an address outside of the memory is not caught as WebAssembly would.
 */
export function loadNative(kind: keyof typeof kinds, file = nativeFile): NativeKernels | undefined {
  try {
    const binding = createRequire(import.meta.url)(file) as Binding
    return binding.instantiate(kinds[kind])
  } catch {
    return undefined
  }
}

/** Arguments of the kernel that takes most. */
const mostArguments = 32

/** `exports` with native kernels in the place of their twins. Call `rebind` after every growth of the memory, which makes another buffer. */
export function withNative<Exports extends object>(
  memory: WasmMemory,
  exports: Exports,
  { bind, kernels }: NativeKernels,
): { readonly exports: Exports; rebind(): void } {
  const slots = new Float64Array(mostArguments)
  const rebind = () => bind(memory.buffer, slots.buffer)
  rebind()
  const twin = (kernel: () => void) => {
    return (...args: readonly number[]) => {
      for (let i = 0; i < args.length; i++) slots[i] = args[i]!
      kernel()
      return slots[0]!
    }
  }
  const twins = Object.fromEntries(Object.entries(kernels).map(([name, kernel]) => [name, twin(kernel)]))
  return { exports: { ...exports, ...twins }, rebind }
}
