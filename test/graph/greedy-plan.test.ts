import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { greedyPlan } from '../../src/graph/greedy-plan.ts'

type Buffer = { readonly size: number; readonly first: number; readonly last: number }
const buffers = fc.array(
  fc.record({
    size: fc.integer({ min: 1, max: 9 }),
    first: fc.integer({ min: 0, max: 6 }),
    life: fc.integer({ min: 0, max: 3 }),
  }),
  { minLength: 1, maxLength: 12 },
)
const withLast = (list: readonly { size: number; first: number; life: number }[]): Buffer[] =>
  list.map(({ size, first, life }) => ({ size, first, last: first + life }))
const overlap = (a: Buffer, b: Buffer): boolean => a.first <= b.last && b.first <= a.last

function plan(list: readonly Buffer[]): { total: number; offsets: number[] } {
  const column = (key: keyof Buffer): Int32Array => Int32Array.from(list, (b) => b[key])
  const offset = new Int32Array(list.length)
  const total = greedyPlan({ count: list.length, size: column('size'), first: column('first'), last: column('last') }, offset)
  return { total, offsets: [...offset] }
}

/** Another way to the same rule: try every offset from 0 up, byte by byte. */
function byteByByte(list: readonly Buffer[]): number[] {
  const order = list.map((_, i) => i).sort((a, b) => list[b]!.size - list[a]!.size || b - a)
  const offsets: number[] = []
  for (const id of order) {
    const clash = (at: number): boolean =>
      list.some((other, k) => {
        const placed = offsets[k]
        return placed !== undefined && overlap(other, list[id]!) && at < placed + other.size && placed < at + list[id]!.size
      })
    let at = 0
    while (clash(at)) at++
    offsets[id] = at
  }
  return offsets
}

/** The optimum: first fit over every order, among which is the order of an optimal plan's offsets, whose buffers it places no higher. */
function best(list: readonly Buffer[], placed: readonly (number | undefined)[] = list.map(() => undefined)): number {
  const left = list.map((_, i) => i).filter((i) => placed[i] === undefined)
  if (left.length === 0) return Math.max(...list.map((b, i) => placed[i]! + b.size))
  return Math.min(
    ...left.map((id) => {
      let at = 0
      const clashes = (k: number): boolean =>
        placed[k] !== undefined &&
        overlap(list[k]!, list[id]!) &&
        at < placed[k]! + list[k]!.size &&
        placed[k]! < at + list[id]!.size
      while (list.some((_, k) => clashes(k))) at++
      return best(
        list,
        placed.map((p, k) => (k === id ? at : p)),
      )
    }),
  )
}

describe('greedyPlan', () => {
  it('places every buffer where the rule, applied byte by byte, places it', () => {
    fc.assert(
      fc.property(buffers, (random) => {
        const list = withLast(random)
        expect(plan(list).offsets).toEqual(byteByByte(list))
      }),
      { numRuns: 500 },
    )
  })

  it('lets no two live buffers share a byte, and reports the high-water mark', () => {
    fc.assert(
      fc.property(buffers, (random) => {
        const list = withLast(random)
        const { total, offsets } = plan(list)
        for (let i = 0; i < list.length; i++)
          for (let k = i + 1; k < list.length; k++) {
            const apart = offsets[i]! + list[i]!.size <= offsets[k]! || offsets[k]! + list[k]!.size <= offsets[i]!
            expect(apart || !overlap(list[i]!, list[k]!)).toBe(true)
          }
        expect(total).toBe(Math.max(...list.map((b, i) => offsets[i]! + b.size)))
      }),
    )
  })

  it('is never better than the optimum, and equal to it where all lifetimes overlap, on small cases', () => {
    fc.assert(
      fc.property(
        fc.array(
          buffers.map((b) => b[0]!),
          { minLength: 1, maxLength: 6 },
        ),
        (random) => {
          const list = withLast(random)
          const { total } = plan(list)
          const optimum = best(list)
          expect(total).toBeGreaterThanOrEqual(optimum)
          if (list.every((a) => list.every((b) => overlap(a, b)))) expect(total).toBe(optimum)
        },
      ),
      { numRuns: 60 },
    )
  })
})
