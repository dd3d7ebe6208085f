import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { TinyfrontError } from './errors.ts'
import { packageRoot } from './package-root.ts'

/** What this project uses of the standard `WebAssembly` object (TypeScript ships its types with the DOM only). */
declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports: object) => { readonly exports: object }
  Memory: new (limits: { initial: number; maximum: number }) => WasmMemory
}
export type WasmMemory = { readonly buffer: ArrayBuffer; grow(pages: number): number }

/**
 * One instance of the compiled kernels (`assembly/`). `exports` take raw byte addresses into `memory`; addresses below `heapBase` hold
 * the module's own constants. `memory.grow` detaches `memory.buffer`: take views after growing, never before.
 */
export type Kernels<Exports extends object> = {
  readonly memory: WasmMemory
  readonly exports: Exports
  readonly heapBase: number
}

export const wasmPageBytes = 65536

/**
 * Instantiates `build/kernels.wasm`, or with `relaxed` the build that may fuse multiply and add (other bits on other CPUs).
 * Throws TinyfrontError 'missingTool' where the kernels are not built or this Node cannot run them.
 */
export function loadKernels<Exports extends object>({
  relaxed = false,
  initialPages = 16,
}: {
  relaxed?: boolean
  initialPages?: number
} = {}): Kernels<Exports> {
  const module = compiled(relaxed)
  const memory = new WebAssembly.Memory({ initial: initialPages, maximum: 65536 })
  const exports = new WebAssembly.Instance(module, { env: { memory } }).exports as Exports & { heapBase(): number }
  return { memory, exports, heapBase: exports.heapBase() }
}

const fileOf = (relaxed: boolean): string => join(packageRoot, 'build', relaxed ? 'kernels-relaxed.wasm' : 'kernels.wasm')

/** Bytes of the compiled kernels, for hashing. Throws TinyfrontError 'missingTool' when they are not built. */
export function kernelBytes(relaxed = false): Uint8Array {
  try {
    return readFileSync(fileOf(relaxed))
  } catch (cause) {
    throw new TinyfrontError('missingTool', `${fileOf(relaxed)} is missing`, 'build the kernels: npm run build:wasm', { cause })
  }
}

const modules = new Map<boolean, object>()

function compiled(relaxed: boolean): object {
  const known = modules.get(relaxed)
  if (known) return known
  const bytes = kernelBytes(relaxed)
  // Node 20 knows relaxed SIMD behind a flag only; newer ones would print "unrecognized flag", hence the order.
  if (!WebAssembly.validate(bytes)) setFlagsFromString('--experimental-wasm-relaxed-simd')
  if (!WebAssembly.validate(bytes))
    throw new TinyfrontError(
      'missingTool',
      `this Node (${process.version}) cannot run ${fileOf(relaxed)}`,
      relaxed ? 'leave out --fast-math, or use Node 20.19 or newer' : 'use Node 20.19 or newer, or rebuild: npm run build:wasm',
    )
  const module = new WebAssembly.Module(bytes)
  modules.set(relaxed, module)
  return module
}
