import { type KernelKind, loadNative, withNative } from '../util/native.ts'
import { type Kernels, loadKernels, wasmPageBytes } from '../util/wasm.ts'

/** The integer kernels of `assembly/int8/`. Addresses are bytes; activations are int16 values less their zero point. */
export type Int8Kernels = {
  int8Centre(n: number, from: number, to: number, zero: number): void
  int8Uncentre(n: number, from: number, to: number, zero: number): void
  int8Convolve(
    ...args: [
      pixels: number,
      channels: number,
      rows: number,
      pairs: number,
      rowBytes: number,
      X: number,
      table: number,
      W: number,
      Q: number,
      Y: number,
      mode: number,
      low: number,
      high: number,
    ]
  ): void
  int8Depthwise(
    ...args: [
      pixels: number,
      channels: number,
      pairs: number,
      X: number,
      table: number,
      taps: number,
      W: number,
      Q: number,
      Y: number,
      mode: number,
      low: number,
      high: number,
    ]
  ): void
  int8Frame(
    ...args: [
      count: number,
      rows: number,
      rowBytes: number,
      top: number,
      left: number,
      frameRows: number,
      frameRowBytes: number,
      from: number,
      to: number,
    ]
  ): void
  int8Repeat(n: number, times: number, from: number, to: number): void
  int8Interleave(pixels: number, channels: number, from: number, to: number, toChannels: number): void
  int8Map(n: number, from: number, to: number, table: number): void
  int8AddOnce(
    ...args: [
      n: number,
      A: number,
      B: number,
      Y: number,
      ma: number,
      mb: number,
      rounding: number,
      shift: number,
      low: number,
      high: number,
    ]
  ): void
  int8AddTwice(
    ...args: [
      n: number,
      A: number,
      B: number,
      Y: number,
      ma: number,
      ra: number,
      mb: number,
      rb: number,
      lo: number,
      mo: number,
      ro: number,
      low: number,
      high: number,
    ]
  ): void
  int8Mul(
    ...args: [
      count: number,
      pixels: number,
      channels: number,
      A: number,
      B: number,
      Y: number,
      Q: number,
      mode: number,
      low: number,
      high: number,
    ]
  ): void
  int8Mean(
    ...args: [
      count: number,
      pixels: number,
      channels: number,
      X: number,
      Y: number,
      Q: number,
      mode: number,
      low: number,
      high: number,
    ]
  ): void
  int8Pool(
    ...args: [
      count: number,
      h: number,
      w: number,
      channels: number,
      kh: number,
      kw: number,
      sh: number,
      sw: number,
      top: number,
      left: number,
      oh: number,
      ow: number,
      X: number,
      Y: number,
      maximum: number,
      zeroPoint: number,
      low: number,
      high: number,
    ]
  ): void
}

/** Kernels and their memory; `rebind` where growing it must be told. */
type Int8Memory = Kernels<Int8Kernels> & { readonly rebind?: () => void }

/** Instances that nobody uses: a search makes thousands of evaluators, and each WebAssembly memory reserves gigabytes of addresses. */
const idle: Int8Memory[] = []

let chosen: { readonly kind: KernelKind; readonly file?: string } = { kind: 'wasm' }

/** Evaluators of this thread compute with these kernels from now on: integers, so the same results. */
export function computeInt8With(kind: KernelKind, file?: string): void {
  if (kind !== chosen.kind || file !== chosen.file) idle.length = 0
  chosen = { kind, ...(file === undefined ? {} : { file }) }
}

export function borrowKernels(): Int8Memory {
  return idle.pop() ?? loadInt8Kernels(chosen.kind, chosen.file)
}

export function loadInt8Kernels(kind: KernelKind, file?: string): Int8Memory {
  const kernels = loadKernels<Int8Kernels>({ initialPages: 1 })
  const native = kind === 'native' ? loadNative('int8', file) : undefined
  return native ? { ...kernels, ...withNative(kernels.memory, kernels.exports, native) } : kernels
}

export function returnKernels(kernels: Int8Memory): void {
  idle.push(kernels)
}

/** Grows the memory to hold `bytes` from address 0. */
export function reserve({ memory, rebind }: Int8Memory, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength
  if (missing <= 0) return
  memory.grow(Math.ceil(missing / wasmPageBytes))
  rebind?.()
}
