/** Price of one operator on one target. */
export type OpCost = {
  readonly latencyMs: number
  readonly macs: number
  readonly weightBytes: number
  readonly scratchBytes: number
}

/**
 * Price of a network on one target. Latency carries a 90 % interval; `calibrated` says whether measurements of this very target stand behind it
 * (otherwise it comes from the core's and runtime's prior, and the interval is wider). Energy is null where no measured power is known.
 */
export type Cost = {
  readonly latencyMs: number
  readonly latencyLowMs: number
  readonly latencyHighMs: number
  readonly ramBytes: number
  readonly flashBytes: number
  readonly energyUj: number | null
  /** 90 % interval: that of the latency and that of the power, both at their ends. Absent where energy is not known, and in journals of earlier versions. */
  readonly energyLowUj?: number
  readonly energyHighUj?: number
  readonly calibrated: boolean
  /** Layers with weights in 4 bits on a runtime that cannot run them; absent = none. */
  readonly unsupportedLayers?: number
  /** Operators that do not map to an accelerator whose compiler refuses such a network; absent = none. */
  readonly refusedOps?: number
}

/** What a network may cost on a target. Absent = unbounded. RAM and flash default to the device's capacity less its reserve. */
export type Budget = {
  readonly ramBytes: number
  readonly flashBytes: number
  readonly latencyMs?: number
  readonly energyUj?: number
}

/** Relative excess over each bound: 0.25 = 25 % over, feasible when all are <= 0. */
export type Violations = {
  readonly ram: number
  readonly flash: number
  readonly latency: number
  readonly energy: number
  /** layers that the runtime cannot run: each is as bad as a resource twice over */
  readonly layers: number
}

export function violations(cost: Cost, budget: Budget): Violations {
  // where firmware leaves nothing, every byte is too much
  const over = (value: number, bound: number | undefined) =>
    bound === undefined ? Number.NEGATIVE_INFINITY : bound > 0 ? value / bound - 1 : value
  return {
    ram: over(cost.ramBytes, budget.ramBytes),
    flash: over(cost.flashBytes, budget.flashBytes),
    latency: over(cost.latencyMs, budget.latencyMs),
    energy: cost.energyUj === null ? Number.NEGATIVE_INFINITY : over(cost.energyUj, budget.energyUj),
    layers: (cost.unsupportedLayers ?? 0) + (cost.refusedOps ?? 0),
  }
}

/** Sum of the positive excesses: 0 = feasible. The number that constraint domination compares (Deb 2000). */
export const totalViolation = (v: Violations): number =>
  Math.max(0, v.ram) + Math.max(0, v.flash) + Math.max(0, v.latency) + Math.max(0, v.energy) + v.layers
