import { expect, test } from 'vitest'
import { listTargets } from '../../src/device/load.ts'
import { checkPower, hasPower } from '../../src/device/power.ts'
import { smallestTarget } from '../../src/device/what-if.ts'
import { buildGraph } from '../../src/graph/build.ts'

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
