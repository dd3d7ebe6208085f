import { hints } from '../device/hints.ts'
import { runtimesOn } from '../device/load.ts'
import { predict } from '../device/predict.ts'
import { remedies } from '../device/remedies.ts'
import type { Target } from '../device/schema.ts'
import { batteryDays, budgetUnder, shortfalls } from '../device/what-if.ts'
import type { Graph } from '../graph/graph.ts'
import { layersOf } from '../report/layers.ts'
import { dutyOf } from './battery.ts'
import { boundsOf } from './bounds.ts'
import { demandsOf, type PricedBoard } from './holders.ts'

/** Of one network: what stands in the JSON document beside `schemaVersion`. */
export type Profile = {
  readonly model: string
  readonly targets: readonly TargetProfile[]
  readonly dtype: string
  readonly macs: number
  readonly params: number
  /** the smallest listed board (least RAM, then least flash, then the slowest) that holds it and meets the bounds */
  readonly smallest: string | null
  /** the cheapest of the boards that have a price; absent where none has */
  readonly cheapest?: PricedBoard | null
}
export type TargetProfile = ReturnType<typeof profileOn>

/** Keys of the documented contract first, in its order; what follows may grow. */
export function profileOn(graph: Graph, target: Target, options: Record<string, unknown>) {
  const budget = budgetUnder(target, demandsOf(boundsOf(options)))
  const prediction = predict(graph, target)
  const { perOp, calibrated, ...cost } = prediction
  const missing = shortfalls({ ...cost, calibrated }, target, budget)
  const duty = dutyOf(options)
  const total = perOp.reduce((sum, op) => sum + op.latencyMs, 0)
  const dearest = perOp.reduce((best, op, i) => (op.latencyMs > perOp[best]!.latencyMs ? i : best), 0)
  return {
    target: target.id,
    fits: missing.length === 0,
    latencyMs: cost.latencyMs,
    latencyLowMs: cost.latencyLowMs,
    latencyHighMs: cost.latencyHighMs,
    calibrated,
    rows: target.latency.rows,
    ramBytes: cost.ramBytes,
    flashBytes: cost.flashBytes,
    energyUj: cost.energyUj,
    perOp: perOp.map((op, i) => ({ index: i, kind: graph.ops[i]!.kind, ...op })),
    budget,
    shortfalls: missing,
    remedies: missing.length > 0 ? remedies(graph, target, budget, runtimesOn(target.device)) : [],
    hints: hints(graph, target),
    dearest: { index: dearest, kind: graph.ops[dearest]!.kind, share: total > 0 ? perOp[dearest]!.latencyMs / total : 0 },
    ramMap: layersOf(graph, target, prediction).ramMap,
    ...(duty ? { batteryDays: batteryDays({ ...cost, calibrated }, duty) } : {}),
  }
}
