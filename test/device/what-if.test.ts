import { describe, expect, it } from 'vitest'
import type { Cost } from '../../src/device/cost.ts'
import { listDevices, loadTarget } from '../../src/device/load.ts'
import { defaultBudget, price } from '../../src/device/predict.ts'
import type { Target } from '../../src/device/schema.ts'
import { batteryDays, budgetUnder, cheapestTarget, shortfalls, smallestTarget } from '../../src/device/what-if.ts'
import { buildGraph } from '../../src/graph/build.ts'

const cost = (over: Partial<Cost>): Cost => ({
  latencyMs: 10,
  latencyLowMs: 8,
  latencyHighMs: 12,
  ramBytes: 1000,
  flashBytes: 5000,
  energyUj: 100,
  calibrated: true,
  ...over,
})
const budget = { ramBytes: 2000, flashBytes: 10_000, latencyMs: 20 }
const target = loadTarget('stm32l4r5')

describe('shortfalls', () => {
  it('is empty where the network fits', () => expect(shortfalls(cost({}), target, budget)).toEqual([]))

  it('lists what is over, worst first, and what it would take', () => {
    const found = shortfalls(cost({ ramBytes: 3000, latencyMs: 25, flashBytes: 11_000 }), target, budget)
    expect(found.map((s) => s.resource)).toEqual(['ram', 'latency', 'flash'])
    expect(found[0]).toMatchObject({ need: 3000, have: 2000, over: 0.5, fitsWithoutReserve: true })
    expect(found[1]!.clockMhz).toBeCloseTo(150, 9)
  })
})

describe('smallestTarget', () => {
  const targets = listDevices().map((d) => loadTarget(d.id))
  const net = (channels: number) =>
    buildGraph(
      [32, 32, 3],
      [
        { kind: 'conv2d', inputs: [0], channels, kernel: [3, 3], stride: [1, 1], padding: 'same', activation: 'relu' },
        { kind: 'mean', inputs: [1] },
        { kind: 'dense', inputs: [2], units: 10, activation: 'none' },
      ],
    )

  it('takes a larger board for a larger network, and every smaller one is too small', () => {
    const small = smallestTarget(net(4), targets)!
    const large = smallestTarget(net(128), targets)!
    expect(large.target.device.ramBytes).toBeGreaterThan(small.target.device.ramBytes)
    for (const t of targets)
      if (t.device.ramBytes < large.target.device.ramBytes)
        expect(
          shortfalls(price(net(128), t), t, {
            ramBytes: t.device.ramBytes - t.device.reserveRamBytes,
            flashBytes: t.device.flashBytes - t.device.reserveFlashBytes,
          }).length,
        ).toBeGreaterThan(0)
  })

  it('obeys bounds on latency, and says when no board will do', () => {
    const slow = smallestTarget(net(32), targets)!
    const fast = smallestTarget(net(32), targets, { latencyMs: slow.cost.latencyMs / 2 })!
    expect(fast.cost.latencyMs).toBeLessThanOrEqual(slow.cost.latencyMs / 2)
    expect(smallestTarget(net(32), targets, { latencyMs: 1e-6 })).toBeUndefined()
  })
})

describe('cheapestTarget', () => {
  const targets = listDevices().map((d) => loadTarget(d.id))
  const net = buildGraph([32, 32, 3], [{ kind: 'dense', inputs: [0], units: 10, activation: 'none' }])
  const at = (id: string, price: number): Target => {
    const target = targets.find((t) => t.id === id)!
    return { ...target, device: { ...target.device, price } }
  }

  it('is the one with the lowest price that holds it and meets the demands, whatever its size', () => {
    const priced = [at('stm32h743', 1), at('rp2040', 2), at('stm32f446', 2)]
    expect(cheapestTarget(net, [...targets, ...priced])!.target.id).toBe('stm32h743')
    // equal prices: the smaller board
    expect(cheapestTarget(net, priced.slice(1))!.target.id).toBe('stm32f446')
    const slow = price(net, at('stm32h743', 1)).latencyMs
    expect(cheapestTarget(net, priced, { latencyMs: slow / 2 })).toBeUndefined()
    expect(cheapestTarget(net, priced, { reserveRam: 200_000 })!.target.id).toBe('stm32h743')
    expect(cheapestTarget(net, priced.slice(1), { reserveRam: 300_000 })).toBeUndefined()
  })

  it('is none where no board has a price', () => expect(cheapestTarget(net, targets)).toBeUndefined())
})

describe('budgetUnder', () => {
  it('nothing fits beside a firmware that takes all memory', () => {
    const none = budgetUnder(target, { reserveRam: 10 * target.device.ramBytes })
    expect(none.ramBytes).toBe(0)
    expect(shortfalls(cost({ ramBytes: 1 }), target, none)).toMatchObject([{ resource: 'ram', need: 1, have: 0 }])
  })

  it('bounds latency and energy where they are given', () => {
    expect(budgetUnder(target, {})).toEqual(defaultBudget(target))
    expect(budgetUnder(target, { latencyMs: 5, energyUj: 7 })).toEqual({ ...defaultBudget(target), latencyMs: 5, energyUj: 7 })
  })
})

describe('batteryDays', () => {
  it('counts inferences and sleep', () => {
    // 3600 inferences an hour of 1 mJ = 1 mW; asleep 1 mW for 99 % of the time
    const days = batteryDays(cost({ energyUj: 1000, latencyMs: 10 }), {
      inferencesPerHour: 3600,
      sleepMilliwatts: 1,
      batteryMilliwattHours: (1990 * 24) / 1000,
    })
    expect(days).toBeCloseTo(1, 9)
    expect(
      batteryDays(cost({ energyUj: null }), { inferencesPerHour: 1, sleepMilliwatts: 1, batteryMilliwattHours: 1 }),
    ).toBeNull()
  })
})
