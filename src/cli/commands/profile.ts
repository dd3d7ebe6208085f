import {
  batteryDays,
  defaultBudget,
  hints,
  listDevices,
  loadTarget,
  predict,
  remedies,
  runtimesOn,
  shortfalls,
  smallestTarget,
  type Target,
} from '../../device/index.ts'
import { countGraph } from '../../graph/count.ts'
import type { Graph } from '../../graph/graph.ts'
import { layersOf } from '../../report/index.ts'
import { usageError } from '../../util/errors.ts'
import { dutyOf } from '../battery.ts'
import { type ModelFile, readModelFile, readStructureFile } from '../model-file.ts'
import { print, printJson, tableStyle } from '../output.ts'
import { profileText } from '../profile-text.ts'
import type { Run } from '../run.ts'

/** Of one network: what stands in the JSON document beside `schemaVersion`. */
export type Profile = {
  readonly model: string
  readonly targets: readonly TargetProfile[]
  readonly dtype: string
  readonly macs: number
  readonly params: number
  /** the smallest listed board (least RAM, then least flash) that holds it */
  readonly smallest: string | null
}
export type TargetProfile = ReturnType<typeof profileOn>

/** `tinyfront profile MODEL.tflite | --graph FILE.json [--device all|LIST]`: what any int8 model costs on boards, and what would make it cheaper. */
export const runProfile: Run = async ([file], options) => {
  const { name, graph, dtype } = modelOf(file, options.graph as string | undefined)
  const asked = (options.device as string[] | undefined) ?? ['all']
  const targets = (asked.includes('all') ? listDevices().map((d) => d.id) : asked).map((spec) => loadTarget(spec))
  const rows = targets.map((target) => profileOn(graph, target, options))
  const listed = listDevices().map((d) => loadTarget(d.id))
  const smallest = smallestTarget(graph, listed)?.target.id ?? null
  const profile: Profile = { model: name, targets: rows, dtype, ...countGraph(graph), smallest }
  if (options.json) printJson({ schemaVersion: 1, ...profile })
  else print(profileText(profile, targets.length === 1 ? layersOf(graph, targets[0]!).layers : null, tableStyle()))
  return 0
}

function modelOf(file: string | undefined, structure: string | undefined): ModelFile {
  if (file !== undefined && structure !== undefined)
    throw usageError(`two models given: ${file} and --graph ${structure}`, 'pass one of them')
  if (structure !== undefined) return readStructureFile(structure)
  if (file === undefined) throw usageError('no model given', 'pass a MODEL.tflite, or --graph FILE.json with its layers')
  return readModelFile(file)
}

/** Keys of the documented contract first, in its order; what follows may grow. */
function profileOn(graph: Graph, target: Target, options: Record<string, unknown>) {
  const { reserveRam, reserveFlash } = options as { reserveRam?: number; reserveFlash?: number }
  const budget = defaultBudget(target, {
    ...(reserveRam === undefined ? {} : { reserveRam }),
    ...(reserveFlash === undefined ? {} : { reserveFlash }),
  })
  const { perOp, calibrated, ...cost } = predict(graph, target)
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
    ramMap: layersOf(graph, target).ramMap,
    ...(duty ? { batteryDays: batteryDays({ ...cost, calibrated }, duty) } : {}),
  }
}
