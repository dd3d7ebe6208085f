import { expect, test } from 'vitest'
import type { Cost } from '../../src/device/cost.ts'
import { listTargets, loadTarget } from '../../src/device/load.ts'
import { checkPower, hasPower, powerOf, withSupply } from '../../src/device/power.ts'
import { batteryDays, smallestTarget } from '../../src/device/what-if.ts'
import { buildGraph } from '../../src/graph/build.ts'
import { dutyOf, energyForBattery } from '../../src/run/record/duty.ts'

const targets = listTargets()

test('boards without a power figure are refused by name, others pass', () => {
  const without = targets.filter((t) => !hasPower(t)).map((t) => t.id)
  expect(without.length).toBeGreaterThan(0)
  expect(() => checkPower(targets, '--max-energy')).toThrow(`no power figure for ${without.join(', ')}`)
  expect(() => checkPower(targets.filter(hasPower), '--max-energy')).not.toThrow()
})

test('no board without a figure is said to meet a bound on energy', () => {
  const graph = buildGraph(
    [8, 8, 1],
    [
      { kind: 'mean', inputs: [0] },
      { kind: 'dense', inputs: [1], units: 2, activation: 'none' },
    ],
  )
  const without = targets.filter((t) => !hasPower(t))
  expect(smallestTarget(graph, without)).toBeDefined()
  expect(smallestTarget(graph, without, { energyUj: 1e12 })).toBeUndefined()
  expect(smallestTarget(graph, targets, { energyUj: 1e12 })?.cost.energyUj).toBeGreaterThan(0)
})

test('an LDO passes the same current: power follows the voltage; a switched regulator keeps it; both as published', () => {
  const l4r5 = loadTarget('stm32l4r5:x-cube-ai')
  const at = (volts: number, regulator?: 'ldo' | 'external-smps') =>
    powerOf(withSupply(l4r5, { volts, ...(regulator ? { regulator } : {}) }))!.mw
  expect(at(1.8)).toBeCloseTo(44, 6)
  // published at 3.0 V (Krai, MLPerf Tiny v1.1): 74.5; from 1.8 V by current: 73.3
  expect(at(3)).toBeCloseTo(74.5, 6)
  expect(at(2.4) / at(1.8)).toBeCloseTo(2.4 / 1.8, 1)
  expect(at(3, 'external-smps')).toBeCloseTo(33.2, 6)
  const u575 = loadTarget('stm32u575:st-edge-ai')
  expect(powerOf(withSupply(u575, { volts: 3, regulator: 'smps' }))!.mw).toBe(powerOf(u575)!.mw)
})

test('the runtime it was measured under counts; another has a wider interval, a sister part the widest', () => {
  const half = (spec: string) => {
    const { mw, highMw } = powerOf(loadTarget(spec))!
    return highMw / mw - 1
  }
  expect(powerOf(loadTarget('stm32h7a3:x-cube-ai-7'))!.mw).toBeGreaterThan(1.15 * powerOf(loadTarget('stm32h7a3:st-edge-ai'))!.mw)
  expect(half('stm32l4r5:st-edge-ai')).toBeLessThan(half('stm32l4r5:tflm-cmsis-nn'))
  expect(half('stm32u575:tflm-cmsis-nn')).toBeLessThan(half('stm32u585:tflm-cmsis-nn'))
})

test('the nearest clock is taken, and another clock changes all but a tenth', () => {
  const apollo = loadTarget('apollo510')
  const slow = { ...apollo, device: { ...apollo.device, clockMhz: 96 } }
  expect([powerOf(apollo)!.mw, powerOf(slow)!.mw]).toEqual([27.9, 7.8])
  const half = { ...apollo, device: { ...apollo.device, clockMhz: 48 } }
  expect(powerOf(half)!.mw).toBeCloseTo(7.8 * 0.55, 9)
})

test('a board of one’s own with one figure has that figure', () => {
  const { device, ...target } = loadTarget('stm32f401')
  expect(powerOf({ ...target, device: { ...device, activePowerMw: 33 } })).toMatchObject({ mw: 33 })
})

test('a bound on battery life is a bound on energy: what meets it lasts as long, what lasts much less does not', () => {
  const target = loadTarget('stm32l4r5')
  const asked = { batteryMwh: 675, perHour: 60, sleepMw: 0.02, wakeUj: 40, minBatteryDays: 180 }
  const most = energyForBattery(asked)!
  const cost = { energyUj: most, latencyMs: most / powerOf(target)!.mw } as Cost
  expect(batteryDays(cost, dutyOf(asked)!)!).toBeGreaterThanOrEqual(180)
  expect(batteryDays({ ...cost, energyUj: 1.1 * most } as Cost, dutyOf(asked)!)!).toBeLessThan(180)
  expect(() => energyForBattery({ ...asked, sleepMw: 1 })).toThrow(/sleep and waking up alone/)
  expect(() => energyForBattery({ minBatteryDays: 10 })).toThrow(/--battery-mwh/)
})
