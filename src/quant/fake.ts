import type { Op } from '../graph/graph.ts'
import type { QuantParams } from './model.ts'
import { centredBounds } from './site.ts'

/** The values that an int8 tensor can hold: every `step` from `low` to `high`, zero among them; float32 values. */
export type Grid = { readonly low: number; readonly high: number; readonly step: number }

/** The grid of the tensor that `op` makes (undefined: the network's input), its activation function included. */
export function gridOf(op: Op | undefined, params: QuantParams): Grid {
  const [low, high] = op ? centredBounds(op, params) : [-128 - params.zeroPoint, 127 - params.zeroPoint]
  return { low: Math.fround(low * params.scale), high: Math.fround(high * params.scale), step: params.scale }
}
