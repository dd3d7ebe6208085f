import { outputOf } from '../../graph/graph.ts'
import { activationOf, hasWeights, type TrainableKind, type TrainableOp } from '../../graph/traits.ts'
import { createRegions } from './regions.ts'

/** Addresses are byte offsets into the gradient pool. */
export type BackwardStep =
  /** Operator `op`, from the gradient of its output to that of its input (-1: nobody wants it). */
  | {
      readonly kind: 'operator'
      readonly op: number
      readonly dy: number
      readonly dx: number
      /** The reader already summed this layer's batch-norm gradients. */
      readonly reduced: boolean
    }
  /** A product: from the gradient of its output to those of its factors (-1: nobody wants it). */
  | { readonly kind: 'product'; readonly op: number; readonly dy: number; readonly da: number; readonly db: number }
  /** The activation of an addition or a product, in place or not. */
  | { readonly kind: 'mask'; readonly op: number; readonly dy: number; readonly dx: number }
  /** Two gradients of one tensor: to = a + b; a = to: in place. */
  | { readonly kind: 'sum'; readonly tensor: number; readonly a: number; readonly b: number; readonly to: number }

export type BackwardPlan = {
  readonly steps: readonly BackwardStep[]
  readonly bytes: number
  /** Where the gradient of the logits is expected. */
  readonly start: number
}

type Slot = { readonly at: number; readonly bytes: number; owners: number }

/**
 * The order of the backward pass and where each gradient lies while it is alive. An addition hands its own gradient to both sides without
 * copying; who must change a shared gradient makes its own.
 * `bytes[t]`: size of tensor t's gradient. `folded[t]`: its one reader, if it is a layer, also sums the batch-norm gradients of the layer that made it.
 */
export function planBackward(
  ops: readonly TrainableOp[],
  logits: number,
  bytes: readonly number[],
  folded: readonly boolean[],
): BackwardPlan {
  const pool = createRegions()
  const wanted = wantedGradients(ops)
  const gradients: Slot[][] = bytes.map(() => [])
  const steps: BackwardStep[] = []
  const make = (t: number): Slot => ({ at: pool.take(bytes[t]!), bytes: bytes[t]!, owners: 1 })
  const release = (slot: Slot) => {
    if (--slot.owners === 0) pool.give(slot.at, slot.bytes)
  }
  const first = make(logits)
  gradients[logits]!.push(first)

  for (let i = ops.length - 1; i >= 0; i--) {
    const op = ops[i]!
    const t = outputOf(i)
    if (gradients[t]!.length === 0) continue
    let slot = merge(t)
    const rule = rules[op.kind]
    if (rule !== 'operator' && activationOf(op) !== 'none') {
      const masked = slot.owners === 1 ? slot : make(t)
      steps.push({ kind: 'mask', op: i, dy: slot.at, dx: masked.at })
      if (masked !== slot) release(slot)
      slot = masked
    }
    if (rule === 'shared') {
      for (const input of op.inputs)
        if (wanted[input]) {
          slot.owners++
          gradients[input]!.push(slot)
        }
    } else if (rule === 'product') {
      const [a, b] = op.inputs as readonly [number, number]
      const [da, db] = [a, b].map((input) => (wanted[input] ? make(input) : undefined))
      if (da || db) steps.push({ kind: 'product', op: i, dy: slot.at, da: da?.at ?? -1, db: db?.at ?? -1 })
      if (da) gradients[a]!.push(da)
      if (db) gradients[b]!.push(db)
    } else {
      const input = op.inputs[0]!
      const dx = wanted[input] ? make(input) : undefined
      const reduced = folded[t]! && ops.some((reader) => hasWeights(reader) && reader.inputs.some((input) => input === t))
      if (dx || hasWeights(op)) steps.push({ kind: 'operator', op: i, dy: slot.at, dx: dx?.at ?? -1, reduced })
      if (dx) gradients[input]!.push(dx)
    }
    release(slot)
  }
  return { steps, bytes: pool.end, start: first.at }

  function merge(t: number): Slot {
    const [one, ...others] = [...gradients[t]!].sort((a, b) => a.owners - b.owners)
    return others.reduce((a, b) => {
      const to = a.owners === 1 ? a : make(t)
      steps.push({ kind: 'sum', tensor: t, a: a.at, b: b.at, to: to.at })
      release(b)
      if (to !== a) release(a)
      return to
    }, one!)
  }
}

/** How a gradient passes: to both sides as it is, to both factors in one step, or to the first input by the operator's own kernel (its activation too). */
const rules: Readonly<Record<TrainableKind, 'shared' | 'product' | 'operator'>> = {
  conv2d: 'operator',
  depthwise: 'operator',
  dense: 'operator',
  add: 'shared',
  mul: 'product',
  averagePool: 'operator',
  maxPool: 'operator',
  mean: 'operator',
  hardSwish: 'operator',
}

/** A tensor's gradient is wanted where weights lie somewhere before it. */
function wantedGradients(ops: readonly TrainableOp[]): readonly boolean[] {
  const wanted = [false]
  for (const op of ops) wanted.push(hasWeights(op) || op.inputs.some((t) => wanted[t]))
  return wanted
}
