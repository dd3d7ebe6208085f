import { usageError } from '../util/errors.ts'
import type { Coefficients, Device, Latency, Runtime, RuntimeFile, ScaleRow, Target, Variant } from './schema.ts'
import { groupOf, type TermName } from './terms.ts'

/** Joins a device, a runtime and the coefficients that suit both best. Throws a usage error where the runtime does not exist for the core. */
export function assembleTarget(device: Device, runtimeId: string, file: RuntimeFile, coefficients: Coefficients): Target {
  const variant = file.variants.find((v) => suits(v, device))
  if (!variant)
    throw usageError(
      `runtime ${runtimeId} does not run on ${device.name} (${device.core})`,
      `use ${device.defaultRuntime}, or another runtime for ${device.core}`,
    )
  const { variants: _, $schema: __, ...facts } = file
  const runtime: Runtime = { ...facts, ...variant, id: runtimeId }
  return {
    id: runtimeId === device.defaultRuntime ? device.id : `${device.id}:${runtimeId}`,
    device,
    runtime,
    latency: latencyOf(device, runtime, coefficients),
  }
}

const suits = (variant: Variant, device: Device): boolean =>
  variant.needs.every((feature) => device.features.includes(feature)) &&
  variant.cores.some((c) => (c.endsWith('*') ? device.core.startsWith(c.slice(0, -1)) : c === device.core))

/** Best first: measured on this device, measured on this core, the formula as it stands (rows of the runtime with neither device nor core). */
function latencyOf(device: Device, runtime: Runtime, coefficients: Coefficients): Latency {
  const formula = coefficients.formulas[runtime.formula]
  if (!formula)
    throw usageError(`runtime ${runtime.id}: no latency formula "${runtime.formula}"`, 'name one of devices/coefficients.json')
  const rows = coefficients.scales.filter((s) => s.runtime === runtime.id)
  const own = rows.find((s) => s.device === device.id)
  const row: ScaleRow = own ??
    rows.find((s) => s.device === undefined && s.core === device.core) ??
    rows.find((s) => s.device === undefined && s.core === undefined) ?? {
      runtime: runtime.id,
      scales: {},
      low: 0.5,
      high: 2,
      rows: 0,
      models: 0,
      source: 'formula without any measurement of this core',
    }
  const terms = Object.fromEntries(
    Object.entries(formula.terms).map(([name, cycles]) => [name, cycles * (row.scales[groupOf(name as TermName)] ?? 1)]),
  )
  return { terms, low: row.low, high: row.high, calibrated: own !== undefined, rows: own?.rows ?? 0, source: row.source }
}
