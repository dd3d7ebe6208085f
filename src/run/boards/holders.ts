import { listTargets, loadTarget } from '../../device/load.ts'
import type { Target } from '../../device/schema.ts'
import { cheapestTarget, type Demands, type Holder, smallestTarget } from '../../device/what-if.ts'
import type { Graph } from '../../graph/graph.ts'
import type { Bounds } from '../record/options.ts'

/** A board (name, name:runtime or a file) and what it costs. */
export type BoardPrice = readonly [board: string, price: number]
export type PricedBoard = { readonly target: string; readonly price: number }

/** Boards that hold a network; `cheapest` is absent where no board has a price, null where none of those that have one holds it. */
export type Holders = { readonly smallest: Holder | undefined; readonly cheapest?: PricedBoard | null }

/**
 * The smallest listed board that holds a network and meets the demands, and the cheapest of those with a price: from `prices`, from the files of the
 * boards that were asked for, or from listed ones. `as`: how a listed board prices this network.
 */
export function holdersOf(
  graph: Graph,
  asked: readonly Target[],
  demands: Demands,
  prices: readonly BoardPrice[] = [],
  as = (target: Target): Target => target,
): Holders {
  const listed = listTargets().map(as)
  const smallest = smallestTarget(graph, listed, demands)
  const given = prices.map(([spec, price]): Target => {
    const target = as(loadTarget(spec))
    return { ...target, device: { ...target.device, price } }
  })
  const named = new Set(given.map((t) => t.id))
  const priced = [...given, ...[...asked, ...listed].filter((t) => !named.has(t.id))].filter((t) => t.device.price !== undefined)
  if (priced.length === 0) return { smallest }
  const cheapest = cheapestTarget(graph, priced, demands)
  return { smallest, cheapest: cheapest ? { target: cheapest.target.id, price: cheapest.target.device.price! } : null }
}

/** What any board must meet, of the bounds of a command or a study: those on memory belong to the boards they were given for. */
export const demandsOf = (bounds: Bounds): Demands => ({
  latencyMs: bounds.maxLatencyMs,
  energyUj: bounds.maxEnergyUj,
  reserveRam: bounds.reserveRamBytes,
  reserveFlash: bounds.reserveFlashBytes,
})
