import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inOrder } from '../../../src/run/jobs/in-order.ts'
import { Dropped } from '../../../src/run/jobs/priority-queue.ts'

/** Work of `turns` turns of the event loop each; remembers in which order it began, and how many went on at once. */
function observed(turns: readonly number[]) {
  const begun: number[] = []
  let running = 0
  let most = 0
  const work = async (i: number) => {
    begun.push(i)
    most = Math.max(most, ++running)
    for (let t = 0; t < turns[i]!; t++) await turn()
    running--
    return i
  }
  return { begun, work, most: () => most }
}

const all = async <R>(results: AsyncGenerator<R>): Promise<R[]> => {
  const list: R[] = []
  for await (const result of results) list.push(result)
  return list
}

test('the lowest rank begins first and comes first, and no more go on at once than there are lanes', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ turns: fc.integer({ min: 1, max: 4 }), rank: fc.nat(3) }), { maxLength: 12 }),
      fc.integer({ min: 1, max: 4 }),
      async (jobs, lanes) => {
        const items = jobs.map((_, i) => i)
        const { begun, work, most } = observed(jobs.map((j) => j.turns))
        const ranked = [...items].sort((a, b) => jobs[a]!.rank - jobs[b]!.rank)
        expect(await all(inOrder(items, lanes, work, { rank: (i) => jobs[i]!.rank }))).toEqual(ranked)
        expect(begun).toEqual(ranked)
        expect(most()).toBe(Math.min(lanes, jobs.length))
      },
    ),
  ))

test('what may not begin, gives nothing or is dropped is left out; what fails is thrown when its turn comes', async () => {
  const outcomes = [() => 0, () => undefined, () => new Dropped(), () => 3, () => 4]
  const work = async (i: number) => {
    const outcome = outcomes[i]!()
    if (outcome instanceof Error) throw outcome
    return outcome
  }
  expect(await all(inOrder([0, 1, 2, 3, 4], 2, work, { mayBegin: (i) => i !== 3 }))).toEqual([0, 4])
  const failing = inOrder([0, 1], 2, async (i) => {
    if (i === 1) throw new Error('full')
    return i
  })
  expect((await failing.next()).value).toBe(0)
  await expect(failing.next()).rejects.toThrow('full')
})
