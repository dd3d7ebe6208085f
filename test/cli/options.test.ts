import { expect, test } from 'vitest'
import { parserOptions, valuesOf } from '../../src/cli/options.ts'

test('--int8-tolerance takes points, any loss, or off; --importance a name, --dropout a share', () => {
  const tolerance = (typed: string) => valuesOf(['int8Tolerance'], { int8Tolerance: typed }).int8Tolerance
  expect(['0.5', '0', 'off'].map(tolerance)).toEqual([0.5, 0, null])
  for (const wrong of ['', '-1', 'a lot', 'Infinity']) expect(() => tolerance(wrong)).toThrow(/is not a number of points/)
  expect(valuesOf(['importance'], { importance: 'taylor' }).importance).toBe('taylor')
  expect(valuesOf(['dropout'], { dropout: '0.2' }).dropout).toBe(0.2)
  expect(() => valuesOf(['importance'], { importance: 'tailor' })).toThrow(/--importance: importance "tailor" is not known/)
})

test('options that nobody gave are not there: their defaults come with the study', () => {
  expect(valuesOf(['seed', 'dropout', 'workers', 'json'], {})).not.toHaveProperty('seed')
  for (const option of parserOptions(['seed', 'dropout', 'workers'])) expect(option.defaultValue).toBeUndefined()
})
