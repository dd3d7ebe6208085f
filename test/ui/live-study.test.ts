import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readStudy } from '../../src/run/record/open.ts'
import { setupOf } from '../../src/run/record/setup.ts'
import { frontOf } from '../../src/search/front.ts'
import { type Line, parseLine } from '../../src/store/journal-lines.ts'
import { liveStudy } from '../../src/ui/live-study.ts'
import { fakeStudy, scratch } from './studies.ts'

test('after every line the fronts and their hypervolumes are those that the search itself would find', async () => {
  const results = scratch()
  await fakeStudy(results, 'one', 12)
  const folder = join(results, 'one')
  const lines = readFileSync(join(folder, 'journal.jsonl'), 'utf8').trimEnd().split('\n').map(parseLine)
  const trials = lines.flatMap((l) => (l.type === 'trial' ? [l.trial] : []))
  // every network is looked at again and trained twice as long: some fall off the front by it, and others come back
  const again = trials
    .filter((t) => t.state === 'trained')
    .map(
      (t, i): Line => ({
        type: 'trial',
        trial: { ...t, n: trials.length + i, rung: 1, score: Math.max(0, Math.min(1, t.score! + (i % 2 ? 0.05 : -0.2))) },
      }),
    )
  const setup = setupOf((await readStudy(results, 'one')).header)
  const live = liveStudy('one', folder, results, lines[0]!)
  for (const line of [...lines, ...again]) {
    live.take(line)
    for (const [i, board] of live.view().boards.entries()) {
      const front = frontOf(live.store.trials(), setup.targets[i]!, setup.objectives, setup.metric)
      expect(board.front.map((m) => m.trial)).toEqual(front.trials.map((t) => t.n))
      expect(board.hypervolume).toBeCloseTo(front.hypervolume, 12)
    }
  }
  expect(again.length).toBeGreaterThan(5)
})
