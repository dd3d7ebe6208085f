import { usageError } from '../util/errors.ts'
import type { Target } from './schema.ts'

/** Whether energy is known on a board: its power was measured. */
export const hasPower = ({ device }: Target): boolean => device.activePowerMw !== null

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
