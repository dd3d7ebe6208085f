import type { Duty } from '../device/what-if.ts'
import { usageError } from '../util/errors.ts'

/** How the network would be used, where `--battery-mwh` and `--per-hour` say so; without `--sleep-mw` the board draws nothing between inferences. */
export function dutyOf(options: Record<string, unknown>): Duty | undefined {
  const { batteryMwh, perHour, sleepMw } = options as { batteryMwh?: number; perHour?: number; sleepMw?: number }
  if (batteryMwh === undefined && perHour === undefined && sleepMw === undefined) return undefined
  if (batteryMwh === undefined || perHour === undefined)
    throw usageError(
      `battery life needs ${batteryMwh === undefined ? '--battery-mwh' : '--per-hour'} as well`,
      'write for example --battery-mwh 675 --per-hour 60 --sleep-mw 0.02',
    )
  return { batteryMilliwattHours: batteryMwh, inferencesPerHour: perHour, sleepMilliwatts: sleepMw ?? 0 }
}

/** "41 days", "2.3 years"; a board without measured power says so. */
export function formatBattery(days: number | null): string {
  if (days === null) return 'not known: no measured power of this board'
  if (days >= 730) return `${(days / 365.25).toFixed(1)} years`
  return days >= 10 ? `${Math.round(days)} days` : days >= 1 ? `${days.toFixed(1)} days` : `${(days * 24).toFixed(1)} hours`
}
