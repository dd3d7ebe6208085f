import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dataFolder, haveData } from '../../bench/fit/data.ts'
import { modelRows } from '../../bench/fit/rows.ts'
import { microBenchmarks } from '../../src/device/benchmarks.ts'
import { loadTarget } from '../../src/device/load.ts'
import { price } from '../../src/device/predict.ts'
import { packageRoot } from '../../src/util/package-root.ts'
import { cli, type Ended } from '../helpers/cli.ts'
import { floatTflite } from '../helpers/float-tflite.ts'

const folder = mkdtempSync(join(tmpdir(), 'tinyfront-calibrate-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const path = (name: string): string => join(folder, name)
const put = (name: string, text: string): string => {
  writeFileSync(path(name), text)
  return path(name)
}
const truth = loadTarget('stm32h743:x-cube-ai-7')
const names = ['conv', 'pointwise', 'depthwise', 'dense', 'separable']
const row = (name: string, factor = 1): string => {
  const { graph } = microBenchmarks.find((b) => b.name === name)!
  return `${name}/${name}.tflite,${factor * price(graph, truth).latencyMs}`
}
const table = (...lines: string[]): string => ['model,latencyMs', ...lines, ''].join('\n')
const mine = path('mine.json')

beforeAll(async () => {
  cpSync(join(packageRoot, 'devices/stm32f401.json'), mine)
  expect((await cli('calibrate', '--emit', folder)).code).toBe(0)
})

describe('calibrate --emit', () => {
  it('writes every network as .tflite, C and sketch, and leaves a table alone that was begun', async () => {
    for (const { name } of microBenchmarks)
      expect(readdirSync(path(name)).sort()).toEqual(
        [`${name}.ino`, `${name}.tflite`, 'tinyfront_model.c', 'tinyfront_model.h', 'tinyfront_sample.h'].sort(),
      )
    expect(readFileSync(path('README.md'), 'utf8')).toMatch(/^3\. `tinyfront calibrate --device/m)
    put('measurements.csv', table(row('conv')))
    const again = await cli('calibrate', '--emit', folder)
    expect(again.err).toMatch(/kept .*measurements\.csv/)
    expect(readFileSync(path('measurements.csv'), 'utf8')).toContain('conv.tflite')
  })
})

describe('calibrate', () => {
  it('errors before and after, what to measure next, and a device file that other commands take', async () => {
    const csv = put('five.csv', table(...names.map((n) => row(n))))
    const { code, out, err } = await cli('calibrate', '--device', mine, csv, '--out', path('out/fitted.json'))
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/mean error \d+ % before, \d+ % after/)
    expect(out).toMatch(/measure next {2}(element|thin|series)/)
    expect(existsSync(path('out/fitted.json.part'))).toBe(false)
    const profile = async (device: string) =>
      JSON.parse((await cli('profile', path('separable/separable.tflite'), '--device', device, '--json')).out).targets[0]
    const [before, after] = [await profile(mine), await profile(path('out/fitted.json'))]
    const measured = price(microBenchmarks.find((b) => b.name === 'separable')!.graph, truth).latencyMs
    expect(before).toMatchObject({ calibrated: false, rows: 0 })
    expect(after).toMatchObject({ calibrated: true, rows: 5, ramBytes: before.ramBytes })
    expect(Math.abs(before.latencyMs / measured - 1)).toBeGreaterThan(5)
    expect(Math.abs(after.latencyMs / measured - 1)).toBeLessThan(0.1)
  })

  it('--json: rows, errors, interval, suggestions', async () => {
    const csv = put(
      'arena.csv',
      ['model,latencyMs,arenaBytes', ...names.map((n, i) => `${row(n)},${i === 0 ? 99_000 : ''}`)].join('\n'),
    )
    const { out } = await cli('calibrate', '--device', `${mine}:tinyfront-c`, csv, '--out', path('j.json'), '--json')
    const document = JSON.parse(out)
    expect(Object.keys(document)).toEqual('schemaVersion device runtime file rows mape interval next'.split(' '))
    expect(document.runtime).toBe('tinyfront-c')
    expect(document.rows.map((r: { arenaBytes: number | null }) => r.arenaBytes)).toEqual([99_000, null, null, null, null])
    expect(document.mape.leftOut).toBeLessThan(document.mape.before)
    expect(document.next.map((n: { name: string }) => n.name).sort()).toEqual(['element', 'series', 'thin'])
    const file = JSON.parse(readFileSync(path('j.json'), 'utf8'))
    expect(Object.keys(file.calibration)).toEqual(['tinyfront-c'])
    expect(loadTarget(`${path('j.json')}:tinyfront-c`).latency.calibrated).toBe(true)
    // the other runtime of the same board is as it was
    expect(loadTarget(path('j.json')).latency.calibrated).toBe(false)
  })

  it('a second calibration begins from the published coefficients, not from the first', async () => {
    const csv = put('again.csv', table(...names.map((n) => row(n))))
    await cli('calibrate', '--device', mine, csv, '--out', path('once.json'))
    await cli('calibrate', '--device', path('once.json'), csv, '--out', path('twice.json'))
    expect(loadTarget(path('twice.json')).latency).toEqual(loadTarget(path('once.json')).latency)
  })

  it('warns of a row that contradicts the others, and of the wrong unit', async () => {
    const like = (name: string, factor: number): string => {
      const { graph } = microBenchmarks.find((b) => b.name === name)!
      return `${name}/${name}.tflite,${factor * price(graph, loadTarget(mine)).latencyMs}`
    }
    const all = [...names, 'series']
    const odd = put('odd.csv', table(...all.map((n) => like(n, n === 'separable' ? 4 : 1.3))))
    const { out } = await cli('calibrate', '--device', mine, odd, '--out', path('odd.json'))
    expect(out).toMatch(/note {2}separable\/separable\.tflite: outlier/)
    expect(out).toMatch(/rule: its left-out error/)
    const micro = put('micro.csv', table(...all.map((n) => like(n, 1000))))
    expect((await cli('calibrate', '--device', mine, micro, '--out', path('m.json'))).out).toMatch(/are they in milliseconds/)
  })

  it('writes beside the file it came from, and replaces nothing that --out does not name', async () => {
    const csv = put('five.csv', table(...names.map((n) => row(n))))
    expect((await cli('calibrate', '--device', mine, csv)).out).toContain(path('mine-calibrated.json'))
    const second = await cli('calibrate', '--device', mine, csv)
    expectTwoLines(second, /mine-calibrated\.json is there already/)
    expect((await cli('calibrate', '--device', mine, csv, '--out', path('mine-calibrated.json'))).code).toBe(0)
  })
})

function expectTwoLines({ code, out, err }: Ended, says: RegExp): void {
  expect([code, out]).toEqual([2, ''])
  expect(err).toMatch(/^error .+\nmend {2}.+\n$/)
  expect(err).toMatch(says)
}

describe('calibrate, wrong', () => {
  const three = () => names.slice(0, 3).map((n) => row(n))
  const wrong: [string, () => string, RegExp][] = [
    ['no such table', () => path('none.csv'), /none\.csv: cannot be read: there is no such place/],
    ['an empty table', () => put('w.csv', ''), /w\.csv: no rows/],
    [
      'a missing column',
      () => put('w.csv', 'model,latency\nconv/conv.tflite,3\n'),
      /no column latencyMs\nmend {2}rename the column latency;/,
    ],
    ['an unknown column', () => put('w.csv', 'model,latencyMs,colour\nconv/conv.tflite,3,red\n'), /unknown column colour/],
    ['ragged lines', () => put('w.csv', 'model,latencyMs\nconv/conv.tflite\n'), /w\.csv: not a table/],
    [
      'a latency of nothing',
      () => put('w.csv', table(...three(), 'conv/conv.tflite,0')),
      /w\.csv line 5: latencyMs: "0" must be more than 0/,
    ],
    [
      'a latency that is no number',
      () => put('w.csv', table(...three(), 'conv/conv.tflite,3ms')),
      /line 5: latencyMs: "3ms" is not a number/,
    ],
    ['no latency', () => put('w.csv', table(...three(), 'conv/conv.tflite,')), /line 5: latencyMs: "" /],
    ['a model that is not there', () => put('w.csv', table(...three(), 'x.tflite,3')), /line 5: .*x\.tflite: cannot be read/],
    [
      'a float model',
      () => {
        writeFileSync(path('float.tflite'), floatTflite(readFileSync(path('conv/conv.tflite'))))
        return put('w.csv', table(...three(), 'float.tflite,3'))
      },
      /line 5: float\.tflite computes in float32/,
    ],
    ['a model that is none', () => put('w.csv', table(...three(), 'README.md,3')), /line 5: "README\.md" names no model/],
    [
      'a broken model',
      () => {
        put('broken.tflite', 'TFL3 no')
        return put('w.csv', table(...three(), 'broken.tflite,3'))
      },
      /line 5: .*broken\.tflite: not a/,
    ],
    ['too few rows', () => put('w.csv', table(row('conv'), row('dense'))), /2 different networks, at least 3/],
    ['the same network three times', () => put('w.csv', table(row('conv'), row('conv'), row('conv'))), /1 network, at least 3/],
  ]
  it.each(wrong)('%s', async (_, csv, says) => {
    expectTwoLines(await cli('calibrate', '--device', mine, csv(), '--out', path('never.json')), says)
    expect(existsSync(path('never.json'))).toBe(false)
  })

  it.each<[string, string[], RegExp]>([
    ['no board', ['x.csv'], /no board given/],
    ['two boards', ['--device', 'stm32f401,stm32f411', 'x.csv'], /2 boards/],
    ['no table', ['--device', 'stm32f401'], /no measurements given/],
    ['a table to --emit', ['--emit', folder, 'x.csv'], /reads no table/],
    ['an odd --out', ['--device', 'stm32f401', 'x.csv', '--out', 'folder'], /--out folder: not a device file/],
  ])('%s', async (_, args, says) => expectTwoLines(await cli('calibrate', ...args), says))
})

describe.skipIf(!haveData)('calibrate on published timings (../shared/data/latency)', () => {
  it('TinyEngine on STM32H743 from five of its networks, told nothing but the board and TFLM', async () => {
    const rows = modelRows().filter((r) => r.device === 'stm32h743' && r.runtime === 'tinyengine')
    const { clockMhz } = loadTarget('stm32h743').device
    const lines = rows.map((r) => [join(dataFolder, 'latency/layers', `${r.model}.json`), r.cycles / clockMhz / 1000] as const)
    const [given, asked] = [lines.slice(0, 5), lines.slice(5)]
    const csv = put('published.csv', table(...given.map((l) => l.join())))
    cpSync(join(packageRoot, 'devices/stm32h743.json'), path('h7.json'))
    const spec = `${path('h7.json')}:tflm-cmsis-nn`
    const fitted = await cli('calibrate', '--device', spec, csv, '--out', path('h7-fitted.json'))
    expect(fitted.code).toBe(0)
    const errorOn = async (device: string): Promise<number> => {
      let sum = 0
      for (const [file, ms] of asked) {
        const { out } = await cli('profile', '--graph', file, '--device', `${device}:tflm-cmsis-nn`, '--json')
        sum += Math.abs(JSON.parse(out).targets[0].latencyMs / ms - 1)
      }
      return sum / asked.length
    }
    expect(asked.length).toBeGreaterThanOrEqual(4)
    expect(await errorOn(path('h7.json'))).toBeGreaterThan(0.5)
    expect(await errorOn(path('h7-fitted.json'))).toBeLessThan(0.1)
  })
})
