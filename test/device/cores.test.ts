import { expect, test } from 'vitest'
import { assumption, coreFeatures, coreNames, featuresOf, features as known } from '../../src/device/cores.ts'
import { listDevices, listRuntimes } from '../../src/device/load.ts'

test('nothing has to be assumed of a listed board', () => {
  for (const device of listDevices()) expect(device.assumedFeatures, device.id).toBeUndefined()
})

test('every core has a runtime, and every core that a runtime names is known', () => {
  const patterns = listRuntimes().flatMap((r) => r.variants.flatMap((v) => v.cores))
  for (const pattern of patterns)
    expect(
      coreNames.some((core) => (pattern.endsWith('*') ? core.startsWith(pattern.slice(0, -1)) : core === pattern)),
      pattern,
    ).toBe(true)
})

test('features are those of the file and those of the core, each once; what was not said is told', () => {
  for (const core of coreNames)
    for (const stated of [undefined, [], ['fpu'], [...known]] as const) {
      const { features, assumed } = featuresOf(core, stated)
      expect(new Set(features).size).toBe(features.length)
      expect(features).toEqual(expect.arrayContaining([...coreFeatures[core], ...(stated ?? [])]))
      expect([...(stated ?? []), ...assumed]).toEqual(features)
    }
  expect(assumption({ id: 'x', device: { core: 'cortex-m7', assumedFeatures: ['dsp'] } })).toMatch(/x: .*taken: dsp/)
  expect(assumption({ id: 'x', device: { core: 'cortex-m7' } })).toBeUndefined()
})
