import type { Graph } from '../graph/graph.ts'
import { type Budget, type Cost, totalViolation, violations } from './cost.ts'
import { defaultBudget, price } from './predict.ts'
import type { Target } from './schema.ts'

export type Resource = 'ram' | 'flash' | 'latency' | 'energy'
/** What a network may lack: a resource, or a runtime that runs its layers with weights in 4 bits. */
export type Lack = Resource | 'int4' | 'mapping'

/** One bound that a network breaks: `need` and `have` in bytes, milliseconds, microjoules or layers, `over` as a share of the bound. */
export type Shortfall = {
  readonly resource: Lack
  readonly need: number
  readonly have: number
  readonly over: number
  /** latency only: the clock with which the same network would meet the bound, and whether the part can run at it is for the reader to judge */
  readonly clockMhz?: number
  /** RAM and flash only: whether the bare part, without the firmware's reserve, would hold it */
  readonly fitsWithoutReserve?: boolean
}

/** What keeps a network from fitting, worst first; empty = it fits. */
export function shortfalls(cost: Cost, target: Target, budget: Budget): Shortfall[] {
  const { device } = target
  const v = violations(cost, budget)
  const found: Shortfall[] = []
  if (v.ram > 0)
    found.push({
      resource: 'ram',
      need: cost.ramBytes,
      have: budget.ramBytes,
      over: v.ram,
      fitsWithoutReserve: cost.ramBytes <= device.ramBytes,
    })
  if (v.flash > 0)
    found.push({
      resource: 'flash',
      need: cost.flashBytes,
      have: budget.flashBytes,
      over: v.flash,
      fitsWithoutReserve: cost.flashBytes <= device.flashBytes,
    })
  if (v.latency > 0)
    found.push({
      resource: 'latency',
      need: cost.latencyMs,
      have: budget.latencyMs!,
      over: v.latency,
      clockMhz: device.clockMhz * (1 + v.latency),
    })
  if (v.energy > 0) found.push({ resource: 'energy', need: cost.energyUj!, have: budget.energyUj!, over: v.energy })
  const { unsupportedLayers: narrow = 0, refusedOps: refused = 0 } = cost
  if (narrow > 0) found.push({ resource: 'int4', need: narrow, have: 0, over: narrow })
  if (refused > 0) found.push({ resource: 'mapping', need: refused, have: 0, over: refused })
  return found.sort((a, b) => b.over - a.over)
}

/** What a board must leave a network besides its memory, and what firmware takes of it where that is not the board's own reserve. */
export type Demands = {
  readonly latencyMs?: number | undefined
  readonly energyUj?: number | undefined
  readonly reserveRam?: number | undefined
  readonly reserveFlash?: number | undefined
}
export type Holder = { readonly target: Target; readonly cost: Cost }

/** The smallest of the targets (least RAM, then least flash, then the slowest clock) that holds the network and meets the demands. */
export const smallestTarget = (graph: Graph, targets: readonly Target[], demands: Demands = {}): Holder | undefined =>
  firstThatHolds(graph, [...targets].sort(bySize), demands)

/** The cheapest of the targets whose device has a price, of equal ones the smallest. Boards without one are left out: nothing is known of them. */
export const cheapestTarget = (graph: Graph, targets: readonly Target[], demands: Demands = {}): Holder | undefined =>
  firstThatHolds(
    graph,
    targets.filter((t) => t.device.price !== undefined).sort((a, b) => a.device.price! - b.device.price! || bySize(a, b)),
    demands,
  )

const bySize = ({ device: a, id }: Target, { device: b, id: other }: Target): number =>
  a.ramBytes - b.ramBytes || a.flashBytes - b.flashBytes || a.clockMhz - b.clockMhz || (id < other ? -1 : 1)

function firstThatHolds(graph: Graph, targets: readonly Target[], demands: Demands): Holder | undefined {
  for (const target of targets) {
    const cost = price(graph, target)
    if (demands.energyUj !== undefined && cost.energyUj === null) continue // nobody knows whether it meets them
    if (totalViolation(violations(cost, budgetUnder(target, demands))) === 0) return { target, cost }
  }
  return undefined
}

/** What a network may cost on a target that must meet the demands. */
export function budgetUnder(target: Target, { latencyMs, energyUj, ...reserve }: Demands): Budget {
  return {
    ...defaultBudget(target, reserve),
    ...(latencyMs === undefined ? {} : { latencyMs }),
    ...(energyUj === undefined ? {} : { energyUj }),
  }
}

export type Duty = {
  readonly inferencesPerHour: number
  /** what the board draws between inferences */
  readonly sleepMilliwatts: number
  readonly batteryMilliwattHours: number
  /** drawn besides the network at each inference: sensor, radio */
  readonly otherMicrojoules?: number
}

/** Days that a battery lasts; null where the network's energy is not known. Self-discharge and the battery's ageing are left out. */
export function batteryDays(cost: Cost, duty: Duty): number | null {
  if (cost.energyUj === null) return null
  const microjoulesPerHour = duty.inferencesPerHour * (cost.energyUj + (duty.otherMicrojoules ?? 0))
  // the board cannot sleep while it computes
  const busy = Math.min(1, (duty.inferencesPerHour * cost.latencyMs) / 3.6e6)
  const milliwatts = microjoulesPerHour / 3.6e6 + duty.sleepMilliwatts * (1 - busy)
  return duty.batteryMilliwattHours / milliwatts / 24
}
