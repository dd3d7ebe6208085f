import { describe, expect, test } from 'vitest'
import { reservations } from '../../src/run/after/comparable.ts'
import { completeStudy } from '../../src/run/record/asked.ts'
import type { StudyConfig } from '../../src/run/record/options.ts'

const config = completeStudy({ study: 'a', data: 'x', targets: ['rp2040'] }, 'classification')
const study = (over: Partial<StudyConfig> = {}, fingerprint = 'f00d') => ({
  config: { ...config, ...over },
  data: { name: 'x', fingerprint },
})

describe('studies may be compared', () => {
  test('where data, metric and engine agree; one alone always', () => {
    expect(reservations([])).toEqual([])
    expect(reservations([study({ engine: 'fake' })])).toEqual([])
    expect(reservations([study(), study({ study: 'b', strategy: 'random' })])).toEqual([])
  })

  test('of the same data under another seed, whose splits differ', () => {
    expect(reservations([study(), study({ seed: '2' }, 'beef')])).toEqual([])
  })
})

describe('a reservation names the studies', () => {
  const b = { study: 'b' }
  test.each<[string, Partial<StudyConfig>, string, RegExp]>([
    ['other data', { ...b, data: 'y' }, 'beef', /data differ \(a: x, f00d; b: x, beef\)/],
    ['data that changed', b, 'beef', /data differ/],
    [
      'another metric of the same kind',
      { ...b, metric: { kind: 'balanced-accuracy' } },
      'f00d',
      /metrics differ \(a: accuracy; b: balanced-accuracy\)/,
    ],
    ['made-up scores', { ...b, engine: 'fake' }, 'f00d', /scores of b are made up/],
  ])('%s', (_what, over, fingerprint, says) => {
    const found = reservations([study(), study(over, fingerprint)])
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(says)
  })

  test('fronts without common axes are refused', () => {
    for (const over of [{ objectives: ['error', 'ram'] }, { metric: { kind: 'mae' } }] satisfies Partial<StudyConfig>[])
      expect(() => reservations([study(), study(over)])).toThrow('differ in metric or objectives')
  })
})
