import { expect, test } from 'vitest'
import { readTrack } from '../../src/run/after/read-track.ts'

const classes = ['yes', 'no, thanks']

test('tables with a head, of Audacity, and with commas in a label', () => {
  const expected = [
    { start: 0.5, end: 1.25, label: 'yes' },
    { start: 3, end: 3, label: 'no, thanks' },
  ]
  expect(
    readTrack('start,end,label\n0.5,1.25,yes\n\n3,3,no, thanks\n'.replace('no, thanks', 'no,thanks'), 't', ['yes', 'no,thanks']),
  ).toEqual(expected.map((e) => ({ ...e, label: e.label.replace(', ', ',') })))
  expect(readTrack('0.5\t1.25\tyes\r\n3\t3\tno, thanks'.replace(', ', ' '), 't', ['yes', 'no thanks'])).toHaveLength(2)
  expect(readTrack('# made by hand\n0.5;1.25;"yes"\n', 't', classes)).toEqual(expected.slice(0, 1))
})

test.each([
  ['1,yes', /line 1: "1,yes" is not start, end, label/],
  ['0,1,yes\n2,1,yes', /line 2/],
  ['0,1,', /line 1/],
  ['-1,1,yes', /line 1/],
  ['0,1,yess', /knows no "yess"/],
])('%j is refused with its line', (text, message) => {
  expect(() => readTrack(text, 'track.csv', classes)).toThrow(message)
})
