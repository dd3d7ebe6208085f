import { type Graph, inputShape } from '../graph/graph.ts'
import { scaledWidths, withInput } from '../graph/widths.ts'
import { type Budget, type Cost, totalViolation, violations } from './cost.ts'
import { price } from './predict.ts'
import type { Target } from './schema.ts'
import { shortfalls } from './what-if.ts'

/** A way to make a network fit that does not, with the price it then has. */
export type Remedy =
  /** the bare part would hold it: the firmware may take this much at most */
  | { readonly kind: 'reserve'; readonly reserveRamBytes: number; readonly reserveFlashBytes: number; readonly cost: Cost }
  /** another runtime on the same board */
  | { readonly kind: 'runtime'; readonly target: string; readonly cost: Cost }
  /** all free widths times this factor, in multiples of 4 */
  | { readonly kind: 'width'; readonly factor: number; readonly cost: Cost }
  /** a smaller picture: square inputs of one or three channels only */
  | { readonly kind: 'input'; readonly side: number; readonly cost: Cost }

const steps = 32

/** What would make the network fit on this board, least change to the network first; empty where it fits or nothing helps. */
export function remedies(graph: Graph, target: Target, budget: Budget, sameBoard: readonly Target[] = []): Remedy[] {
  const fits = (cost: Cost, within: Budget): boolean => totalViolation(violations(cost, within)) === 0
  const cost = price(graph, target)
  if (fits(cost, budget)) return []
  const { device } = target
  const found: Remedy[] = []
  const short = shortfalls(cost, target, budget)
  if (short.every((s) => s.fitsWithoutReserve === true))
    found.push({
      kind: 'reserve',
      reserveRamBytes: Math.min(device.ramBytes - budget.ramBytes, device.ramBytes - cost.ramBytes),
      reserveFlashBytes: Math.min(device.flashBytes - budget.flashBytes, device.flashBytes - cost.flashBytes),
      cost,
    })
  const others = sameBoard.flatMap((t) => {
    const there = price(graph, t)
    return t.id !== target.id && fits(there, budget) ? [{ kind: 'runtime' as const, target: t.id, cost: there }] : []
  })
  const fastest = others.sort((a, b) => a.cost.latencyMs - b.cost.latencyMs)[0]
  if (fastest) found.push(fastest)
  const width = first(range(steps - 1, 1), (n) => scaledWidths(graph, n / steps))
  if (width) found.push({ kind: 'width', factor: width.n / steps, cost: width.cost })
  const [h, w, c] = inputShape(graph)
  const eighths = h === w && (c === 1 || c === 3) ? range(Math.ceil(h / 8) - 1, Math.max(2, Math.ceil(h / 32))) : []
  const side = first(eighths, (n) => withInput(graph, 8 * n, 8 * n))
  if (side) found.push({ kind: 'input', side: 8 * side.n, cost: side.cost })
  return found

  function first(candidates: readonly number[], change: (n: number) => Graph | undefined): { n: number; cost: Cost } | undefined {
    for (const n of candidates) {
      const changed = change(n)
      const there = changed && price(changed, target)
      if (there && fits(there, budget)) return { n, cost: there }
    }
    return undefined
  }
}

/** From the largest down. */
const range = (from: number, to: number): number[] => Array.from({ length: Math.max(0, from - to + 1) }, (_, i) => from - i)
