import { usageError } from '../util/errors.ts'
import type { Device, PowerRow, Target } from './schema.ts'

/** Power while a network runs, with an interval of 90 %, in milliwatts. */
export type Power = { readonly mw: number; readonly lowMw: number; readonly highMw: number }

/** What supplies a board: volts, and the regulator that feeds the core where a person chose one. */
export type Supply = { readonly volts: number; readonly regulator?: PowerRow['regulator'] }

/**
 * Half width of the interval, as a share: of measurements under the very runtime, under other runtimes, and of a sister part. From submissions of MLPerf Tiny
 * left out in turn (bench/power.ts): 5.7 % mean error, nine of ten within 12 %. Runtimes on one board differ by 20 % at most.
 */
const spread = { own: 0.12, other: 0.22, sister: 0.3 } as const

/** Power that does not follow the clock: leakage, regulators, memories that stay on. Taken, not measured: no published row names two clocks at one voltage. */
const staticShare = 0.1

/**
 * Power of a target while it computes; null where nobody measured it. An LDO lets the same current through at any voltage, so that its power follows the
 * voltage; a switched regulator turns voltage into current. Another clock changes all but a tenth in proportion.
 */
export function powerOf({ device, runtime }: Target): Power | null {
  const rows = rowsOf(device)
  if (rows.length === 0) return null
  const { volts, regulator } = device.supply ?? {}
  const fed = rows.filter((row) => row.regulator === (regulator ?? rows[0]!.regulator))
  // a regulator that was never measured: the first one's power at the same voltage
  const likely = fed.length > 0 ? fed : rows
  const own = likely.filter((row) => row.runtimes?.includes(runtime.accelerator?.host ?? runtime.id))
  const among = own.length > 0 ? own : likely
  const found = nearest(among, volts, device.clockMhz)
  const clock = device.clockMhz === found.clockMhz ? 1 : staticShare + ((1 - staticShare) * device.clockMhz) / found.clockMhz
  const voltage = found.regulator === 'ldo' && volts !== undefined && found.volts !== null ? volts / found.volts : 1
  const mw = found.mw * voltage * clock
  const half =
    found.sister === true
      ? spread.sister
      : own.length > 0 || rows.every((row) => row.runtimes === undefined)
        ? spread.own
        : spread.other
  return { mw, lowMw: mw * (1 - half), highMw: mw * (1 + half) }
}

/** Rows of the file, or the one figure of a device file of one's own. */
const rowsOf = (device: Omit<Device, 'calibration'>): readonly PowerRow[] =>
  device.power ??
  (device.activePowerMw === null
    ? []
    : [{ mw: device.activePowerMw, clockMhz: device.clockMhz, volts: device.supply?.volts ?? null, regulator: 'unknown' }])

/** The row whose clock, then voltage, is nearest; the first of equals. */
function nearest(rows: readonly PowerRow[], volts: number | undefined, clockMhz: number): PowerRow {
  const away = (row: PowerRow) =>
    1000 * Math.abs(row.clockMhz / clockMhz - 1) + (volts === undefined || row.volts === null ? 0 : Math.abs(row.volts - volts))
  return rows.reduce((best, row) => (away(row) < away(best) ? row : best))
}

/** Whether energy is known on a board: its power was measured. */
export const hasPower = ({ device }: Pick<Target, 'device'>): boolean => rowsOf(device).length > 0

/** The target fed by another supply. */
export const withSupply = (target: Target, supply: Supply | undefined): Target =>
  supply === undefined ? target : { ...target, device: { ...target.device, supply } }

/**
 * Refuses energy as a bound or an objective (`flag`) on boards whose power nobody measured. The energy of every network is unknown there, so that
 * the bound would hold nothing back and the objective would tell no two networks apart.
 */
export function checkPower(targets: readonly Target[], flag: string): void {
  const without = targets.filter((t) => !hasPower(t)).map((t) => t.id)
  if (without.length === 0) return
  throw usageError(
    `${flag}: no power figure for ${without.join(', ')}, so no energy is known there`,
    `measure it and write activePowerMw into a device file of your own (docs/devices.md), or do without ${flag}`,
  )
}
