import { usageError } from '../util/errors.ts'
import type { Coefficients, Device, Latency, Runtime, RuntimeFile, ScaleRow, Target, Variant } from './schema.ts'
import { groupOf, type TermName } from './terms.ts'

/** Joins a device, a runtime and the coefficients that suit both best; its own calibration goes before all others. Throws a usage error where the runtime does not exist for the core. */
export function assembleTarget(device: Device, runtimeId: string, file: RuntimeFile, coefficients: Coefficients): Target {
  const variant = variantOf(file, device)
  if (!variant)
    throw usageError(
      `runtime ${runtimeId} does not run on ${device.name} (${device.core})`,
      `use ${device.defaultRuntime}, or another runtime for ${device.core}`,
    )
  const { variants: _, $schema: __, ...facts } = file
  const { calibration, ...bare } = device
  const own = calibration?.[runtimeId]
  const runtime: Runtime = { ...facts, ...variant, id: runtimeId }
  return {
    id: runtimeId === device.defaultRuntime ? device.id : `${device.id}:${runtimeId}`,
    device: bare,
    runtime,
    latency: own ? { ...own, calibrated: agrees(own) } : latencyOf(device, runtime, coefficients),
  }
}

/** The build of a runtime for a device: the first that suits it. */
export const variantOf = (file: Pick<RuntimeFile, 'variants'>, device: Omit<Device, 'calibration'>): Variant | undefined =>
  file.variants.find((v) => suits(v, device))

const suits = (variant: Variant, device: Omit<Device, 'calibration'>): boolean =>
  (variant.vendors?.includes(device.vendor) ?? true) &&
  variant.needs.every((feature) => device.features.includes(feature)) &&
  (variant.accelerator === undefined || engineClock(device, variant.accelerator.id) !== undefined) &&
  variant.cores.some((c) => (c.endsWith('*') ? device.core.startsWith(c.slice(0, -1)) : c === device.core))

/** Clock of an accelerator that is on the chip. */
export const engineClock = ({ accelerators }: Pick<Device, 'accelerators'>, id: string): number | undefined =>
  accelerators?.find((a) => a.id === id)?.clockMhz

/**
 * A statement about error, not about rows: measurements of this very board stand behind the figure, the fit agrees with them within 20 % on average, and
 * the 90 % interval is within a factor of two.
 */
export const agrees = ({
  error = 0,
  low,
  high,
}: {
  readonly error?: number | undefined
  readonly low: number
  readonly high: number
}): boolean => error <= 0.2 && low >= 0.5 && high <= 2

/** Best first: measured on this device, on this core, on any core; then the formula alone at the speed of the core, and as it stands. */
function latencyOf(device: Device, runtime: Runtime, coefficients: Coefficients): Latency {
  // what an accelerator leaves to the CPU runs in the kernels of another runtime
  const kernels = runtime.accelerator?.host ?? runtime.id
  const measured = coefficients.scales.find((s) => s.runtime === kernels && s.device === device.id)
  // factors belong to one formula: those of another build of the runtime (vector kernels, say) say nothing about this one
  const others = coefficients.scales.filter((s) => s.device === undefined && (s.formula ?? runtime.formula) === runtime.formula)
  const [own, any] = [kernels, '*'].map((id) => others.filter((s) => s.runtime === id)) as [ScaleRow[], ScaleRow[]]
  const row =
    measured ??
    [own, any].map((rows) => rows.find((s) => s.core === device.core) ?? rows.find((s) => s.core === undefined)).find(Boolean)
  const name = row?.formula ?? runtime.formula
  const formula = coefficients.formulas[name]
  if (!row || !formula)
    throw usageError(`runtime ${runtime.id}: no latency formula "${name}"`, 'name one of devices/coefficients.json')
  const terms = Object.fromEntries(
    Object.entries(formula.terms).map(([term, cycles]) => [term, cycles * (row.scales[groupOf(term as TermName)] ?? 1)]),
  )
  const calibrated = runtime.accelerator === undefined && row.device === device.id && row.rows > 0 && agrees(row)
  return { terms, low: row.low, high: row.high, calibrated, rows: calibrated ? row.rows : 0, source: row.source }
}
