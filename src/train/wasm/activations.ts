import type { Graph } from '../../graph/graph.ts'
import { activationOf } from '../../graph/traits.ts'
import { gridOf } from '../../quant/fake.ts'
import type { QuantParams } from '../../quant/model.ts'
import { activationCode } from './sizes.ts'

/** What kernels do to the values of each tensor as they are made: a code, or the address of a grid (`assembly/float/simd.ts`). */
export type Activations = {
  readonly of: readonly number[]
  /** Contents of the grids and where they belong; undefined in float. */
  readonly grids: { readonly at: number; readonly values: Float32Array } | undefined
}

/** `take` finds room for floats. */
export function planActivations(
  { ops, shapes }: Graph,
  fakeInt8: readonly QuantParams[] | undefined,
  take: (floats: number) => number,
): Activations {
  const made = (t: number) => ops[t - 1]
  if (!fakeInt8)
    return {
      of: shapes.map((_, t) => activationCode(activationOf(made(t)))),
      grids: undefined,
    }
  const at = take(4 * shapes.length)
  const values = Float32Array.from(
    shapes.flatMap((_, t) => {
      const { low, high, step } = gridOf(made(t), fakeInt8[t]!)
      return [low, high, 1 / step, step]
    }),
  )
  return { of: shapes.map((_, t) => at + 16 * t), grids: { at, values } }
}
