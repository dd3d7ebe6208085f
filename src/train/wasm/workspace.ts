import { loadNative, withNative } from '../../util/native.ts'
import { loadKernels, wasmPageBytes } from '../../util/wasm.ts'
import type { FloatKernels } from './kernels.ts'
import { align64, createRegions } from './regions.ts'

/** One instance of the kernels and its one growing memory; trainers take their regions from it and give them back. */
export type Workspace = {
  readonly k: FloatKernels
  take(bytes: number): number
  give(address: number, bytes: number): void
  /** The whole memory. Valid until the next `take`. */
  floats(): Float32Array
  write(address: number, values: ArrayLike<number>, count: number): void
  /** A view, valid until something else is computed. */
  read(address: number, count: number): Float32Array
  readonly bytes: number
}

/** `native`: kernels of this machine's compiler, where they are built. */
export function createWorkspace(relaxed: boolean, native = false): Workspace {
  const { memory, exports, heapBase } = loadKernels<FloatKernels>({ relaxed })
  const built = native ? loadNative(relaxed ? 'fused' : 'float') : undefined
  const { exports: k, rebind } = built ? withNative(memory, exports, built) : { exports, rebind: undefined }
  const regions = createRegions(heapBase)
  return {
    k,
    take(bytes) {
      const at = regions.take(bytes)
      const missing = at + align64(bytes) - memory.buffer.byteLength
      if (missing > 0) grow(Math.ceil(missing / wasmPageBytes), at, bytes)
      return at
    },
    give: regions.give,
    floats: () => new Float32Array(memory.buffer),
    write(address, values, count) {
      if (values.length < count) throw new RangeError(`${values.length} values where ${count} are needed`)
      const to = new Float32Array(memory.buffer, address, count)
      if (values.length === count) to.set(values)
      else for (let i = 0; i < count; i++) to[i] = values[i]!
    },
    read: (address, count) => new Float32Array(memory.buffer, address, count),
    get bytes() {
      return memory.buffer.byteLength
    },
  }

  function grow(pages: number, at: number, bytes: number): void {
    try {
      memory.grow(pages)
      rebind?.()
    } catch (cause) {
      regions.give(at, bytes)
      throw new RangeError(`a network needs ${bytes} bytes to train, more than one worker's memory (4 GiB) can give`, { cause })
    }
  }
}
