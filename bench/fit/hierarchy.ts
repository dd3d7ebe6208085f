import { pulls } from '../../src/device/calibrate.ts'
import { dot, fitNonNegative, relative } from '../../src/device/nnls.ts'
import { termGroups } from '../../src/device/terms.ts'
import { type Formula, groupSums } from './formulas.ts'
import type { ModelRow } from './rows.ts'

/** Scale factors by term group. */
export type Scales = Float64Array

export type Level = {
  readonly scales: Scales
  readonly rows: number
  readonly models: number
  readonly devices: readonly string[]
}

export type Hierarchy = {
  readonly kernels: ReadonlyMap<string, Level>
  readonly runtimes: ReadonlyMap<string, Level>
  readonly cores: ReadonlyMap<string, Level>
  readonly targets: ReadonlyMap<string, Level>
}

/** Formula whose groups a row's factors multiply. */
export function formulaName(runtime: string, core: string): string {
  const mve = core === 'cortex-m55' || core === 'cortex-m85'
  const plain = core === 'cortex-m0plus'
  switch (runtime) {
    case 'tflm-reference':
      return 'reference'
    case 'tflm-esp-nn':
      return core === 'xtensa-lx7' || core === 'riscv-rv32imafc' ? 'cmsis-nn-mve' : 'own'
    case 'tflm-cmsis-nn':
      return mve ? 'cmsis-nn-mve' : plain ? 'cmsis-nn' : core === 'cortex-m33' ? 'cmsis-nn-dsp.stm32l552' : 'cmsis-nn-dsp'
    default:
      return 'cmsis-nn-dsp'
  }
}

/**
 * Cycles on a core relative to the Cortex-M4 for the same instructions, as CMSIS-NN needs them: M7 from three boards against STM32L4R5, M33
 * from STM32L552 against STM32F446 (cycles per instruction 1.36 and 1.67), M55 scalar code from Apollo510; M85 is a guess beside the M7.
 * Formulas borrowed from the M4 are multiplied by it, so that a core on which a runtime was never measured starts from a sane place.
 */
const speeds: Readonly<Record<string, number>> = { 'cortex-m7': 0.62, 'cortex-m33': 0.81, 'cortex-m55': 0.64, 'cortex-m85': 0.55 }
export const coreSpeed = (core: string, formula: string): number =>
  formula === 'cmsis-nn-mve' || formula.includes('stm32l552') ? 1 : (speeds[core] ?? 1)

/** Runtimes whose kernels are versions of each other share a parent. */
export const kernelFamily = (runtime: string): string => (/x-cube|st-edge/.test(runtime) ? 'st' : runtime)
/** Cores with different kernels inside (MVE, plain C) must not share factors although the runtime is the same. */
export const runtimeKey = (r: { runtime: string; core: string }): string => `${r.runtime}/${formulaName(r.runtime, r.core)}`
const kernelKey = (r: ModelRow): string => `${kernelFamily(r.runtime)}/${formulaName(r.runtime, r.core)}`
export const coreKey = (r: { runtime: string; core: string }): string => `${r.runtime}/${r.core}`
export const targetKey = (r: { runtime: string; device: string }): string => `${r.device}:${r.runtime}`

/** Kernels -> runtime -> core -> target: each level's factors are pulled towards the level above, so kinds a target never ran keep a sane price. */
export function fitHierarchy(rows: readonly ModelRow[], formulas: Readonly<Record<string, Formula>>): Hierarchy {
  const data = rows.map((row) => ({ row, z: features(row, formulas) }))
  const one = Float64Array.from(termGroups, () => 1)
  const kernels = level(
    data,
    (d) => kernelKey(d.row),
    () => one,
  )
  const runtimes = level(
    data,
    (d) => runtimeKey(d.row),
    (d) => kernels.get(kernelKey(d.row))!.scales,
  )
  // the formulas of CMSIS-NN are cycles of the very core already; other runtimes borrow a formula and need a shape of their own first
  const above = (d: Datum): Scales => (d.row.runtime === 'tflm-cmsis-nn' ? one : runtimes.get(runtimeKey(d.row))!.scales)
  const cores = level(data, (d) => coreKey(d.row), above)
  const targets = level(
    data,
    (d) => targetKey(d.row),
    (d) => cores.get(coreKey(d.row))!.scales,
  )
  return { kernels, runtimes, cores, targets }
}

export function features(row: ModelRow, formulas: Readonly<Record<string, Formula>>): Float64Array {
  const name = formulaName(row.runtime, row.core)
  const speed = coreSpeed(row.core, name)
  return groupSums(row.terms, formulas[name]!.prices, termGroups).map((sum) => sum * speed)
}

/** Cycles of a row by the most specific level that knows it; undefined where not even its runtime was measured. */
export function predictCycles(
  row: ModelRow,
  hierarchy: Hierarchy,
  formulas: Readonly<Record<string, Formula>>,
): number | undefined {
  const level =
    hierarchy.targets.get(targetKey(row)) ??
    hierarchy.cores.get(coreKey(row)) ??
    (row.runtime === 'tflm-cmsis-nn' ? undefined : hierarchy.runtimes.get(runtimeKey(row)))
  if (!level && row.runtime !== 'tflm-cmsis-nn') return undefined
  return dot(features(row, formulas), level?.scales ?? Float64Array.from(termGroups, () => 1))
}

type Datum = { readonly row: ModelRow; readonly z: Float64Array }

function level(data: readonly Datum[], keyOf: (d: Datum) => string, parentOf: (d: Datum) => Scales): Map<string, Level> {
  const members = new Map<string, Datum[]>()
  for (const d of data) members.set(keyOf(d), [...(members.get(keyOf(d)) ?? []), d])
  return new Map([...members].map(([key, group]) => [key, fitLevel(group, parentOf(group[0]!))]))
}

/** Every target in the group first gets one factor of its own (boards differ in wait states), then the shape is fitted over all of them. */
function fitLevel(group: readonly Datum[], parent: Scales): Level {
  const byTarget = new Map<string, Datum[]>()
  for (const d of group) byTarget.set(targetKey(d.row), [...(byTarget.get(targetKey(d.row)) ?? []), d])
  const factors = new Map([...byTarget].map(([key, data]) => [key, singleFactor(data, parent)]))
  const scaled = group.map((d) => relative(d.z, d.row.cycles / factors.get(targetKey(d.row))!, 1))
  const shape = fitNonNegative(
    scaled,
    parent,
    Array.from(parent, (p, g) => (p > 0 ? pulls[termGroups[g]!] / (p * p) : 1e6)),
  )
  // the level's own factor: geometric mean over its targets
  const common = Math.exp([...factors.values()].reduce((sum, f) => sum + Math.log(f), 0) / factors.size)
  return {
    scales: shape.map((s) => s * common),
    rows: group.length,
    models: new Set(group.map((d) => d.row.model)).size,
    devices: [...new Set(group.map((d) => d.row.device))],
  }
}

/** Least squares on relative error with one unknown. */
function singleFactor(data: readonly Datum[], parent: Scales): number {
  let above = 0
  let below = 0
  for (const { row, z } of data) {
    const ratio = dot(z, parent) / row.cycles
    above += ratio
    below += ratio * ratio
  }
  return above / below
}
