import type { OpKind } from './graph.ts'

/** `cmsis-nn`: plain C (Cortex-M0+, M3, no DSP extension); `-dsp`: Cortex-M4/M7/M33; `-mve`: Cortex-M55/M85 (Helium). */
export type KernelSet = 'reference' | 'cmsis-nn' | 'cmsis-nn-dsp' | 'cmsis-nn-mve'
/** `arm`: bare-metal AAPCS with short enums; `32`: other 32-bit targets (RISC-V, Xtensa, i386); `64`: x86-64. */
export type AbiName = 'arm' | '32' | '64'

/**
 * Sizes in bytes of the structures TFLite-Micro keeps in its arena (commit 90b983c2, August 2026), by ABI. `options` are the parsed operator
 * options [size, alignment], `user` what an operator's Init allocates with reference kernels. Checked against `arena_used_bytes()` of six builds.
 */
export type Abi = {
  /** the four allocator objects that every arena begins with */
  readonly objects: readonly number[]
  readonly subgraph: number
  readonly evalTensor: number
  readonly node: number
  readonly tensor: number
  readonly affine: number
  readonly pointer: number
  readonly scratchHandle: number
  readonly scratchRequest: number
  readonly allocationInfo: number
  readonly options: { readonly [K in OpKind]: readonly [size: number, align: number] }
  readonly user: { readonly [K in OpKind]: number }
}

const options32 = {
  conv2d: [28, 4],
  depthwise: [28, 4],
  dense: [16, 4],
  add: [8, 4],
  mul: [4, 4],
  averagePool: [40, 4],
  maxPool: [40, 4],
  mean: [1, 1],
  softmax: [4, 4],
  reshape: [36, 4],
  pad: [0, 1],
  concat: [8, 4],
  quantize: [0, 1],
  hardSwish: [0, 1],
} as const

const user32 = {
  conv2d: 56,
  depthwise: 56,
  dense: 48,
  add: 60,
  mul: 36,
  averagePool: 32,
  maxPool: 32,
  mean: 44,
  softmax: 56,
  reshape: 0,
  pad: 56,
  concat: 24,
  quantize: 24,
  hardSwish: 20,
} as const

const abi32: Abi = {
  objects: [36, 44, 36, 8],
  subgraph: 8,
  evalTensor: 12,
  node: 32,
  tensor: 40,
  affine: 12,
  pointer: 4,
  scratchHandle: 4,
  scratchRequest: 12,
  allocationInfo: 24,
  options: options32,
  user: user32,
}

export const abis: { readonly [A in AbiName]: Abi } = {
  '32': abi32,
  // short enums shrink TfLiteTensor and some option structures
  arm: {
    ...abi32,
    tensor: 32,
    options: { ...options32, dense: [5, 1], add: [2, 1], mul: [1, 1] },
    user: { ...user32, quantize: 32 },
  },
  '64': {
    objects: [72, 72, 72, 16],
    subgraph: 16,
    evalTensor: 24,
    node: 64,
    tensor: 64,
    affine: 24,
    pointer: 8,
    scratchHandle: 8,
    scratchRequest: 16,
    allocationInfo: 32,
    options: options32,
    user: { ...user32, conv2d: 72, depthwise: 72, dense: 64, softmax: 80, concat: 40, quantize: 32 },
  },
}

const up = (n: number, align: number): number => (n + align - 1) & -align

/** What CMSIS-NN's Init keeps more than the reference kernels': bytes, and bytes of pointers; `up`: the sum is rounded up to a pointer. */
const cmsisUser: Readonly<Record<OpKind, { readonly bytes: number; readonly pointers?: number; readonly up?: true }>> = {
  conv2d: { bytes: 4, up: true },
  depthwise: { bytes: 4, up: true },
  dense: { bytes: 20, pointers: 1, up: true },
  add: { bytes: 0 },
  mul: { bytes: 0 },
  averagePool: { bytes: 4 },
  maxPool: { bytes: 4 },
  mean: { bytes: 0 },
  softmax: { bytes: 8, up: true },
  reshape: { bytes: 0 },
  pad: { bytes: 0 },
  concat: { bytes: 0 },
  quantize: { bytes: 0 },
  hardSwish: { bytes: 0 },
}

/** What an operator's Init allocates. */
function userBytes(kind: OpKind, abi: Abi, kernels: KernelSet): number {
  const base = abi.user[kind]
  if (kernels === 'reference') return base
  const { bytes, pointers = 0, up: rounds } = cmsisUser[kind]
  const sum = base + bytes + pointers * abi.pointer
  return rounds ? up(sum, abi.pointer) : sum
}

/** Bytes of every operator's Init, by ABI and kernel set. */
export type ArenaTables = Readonly<Record<OpKind, number>>
const kernelSets = ['reference', 'cmsis-nn', 'cmsis-nn-dsp', 'cmsis-nn-mve'] as const
export const arenaTables = Object.fromEntries(
  Object.entries(abis).map(([name, abi]) => [
    name,
    Object.fromEntries(
      kernelSets.map((kernels) => [
        kernels,
        Object.fromEntries(Object.keys(user32).map((kind) => [kind, userBytes(kind as OpKind, abi, kernels)])),
      ]),
    ),
  ]),
) as Readonly<Record<AbiName, Readonly<Record<KernelSet, ArenaTables>>>>
