import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Column, markdownTable, noPaint, type Paint, plainStyle, type Style, terminalTable } from '../../src/report/table.ts'
import { displayWidth, pad, truncate } from '../../src/report/width.ts'

const columns: Column[] = [
  { title: 'name', shrinks: true },
  { title: 'RAM', align: 'right' },
  { title: '', align: 'right', gap: 1 },
  { title: 'note', drop: 1 },
]
const wrap = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`
const colours: Paint = { bold: wrap(1), dim: wrap(2), green: wrap(32), yellow: wrap(33), red: wrap(31), cyan: wrap(36) }
const text = fc.string({
  unit: fc.constantFrom('a', 'Z', '9', ' ', '–', '日', '本', 'é', 'e\u0301', '👍', '🇩🇪', '한', '|', '\u001b'),
})
const cell = fc.oneof(text, fc.record({ text, tone: fc.constantFrom('bold' as const, 'dim' as const, 'green' as const) }))
const rows = fc.array(fc.array(cell, { maxLength: 4 }), { maxLength: 6 })

test('a table as it looks', () => {
  const lines = terminalTable(
    columns,
    [
      ['ds-cnn', '118 kB', '37 %', 'recommended'],
      ['日本語', '64.0 kB', '9 %', ''],
    ],
    plainStyle,
  )
  expect(lines).toEqual(['  name        RAM       note', '  ds-cnn   118 kB 37 %  recommended', '  日本語  64.0 kB  9 %'])
})

test('colours change nothing but colours', () => {
  fc.assert(
    fc.property(rows, (data) => {
      const plain = terminalTable(columns, data, { ...plainStyle, paint: noPaint })
      const painted = terminalTable(columns, data, { ...plainStyle, paint: colours })
      expect(painted.map((line) => stripVTControlCharacters(line).trimEnd())).toEqual(plain)
    }),
  )
})

test('right-aligned columns end under each other, and no line is wider than the terminal', () => {
  fc.assert(
    fc.property(rows, fc.integer({ min: 40, max: 100 }), (data, width) => {
      const style: Style = { ...plainStyle, width }
      const short = data.map((row) =>
        row.map((c, i) => (i === 0 ? c : typeof c === 'string' ? c.slice(0, 3) : { ...c, text: c.text.slice(0, 3) })),
      )
      const lines = terminalTable(columns, short, style)
      for (const line of lines) {
        expect(displayWidth(line)).toBeLessThanOrEqual(width)
        expect(line).toBe(line.trimEnd())
      }
    }),
  )
  const ends = terminalTable(
    [{ title: 'x' }, { title: 'RAM', align: 'right' }],
    [
      ['👍', '1 kB'],
      ['日本', '22 kB'],
      ['e\u0301', '333 kB'],
    ],
    plainStyle,
  )
  expect(new Set(ends.map(displayWidth)).size).toBe(1)
})

test('a narrow terminal first cuts the column that may be cut, then loses those that may go', () => {
  const row = ['a rather long name of a network', '118 kB', '37 %', 'recommended']
  const at = (width: number) => terminalTable(columns, [row], { ...plainStyle, width })[1]
  expect(at(80)).toContain('recommended')
  expect(at(50)).toBe('  a rather long name of…  118 kB 37 %  recommended')
  expect(at(40)).toBe('  a rather long name of a…   118 kB 37 %')
  expect(at(30)).toBe('  a rather long n…  118 kB 37 %')
})

test('escape sequences in names reach no terminal', () => {
  const lines = terminalTable([{ title: 'class' }], [['\u001b[2Jyes\u0007\r\n'], ['\u202eno']], plainStyle)
  expect([...lines.join('')].filter((c) => c < ' ' || c === '\u202e')).toEqual([])
})

test('Markdown has one line a row and as many cells as columns, whatever the text', () => {
  fc.assert(
    fc.property(rows, (data) => {
      const lines = markdownTable(columns, data)
      expect(lines).toHaveLength(data.length + 2)
      for (const line of lines) {
        expect(line).not.toContain('\n')
        expect(line.match(/(?<!\\)\|/g)).toHaveLength(columns.length + 1)
      }
    }),
  )
  expect(markdownTable([{ title: 'a' }, { title: 'n', align: 'right' }], [['x|y', '1']])).toEqual([
    '| a    |   n |',
    '| ---- | --: |',
    '| x\\|y |   1 |',
  ])
})

test('widths of what terminals draw', () => {
  const widths: Record<string, number> = {
    '': 0,
    abc: 3,
    日本語: 6,
    'e\u0301': 1,
    '👍': 2,
    '👨‍👩‍👧': 2,
    '🇩🇪': 2,
    한국: 4,
    ｱ: 1,
    Ａ: 2,
    '█░': 2,
    '➜': 1,
    '★': 1,
  }
  for (const [sample, width] of Object.entries(widths)) expect([sample, displayWidth(sample)]).toEqual([sample, width])
  expect(displayWidth(`${colours.bold('abc')}`)).toBe(3)
})

test('padding and cutting hit the width exactly or stay below it', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 30 }), (sample, width) => {
      const clean = sample.replaceAll('\u001b', '')
      const cut = truncate(clean, width)
      expect(displayWidth(cut)).toBeLessThanOrEqual(width)
      expect(displayWidth(pad(cut, width, 'right'))).toBe(width)
      if (displayWidth(clean) <= width) expect(cut).toBe(clean)
    }),
  )
})
