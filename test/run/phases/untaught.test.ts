import { expect, test } from 'vitest'
import { untaughtTrials } from '../../../src/run/phases/untaught.ts'
import { makeCandidate } from '../../../src/search/propose.ts'
import type { Trial } from '../../../src/search/trial.ts'
import { randomGenome } from '../../../src/space/genome.ts'
import { rng } from '../../../src/util/rng.ts'
import { fakeStudy } from '../../search/fake-study.ts'

const setup = fakeStudy()
const candidates = Array.from({ length: 12 }, (_, n) =>
  makeCandidate(setup, { genome: randomGenome(setup.space, rng('untaught', n)), parents: [], rung: 0 }, n, []),
)
const works = candidates.map((c) => setup.effort(c, 0).work)
/** As much as the first five take, and a little. */
const teacherWork = works.slice(0, 5).reduce((a, b) => a + b, 0) + 1
const stored = (count: number) => candidates.slice(0, count).map((c) => ({ ...c, state: 'trained' }) as unknown as Trial)

test('trials are untaught until as much work lies before them as the teacher takes, whether they are in flight or in the journal', () => {
  const expected = candidates.map((_, n) => n < 6)
  for (const known of [0, 1, 4, 6, 9]) {
    const isUntaught = untaughtTrials(setup, stored(known), teacherWork)
    expect(candidates.slice(known).map(isUntaught)).toEqual(expected.slice(known))
  }
})

test('a trial that is trained again is taught as it was', () => {
  const isUntaught = untaughtTrials(setup, stored(10), teacherWork)
  expect([isUntaught(candidates[10]!), isUntaught(candidates[2]!), isUntaught(candidates[8]!)]).toEqual([false, true, false])
})

test('a teacher that was there before the first trial teaches all', () => {
  expect(candidates.map(untaughtTrials(setup, [], 0)).some((is) => is)).toBe(false)
})
