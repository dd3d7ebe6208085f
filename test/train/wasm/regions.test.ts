import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRegions } from '../../../src/train/wasm/regions.ts'

const command = fc.oneof(
  fc.record({ take: fc.integer({ min: 1, max: 5000 }) }),
  fc.record({ give: fc.integer({ min: 0, max: 20 }) }),
)

test('regions are aligned, never overlap, and everything given back is one hole again', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
      const regions = createRegions(100)
      let live: { at: number; bytes: number }[] = []
      for (const c of commands) {
        if ('take' in c) {
          const at = regions.take(c.take)
          expect(at % 64).toBe(0)
          expect(at).toBeGreaterThanOrEqual(100)
          for (const other of live) expect(at + c.take <= other.at || other.at + other.bytes <= at).toBe(true)
          live.push({ at, bytes: c.take })
        } else if (live.length > 0) {
          const [gone] = live.splice(c.give % live.length, 1)
          regions.give(gone!.at, gone!.bytes)
        }
      }
      const { end } = regions
      for (const l of live) regions.give(l.at, l.bytes)
      live = []
      if (end > 128) expect(regions.take(end - 128)).toBe(128)
      expect(regions.end).toBe(end)
    }),
  )
})
