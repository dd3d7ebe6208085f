import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { microBenchmarks } from '../../src/device/benchmarks.ts'
import { loadTarget } from '../../src/device/load.ts'
import { price } from '../../src/device/predict.ts'
import { emitBenchmarks } from '../../src/run/boards/emit.ts'
import { packageRoot } from '../../src/util/package-root.ts'

const folder = mkdtempSync(join(tmpdir(), 'tinyfront-example-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const index = new URL('../../src/index.ts', import.meta.url).href
const page = readFileSync(join(packageRoot, 'docs/library.md'), 'utf8')
const examples = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code!.replace("'tinyfront'", `'${index}'`))
let said: string[][] = []

/** What the page takes for granted: a model, a board and networks timed on it (four times slower than its neighbour is said to be). */
beforeAll(() => {
  cpSync(join(packageRoot, 'test/fixtures/tflm-golden/d2_dscnn.tflite'), join(folder, 'model.tflite'))
  cpSync(join(packageRoot, 'devices/stm32f401.json'), join(folder, 'mine.json'))
  emitBenchmarks(folder)
  const like = loadTarget('stm32f446')
  const rows = microBenchmarks.map(({ name, graph }) => `${name}/${name}.tflite,${4 * price(graph, like).latencyMs}`)
  writeFileSync(join(folder, 'measurements.csv'), `model,latencyMs\n${rows.join('\n')}\n`)
  // an example may name its file, for others to import
  const names = examples.map((code, i) => /^\/\/ (\S+\.ts)\n/.exec(code)?.[1] ?? `example-${i}.ts`)
  examples.forEach((code, i) => void writeFileSync(join(folder, names[i]!), code))
  writeFileSync(join(folder, 'all.ts'), names.map((name) => `await import('./${name}')`).join('\n'))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  const tsx = import.meta.resolve('tsx')
  const out = execFileSync(process.execPath, ['--import', tsx, 'all.ts'], { cwd: folder, encoding: 'utf8' })
  said = out
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
}, 60_000)

const lines = (word: string): string[][] => said.filter(([first]) => first === word)

test('search: every trial is told, and the fronts of both boards', () => {
  expect(lines('trial')).toHaveLength(12)
  expect(new Set(lines('front').map(([, board]) => board))).toEqual(new Set(['stm32f446', 'esp32-s3']))
})

test('resume: more trials of the same study', () => {
  expect(lines('resumed')).toEqual([['resumed', 'complete']])
})

test('front, show, compare: what their commands say', () => {
  expect(lines('size')[0]).toEqual(['size', 'rp2040', expect.stringMatching(/^[1-9]\d*$/), 'accuracy'])
  expect(Number(lines('peak')[0]![1])).toBeGreaterThan(1000)
  expect(lines('covers')).toHaveLength(2)
})

test('exportModel, verify, predict: files, checks, and one class of an example', () => {
  expect(Number(lines('wrote')[0]![1])).toBeGreaterThan(1)
  expect(lines('check').length).toBeGreaterThan(0)
  expect(lines('check').map(([, status]) => status)).not.toContain('different')
  const [, , score, margin, outputs] = lines('said')[0]!
  expect(Number(margin)).toBeLessThanOrEqual(Number(score))
  expect(Number(outputs)).toBe(8)
})

test('a board, a strategy and an executor of their own, and a resume that brings them again', () => {
  expect(lines('own')).toEqual([['own', 'complete']])
  expect(lines('more').map(([, n]) => Number(n))).toContain(11)
})

test('a task of their own, in worker threads: much nearer than the 90 degrees of a guess', () => {
  const off = lines('off').map(([, degrees]) => Number(degrees))
  expect(off.length).toBeGreaterThan(0)
  expect(Math.min(...off)).toBeLessThan(45)
})

test('openStudy: the front on a board that was not searched, within the bound, and a network of it', () => {
  expect(lines('member').length).toBeGreaterThan(0)
  for (const [, board, , , latency] of lines('member')) {
    expect(board).toBe('rp2040')
    expect(Number(latency)).toBeLessThanOrEqual(500)
  }
  expect(Number(lines('layers')[0]![1])).toBeGreaterThan(3)
})

test('profile: each board once, and the smallest that holds it', () => {
  expect(lines('board').map(([, board]) => board)).toEqual(['stm32f446', 'rp2040'])
  expect(lines('smallest')[0]![1]).toMatch(/^[a-z0-9-]+$/)
})

test('calibrate: a device file whose board is predicted better', () => {
  const [, file, before, leftOut] = lines('fitted')[0]!
  expect(Number(leftOut)).toBeLessThan(Number(before))
  expect(loadTarget(join(folder, file!)).latency.calibrated).toBe(true)
})

test('errors name the remedy', () => {
  expect(lines('mend')[0]!.slice(1).join(' ')).toMatch(/^usage did you mean "?stm32f446/)
})
