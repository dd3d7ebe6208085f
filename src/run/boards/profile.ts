import { mapOperators, summarise } from '../../device/accelerator/mapping.ts'
import type { Region } from '../../device/accelerator/schema.ts'
import { forGivenFile } from '../../device/given-file.ts'
import { hints } from '../../device/hints.ts'
import { type BoardSpec, listTargets, loadTarget, runtimesOn } from '../../device/load.ts'
import { checkPower, hasPower, type Supply, withSupply } from '../../device/power.ts'
import { modelBytes, predict } from '../../device/predict.ts'
import { remedies } from '../../device/remedies.ts'
import type { Target } from '../../device/schema.ts'
import { batteryDays, budgetUnder, type Duty, shortfalls } from '../../device/what-if.ts'
import { countGraph } from '../../graph/count.ts'
import type { Graph } from '../../graph/graph.ts'
import { layersOf } from '../../report/layers.ts'
import type { Bounds } from '../record/options.ts'
import { type BoardPrice, demandsOf, holdersOf, type PricedBoard } from './holders.ts'
import type { ModelFile } from './model-file.ts'

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

export type ProfileOptions = Bounds & {
  /** Boards: name, name:runtime or a device file; `all` or nothing = every listed one. */
  readonly targets?: readonly BoardSpec[]
  /** What boards cost, to name the cheapest. */
  readonly price?: readonly BoardPrice[]
  /** How the network would be used, for battery life. */
  readonly duty?: Duty
  /** What the boards are fed with; default: as their power was measured. */
  readonly supply?: Supply
}

/**
 * What a network costs on boards, which operator dominates, why it does not fit and what would mend that.
 *
 * ```ts
 * const { targets, smallest } = profile(readModelFile('model.tflite'), { targets: ['rp2040'], maxLatencyMs: 50 })
 * ```
 * @throws TinyfrontError for an unknown board, or for one without a power figure under a bound on energy.
 */
export function profile({ name, graph, dtype, bytes }: ModelFile, options: ProfileOptions = {}): Profile {
  const as = (target: Target) => withSupply(forGivenFile(target, graph, bytes), options.supply)
  const targets = profileTargets(options.targets, options.maxEnergyUj).map(as)
  const rows = targets.map((target) => profileOn(graph, target, options, as, bytes))
  const { smallest, ...priced } = holdersOf(graph, targets, demandsOf(options), options.price, as)
  return { model: name, targets: rows, dtype, ...countGraph(graph), smallest: smallest?.target.id ?? null, ...priced }
}

/** The boards that a profile is of. A bound on energy leaves out listed boards of which none is known, and refuses one that was asked for. */
export function profileTargets(specs: readonly BoardSpec[] = ['all'], maxEnergyUj?: number): readonly Target[] {
  const all = specs.includes('all')
  const targets = all ? listTargets() : specs.map((spec) => loadTarget(spec))
  if (maxEnergyUj === undefined) return targets
  if (all) return targets.filter(hasPower)
  checkPower(targets, '--max-energy')
  return targets
}

/** Keys of the documented contract first, in its order; what follows may grow. */
function profileOn(
  graph: Graph,
  target: Target,
  { duty, ...bounds }: ProfileOptions,
  as: (target: Target) => Target,
  fileBytes: number | undefined,
) {
  const budget = budgetUnder(target, demandsOf(bounds))
  const prediction = predict(graph, target)
  const { perOp, calibrated, ...cost } = prediction
  const missing = shortfalls({ ...cost, calibrated }, target, budget)
  const total = perOp.reduce((sum, op) => sum + op.latencyMs, 0)
  const { accelerator } = target.runtime
  const mapped = accelerator && mapOperators(graph, accelerator)
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
    ...(cost.energyLowUj === undefined ? {} : { energyLowUj: cost.energyLowUj, energyHighUj: cost.energyHighUj }),
    perOp: perOp.map((op, i) => ({ index: i, kind: graph.ops[i]!.kind, ...op, ...(mapped ? { mapping: mapped[i]! } : {}) })),
    budget,
    shortfalls: missing,
    remedies: missing.length > 0 ? remedies(graph, target, budget, runtimesOn(target.device).map(as)) : [],
    hints: hints(graph, target),
    dearest: { index: dearest, kind: graph.ops[dearest]!.kind, share: total > 0 ? perOp[dearest]!.latencyMs / total : 0 },
    ramMap: layersOf(graph, target, prediction).ramMap,
    model: modelIn(graph, target, fileBytes),
    ...(accelerator
      ? {
          accelerator: {
            name: accelerator.name,
            compiler: accelerator.compiler,
            fallback: accelerator.fallback,
            ...summarise(graph, accelerator),
          },
        }
      : {}),
    ...(accelerator ? { regions: regionsOf(target, cost.ramBytes, cost.flashBytes) } : {}),
    runtime: target.runtime.name,
    ...(target.runtime.firmware ? { firmware: target.runtime.firmware } : {}),
    ...(duty ? { batteryDays: batteryDays({ ...cost, calibrated }, duty) } : {}),
  }
}

/** What of the network lies in flash: a given file as it is, the file that we would write, or the constants that a code generator takes out of either. */
function modelIn(graph: Graph, target: Target, fileBytes: number | undefined) {
  if (target.runtime.modelFile !== 'tflite') return { bytes: modelBytes(graph, target), of: 'constants' } as const
  if (fileBytes === undefined) return { bytes: modelBytes(graph, target), of: 'file as tinyfront writes it' } as const
  return { bytes: fileBytes, of: 'given file' } as const
}

type UsedRegion = Pick<Region, 'name' | 'holds' | 'bytes'> & { readonly usedBytes: number }

/** Memory by region: those of the accelerator's own, else RAM and flash of the device. */
function regionsOf({ device, runtime }: Target, ramBytes: number, flashBytes: number): UsedRegion[] {
  const own = runtime.accelerator?.regions ?? []
  const of = (holds: Region['holds'], bytes: number, usedBytes: number): UsedRegion => {
    const region = own.find((r) => r.holds === holds)
    const name = region?.name ?? (holds === 'activations' ? 'RAM' : 'flash')
    return { name, holds, bytes: region?.bytes ?? bytes, usedBytes }
  }
  return [of('activations', device.ramBytes, ramBytes), of('weights', device.flashBytes, flashBytes)]
}
