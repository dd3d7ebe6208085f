import type { Op } from '../../graph/graph.ts'
import { hasBatchNorm } from '../../graph/traits.ts'
import type { Matrix } from './sizes.ts'

/** Offsets in bytes into each of the equally laid out vectors: parameters, gradients, the optimizer's two moments. */
export type Offsets = {
  readonly kernel: number
  /** Absent on dense layers, whose `beta` is the bias. */
  readonly gamma: number | undefined
  readonly beta: number
}

/** Kernels come first: weight decay touches them only. */
export function placeParameters(
  ops: readonly Op[],
  matrices: ReadonlyMap<number, Matrix>,
): { readonly offsets: ReadonlyMap<number, Offsets>; readonly kernelFloats: number; readonly floats: number } {
  let floats = 0
  const next = (n: number): number => {
    floats += n
    return 4 * (floats - n)
  }
  const kernels = new Map([...matrices].map(([i, { kernelFloats }]) => [i, next(kernelFloats)]))
  const kernelFloats = floats
  const offsets = new Map(
    [...matrices].map(([i, { N }]) => {
      const gamma = hasBatchNorm(ops[i]!) ? next(N) : undefined
      return [i, { kernel: kernels.get(i)!, gamma, beta: next(N) }] as const
    }),
  )
  return { offsets, kernelFloats, floats }
}
