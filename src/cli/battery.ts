import type { Duty } from '../device/what-if.ts'
import type { PricedBoard } from '../run/boards/holders.ts'
import { usageError } from '../util/errors.ts'
import type { Options } from './options.ts'

/** How the network would be used, where `--battery-mwh` and `--per-hour` say so; without `--sleep-mw` the board draws nothing between inferences. */
export function dutyOf({ batteryMwh, perHour, sleepMw }: Options): Duty | undefined {
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

export const cheapestText = (cheapest: PricedBoard | null): string =>
  cheapest ? `${cheapest.target} (${cheapest.price})` : 'none of those with a price'
