import type { Duty } from '../../device/what-if.ts'
import { usageError } from '../../util/errors.ts'
import type { StudyConfig } from './options.ts'

/** What a person says of how a network would be used. */
export type AskedDuty = Pick<StudyConfig, 'batteryMwh' | 'perHour' | 'sleepMw' | 'wakeUj' | 'minBatteryDays'>

/**
 * How the network would be used, where `--battery-mwh` and `--per-hour` say so; without `--sleep-mw` the board draws nothing between inferences, without
 * `--wake-uj` waking up costs nothing.
 */
export function dutyOf({ batteryMwh, perHour, sleepMw, wakeUj, minBatteryDays }: AskedDuty): Duty | undefined {
  if ([batteryMwh, perHour, sleepMw, wakeUj, minBatteryDays].every((x) => x === undefined)) return undefined
  if (batteryMwh === undefined || perHour === undefined)
    throw usageError(
      `battery life needs ${batteryMwh === undefined ? '--battery-mwh' : '--per-hour'} as well`,
      'write for example --battery-mwh 675 --per-hour 60 --sleep-mw 0.02',
    )
  return {
    batteryMilliwattHours: batteryMwh,
    inferencesPerHour: perHour,
    sleepMilliwatts: sleepMw ?? 0,
    ...(wakeUj === undefined ? {} : { otherMicrojoules: wakeUj }),
  }
}

/**
 * Energy of one inference under which the battery lasts `--min-battery-days`: what it has for an hour, less sleep, over the inferences of an hour, less waking
 * up. Sleep counts for the whole hour, so that the bound errs on the safe side by what the board sleeps less while it computes. Absent without that option.
 */
export function energyForBattery(asked: AskedDuty): number | undefined {
  const { minBatteryDays: days } = asked
  const duty = dutyOf(asked)
  if (days === undefined || duty === undefined) return undefined
  const milliwatts = duty.batteryMilliwattHours / (24 * days) - duty.sleepMilliwatts
  const microjoules = (milliwatts * 3.6e6) / duty.inferencesPerHour - (duty.otherMicrojoules ?? 0)
  if (microjoules > 0) return microjoules
  throw usageError(
    `--min-battery-days ${days}: sleep and waking up alone empty the battery sooner`,
    'take a larger battery, fewer inferences an hour, or a shorter life',
  )
}
