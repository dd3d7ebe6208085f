import type { Op, Shape } from '../graph/graph.ts'
import { activationOf } from '../graph/traits.ts'
import { activationBounds } from './arithmetic.ts'
import type { Int8Kernels } from './kernels.ts'
import type { LayerParams, QuantParams, RoundingMode } from './model.ts'

/** Runs one operator for the first `count` examples of the batch. */
export type Step = (count: number) => void

/** Collects constants before the memory that will hold them has its final size. */
export function constantsWriter(start: number) {
  let end = start
  const parts: { readonly at: number; readonly bytes: Uint8Array }[] = []
  return {
    /** Address of a copy of `values`. */
    put(values: Int16Array | Int32Array): number {
      const at = end
      parts.push({ at, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) })
      end += Math.ceil(values.byteLength / 16) * 16
      return at
    },
    end: () => end,
    write(buffer: ArrayBuffer): void {
      for (const { at, bytes } of parts) new Uint8Array(buffer, at, bytes.length).set(bytes)
    },
  }
}
export type Constants = ReturnType<typeof constantsWriter>

/** Surroundings of one operator: shapes, parameters and addresses of its tensors and scratch. */
export type Site = {
  readonly shapes: readonly Shape[]
  readonly params: readonly QuantParams[]
  readonly x: readonly number[]
  readonly shape: Shape
  readonly output: QuantParams
  readonly y: number
  readonly repeated: number
  readonly framed: number
  readonly layer: LayerParams | undefined
  readonly mode: RoundingMode
  readonly batch: number
  readonly kernels: Int8Kernels
  readonly constants: Constants
  readonly memory: () => ArrayBuffer
}

/** Bounds of the activation function on values less the zero point. */
export function centredBounds(op: Op, output: QuantParams): [number, number] {
  const [low, high] = activationBounds(activationOf(op), output)
  return [low - output.zeroPoint, high - output.zeroPoint]
}
