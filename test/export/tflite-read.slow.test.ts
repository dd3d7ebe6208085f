import { expect, test } from 'vitest'
import { mutate } from '../helpers/mutate.ts'

test('10,000 damaged files give a model or a message, never a crash', () => {
  const outcomes = { read: 0, refused: 0 }
  for (let seed = 2000; seed < 12_000; seed++) outcomes[mutate(seed)]++
  // both happen, so the damage reaches beyond the first check
  expect(Math.min(outcomes.read, outcomes.refused)).toBeGreaterThan(500)
})
