import { expect, test } from 'vitest'
import { advisedLag, lagAdvice } from '../../../src/run/record/lag.ts'

test('nothing is said where workers, lag and trials fit', () => {
  expect(lagAdvice(2, 8, 60)).toEqual([])
  expect(lagAdvice(9, 8, 60)).toEqual([])
  expect(lagAdvice(16, 32, 200)).toEqual([])
})

test('more workers than a lag feeds, and a lag too long for the trials, are said with what to do', () => {
  expect(lagAdvice(200, 8, 2000)).toEqual(['8 keeps 9 of 200 workers busy: --lag 400 keeps all'])
  expect(lagAdvice(200, 8, 60)[0]).toContain('learns enough from 1600 trials on')
  expect(lagAdvice(16, 128, 200)[0]).toContain('128 is long for 200 trials')
  expect(advisedLag(200, 8)).toBe(400)
})
