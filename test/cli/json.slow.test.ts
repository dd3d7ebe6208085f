import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readTflite } from '../../src/export/tflite-read.ts'
import { sparsityOf } from '../../src/quant/shrink.ts'
import { cli } from './built.ts'

// What docs/json.md promises, read from the built command line's stdout.

const folder = mkdtempSync(join(tmpdir(), 'tinyfront-json-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const results = ['--results', folder]

let events: { type: string }[] = []
let trial = 0
beforeAll(async () => {
  const search = [
    'search',
    '--data',
    'builtin:gestures?count=200',
    '--device',
    'stm32f446,rp2040',
    '--trials',
    '6',
    '--polish',
    '1',
  ]
  const { code, out } = await cli([...search, '--study', 'a', '--json', '--workers', '2', ...results])
  expect(code).toBe(0)
  events = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  trial = (events.find((e) => e.type === 'polish:end') as unknown as { polish: { trial: number } }).polish.trial
})

const json = async (...args: string[]): Promise<Record<string, never>> => {
  const { code, out, err } = await cli([...args, '--json'])
  expect(err).toBe('')
  expect(code).toBe(0)
  return JSON.parse(out)
}

test('search: one event a line, from study:start to study:end, each of a kind that is documented', () => {
  const types = events.map((e) => e.type)
  expect(types[0]).toBe('study:start')
  expect(types.at(-1)).toBe('study:end')
  // a teacher that a short search does not wait for has no end
  expect(new Set([...types, 'teacher:end'])).toEqual(
    new Set([
      ...['study:start', 'teacher:start', 'teacher:end', 'trial:start', 'trial:end', 'front:change', 'search:end'],
      ...['polish:start', 'polish:end', 'test:end', 'verify:end', 'study:end'],
    ]),
  )
})

test('front: the stable contract, with a tested member', async () => {
  const front = (await json('front', 'a', ...results)) as unknown as import('../../src/report/front-json.ts').FrontDocument
  expect(Object.keys(front)).toEqual(['schemaVersion', 'study', 'seed', 'metric', 'trials', 'targets'])
  expect(front.targets.map((t) => t.target)).toEqual(['stm32f446', 'rp2040'])
  for (const { front: members } of front.targets) {
    const [member] = members
    expect(Object.keys(member!.accuracy)).toEqual(['float32', 'int8', 'test', 'testLow', 'testHigh'])
    expect(member!.accuracy.testLow!).toBeLessThanOrEqual(member!.accuracy.test!)
    expect(member!.accuracy.test!).toBeLessThanOrEqual(member!.accuracy.testHigh!)
  }
})

test.each([
  [
    ['compare', 'a'],
    ['schemaVersion', 'title', 'metric', 'objectives', 'entries', 'coverage'],
  ],
  [
    ['show', 'a'],
    ['schemaVersion', 'study', 'trial', 'genome', 'costs', 'targets', 'layers', 'ramMap', 'arenaBytes', 'steps', 'verification'],
  ],
  [
    ['verify', 'a'],
    ['schemaVersion', 'checks'],
  ],
  [
    ['report', 'a'],
    ['schemaVersion', 'report'],
  ],
  [
    ['list', 'studies'],
    ['schemaVersion', 'studies'],
  ],
])('%s', async (args, keys) => {
  const trialArgument = ['show', 'verify'].includes(args[0]!) ? [String(trial)] : []
  expect(Object.keys(await json(...args, ...trialArgument, ...results))).toEqual(expect.arrayContaining(keys))
})

test.each([
  [['list', 'devices'], 'devices'],
  [['list', 'spaces'], 'spaces'],
  [['list', 'data'], 'data'],
])('%s is a list of several', async (args, key) => {
  expect((await json(...args))[key] as unknown as unknown[]).toSatisfy((list: unknown[]) => list.length > 2)
})

test('export and profile: files written, boards priced', async () => {
  const out = join(folder, 'out')
  const { files } = (await json('export', 'a', String(trial), '--format', 'tflite', '--out', out, ...results)) as unknown as {
    files: string[]
  }
  const model = files.find((f) => f.endsWith('.tflite'))!
  const profile = (await json('profile', model, '--device', 'stm32f446')) as unknown as {
    targets: { target: string; fits: boolean; perOp: [] }[]
  }
  expect(profile.targets[0]).toMatchObject({ target: 'stm32f446', fits: true })
  expect(profile.targets[0]!.perOp.length).toBeGreaterThan(2)
})

test('export --cluster and --sparsity: the file has what was asked for, and the account says what it costs', async () => {
  const out = join(folder, 'shrunk')
  const asked = ['--cluster', '16', '--sparsity', '0.25', '--out', out]
  const document = (await json('export', 'a', String(trial), ...asked, ...results)) as unknown as {
    files: string[]
    shrunk: Record<'score' | 'sparsity' | 'kernelBytes' | 'gzipBytes', { before: number; after: number }> & { split: string }
  }
  const file = document.files.find((f) => f.endsWith('.tflite'))!
  const { model } = readTflite(readFileSync(file), file)
  for (const layer of model.layers) if (layer) expect(new Set(layer.kernels[0].weights).size).toBeLessThanOrEqual(16)
  const { sparsity, kernelBytes, gzipBytes, score, split } = document.shrunk
  expect(sparsityOf(model)).toBeCloseTo(sparsity.after, 12)
  expect(sparsity.after).toBeGreaterThan(0.2)
  expect(kernelBytes.after).toBeLessThan(kernelBytes.before)
  expect(gzipBytes.after).toBeLessThan(gzipBytes.before)
  expect([split, score.after <= 1]).toEqual(['selectionValidation', true])
})

test('plan, scorecard and data inspect', async () => {
  const data = ['--data', 'builtin:gestures?count=200']
  expect(Object.keys(await json('plan', ...data, '--device', 'stm32f446', '--time', '1m'))).toEqual(
    expect.arrayContaining(['schemaVersion', 'space', 'size', 'perTarget', 'plan', 'trials', 'seconds']),
  )
  expect(Object.keys(await json('scorecard'))).toContain('schemaVersion')
  expect(Object.keys(await json('data', 'inspect', data[1]!))).toContain('schemaVersion')
})
