import { describe, expect, test } from 'vitest'
import { frontDocument } from '../../src/report/front-json.ts'
import { type Paint, plainStyle, type Style } from '../../src/report/table.ts'
import { arrowLines, banner, bar, frontTable } from '../../src/report/terminal.ts'
import { compareTable } from '../../src/report/terminal-compare.ts'
import { layerTable } from '../../src/report/terminal-network.ts'
import { displayWidth } from '../../src/report/width.ts'
import { madeUpComparison, madeUpStudy } from '../helpers/study-view.ts'

const study = madeUpStudy({ trials: 80 })
const ascii: Style = { ...plainStyle, glyphs: 'ascii' }
const wrap = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`
const colours: Paint = { bold: wrap(1), dim: wrap(2), green: wrap(32), yellow: wrap(33), red: wrap(31), cyan: wrap(36) }

test('the banner as it looks', () => {
  const lines = [
    { label: 'study', value: 'kws-f746', detail: 'resumed: 41 of 200 trials' },
    { label: 'device', value: 'stm32f746', detail: '216 MHz Cortex-M7' },
    { label: 'report', value: 'results/kws-f746/report.html' },
  ]
  expect(banner('tinyfront', '0.1.0', 140, lines, plainStyle)).toBe(`
  tinyfront v0.1.0  ready in 140 ms

  ➜  study   kws-f746   resumed: 41 of 200 trials
  ➜  device  stm32f746  216 MHz Cortex-M7
  ➜  report  results/kws-f746/report.html
`)
  expect(arrowLines(lines, ascii)[0]).toBe('  ->  study   kws-f746   resumed: 41 of 200 trials')
})

test('bars are as long as they say, and stay within their cells', () => {
  expect([0, 0.5, 1, 7, -1, Number.NaN].map((share) => bar(share, 4, ascii))).toEqual([
    '....',
    '##..',
    '####',
    '####',
    '....',
    '....',
  ])
})

describe('the front table', () => {
  const text = frontTable(study, plainStyle)
  test('stars exactly one member of every board and says why', () => {
    expect(text.match(/★/g)).toHaveLength(study.targets.length)
    expect(text.match(/recommended$/gm)).toHaveLength(study.targets.length)
  })
  test('lists members best first', () => {
    const scores = [
      ...frontTable({ ...study, targets: study.targets.slice(0, 1) }, plainStyle).matchAll(/^ {2}[ ★] +\d+ +([\d.]+) %/gm),
    ].map((m) => Number(m[1]))
    expect(scores.length).toBeGreaterThan(3)
    expect(scores).toEqual([...scores].sort((a, b) => b - a))
  })
  test('says when a latency is not calibrated', () => {
    expect(text.match(/latency not calibrated/g)).toHaveLength(study.targets.filter((t) => !t.calibrated).length)
  })
  test('names how many members it leaves out', () => {
    const limited = frontTable(study, plainStyle, 'terminal', 3)
    const rows = (from: string) => from.match(/ kB +\d+ % +[\d.]+ [kM]B/g)!.length
    const left = [...limited.matchAll(/(\d+) more: tinyfront front/g)].reduce((sum, m) => sum + Number(m[1]), 0)
    expect(rows(limited) + left).toBe(study.targets.reduce((sum, t) => sum + t.front.length, 0))
  })
  test('fits an 80-column terminal but for sentences', () => {
    const rows = frontTable(study, { ...plainStyle, width: 80 })
      .split('\n')
      .filter((line) => / kB +\d+ % /.test(line) && !/░/.test(line))
    expect(rows.length).toBeGreaterThan(5)
    for (const row of rows) expect(displayWidth(row)).toBeLessThanOrEqual(80)
  })
  test('without unicode there is none but in units and names', () => {
    expect(frontTable(study, ascii)).not.toMatch(/[★░█➜…]/)
  })
  test('in Markdown there are no colours', () => {
    expect(frontTable(study, { ...plainStyle, paint: colours }, 'markdown', 3)).not.toContain('\u001b')
  })
  test('a board that nothing fits is told so', () => {
    const none = { ...study, targets: study.targets.map((t) => ({ ...t, front: [] })) }
    expect(frontTable(none, plainStyle)).toContain('no trained network fits')
  })
})

test('the layer table has a row a layer and marks the peak once', () => {
  const [network] = study.chosen
  const lines = layerTable(network!, plainStyle).split('\n')
  expect(lines).toHaveLength(network!.layers.length + 1)
  expect(lines.filter((l) => l.endsWith('peak'))).toHaveLength(1)
  expect(layerTable(network!, { ...plainStyle, paint: colours }, 'markdown')).not.toContain('\u001b')
})

test('the comparison gives each front its line and its coverage', () => {
  const view = madeUpComparison(study)
  const text = compareTable(view, plainStyle)
  for (const e of view.entries) expect(text.split('\n').filter((l) => l.includes(e.name))).toHaveLength(2)
  // Same networks, slower board: nothing of the slow board's front is faster, so it covers none of the fast one's.
  expect(text).toMatch(/\[3\] Raspberry Pi Pico.* 0 % +0 % +–/)
})

test('front --json keeps its contract', () => {
  const document = frontDocument(study)
  expect(Object.keys(document)).toEqual(['schemaVersion', 'study', 'seed', 'metric', 'trials', 'targets'])
  const [target] = document.targets
  expect(Object.keys(target!)).toEqual(['target', 'hypervolume', 'reference', 'front'])
  const [first] = target!.front
  expect(Object.keys(first!)).toEqual(['trial', 'genome', 'accuracy', 'cost'])
  expect(Object.keys(first!.accuracy)).toEqual(['float32', 'int8', 'test', 'testLow', 'testHigh'])
  expect(Object.keys(first!.cost)).toEqual([
    'latencyMs',
    'latencyLowMs',
    'latencyHighMs',
    'ramBytes',
    'flashBytes',
    'energyUj',
    'macs',
    'params',
  ])
  expect(JSON.parse(JSON.stringify(document))).toEqual(document)
})
