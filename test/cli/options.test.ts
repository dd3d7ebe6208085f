import { expect, test } from 'vitest'
import { optionTable } from '../../src/cli/options.ts'
import { studyConfig } from '../../src/cli/study-options.ts'

test('--int8-tolerance takes points, any loss, or off; --importance a name, --dropout a share', () => {
  const { parse, fallback } = optionTable.int8Tolerance
  expect(parse('0.5')).toBe(0.5)
  expect(parse('0')).toBe(0)
  expect(parse('off')).toBeNull()
  expect(fallback).toBe(1)
  for (const wrong of ['', '-1', 'a lot', 'Infinity']) expect(() => parse(wrong)).toThrow(/is not a number of points/)
  const asked = {
    data: 'builtin:gestures',
    device: ['rp2040'],
    seed: '0',
    strategy: 'evolution',
    engine: 'wasm',
    teacher: 'auto',
  }
  expect(studyConfig({ ...asked, int8Tolerance: parse('off') }).int8Tolerance).toBeNull()
  expect(studyConfig({ ...asked, importance: optionTable.importance.parse('taylor') }).importance).toBe('taylor')
  expect(studyConfig({ ...asked, dropout: optionTable.dropout.parse('0.2') }).dropout).toBe(0.2)
  expect(studyConfig(asked).dropout).toBe(0)
  expect(() => optionTable.importance.parse('tailor')).toThrow(/"tailor" is not known/)
})
