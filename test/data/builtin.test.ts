import { describe, expect, test } from 'vitest'
import { builtins, generateBuiltin } from '../../src/data/builtin/builtins.ts'
import { openDataset } from '../../src/data/open.ts'
import { linearAccuracy, matrix, nearestAccuracy } from './linear.ts'

const open = (spec: string) => openDataset(spec, { seed: 'test', cacheDir: 'unused' })

describe.each(Object.keys(builtins))('builtin:%s', (name) => {
  test('is balanced, deterministic, and other under another seed', () => {
    const [a, b, other] = ['', '', '&seed=2'].map((s) => generateBuiltin(`builtin:${name}?count=160${s}`))
    expect(Buffer.from(a!.samples.buffer).equals(Buffer.from(b!.samples.buffer))).toBe(true)
    expect(Buffer.from(a!.samples.buffer).equals(Buffer.from(other!.samples.buffer))).toBe(false)
    const counts = a!.classes.map((_, k) => a!.labels.values.filter((l) => l === k).length)
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
    expect(a!.samples.every((v) => Number.isFinite(v))).toBe(true)
    expect(a!.samples.buffer).toBeInstanceOf(SharedArrayBuffer)
  })

  // keywords is the easiest for a linear model: .69; the others are near or below .3. A small CNN reaches .87 to .96 (docs/data.md).
  test('is too hard for a linear model and for the nearest neighbour', async () => {
    // the hard ones stay hard with fewer examples, which saves time
    const dataset = await open(name === 'keywords' ? 'builtin:keywords' : `builtin:${name}?count=1000`)
    const [train, held] = [matrix(dataset, 'train'), matrix(dataset, 'test')]
    const epochs = Math.max(4, Math.min(10, Math.floor(1.2e7 / train.x.length)))
    expect(linearAccuracy(train, held, dataset.classes.length, epochs)).toBeLessThan(0.75)
    const nearest = nearestAccuracy(train, held, 80)
    expect(nearest).toBeLessThan(0.75)
    expect(dataset.report.warnings).toEqual([])
  }, 60_000)
})

test('groups of a built-in set stay on one side', async () => {
  const data = generateBuiltin('builtin:gestures?count=480')
  const { splits } = await open('builtin:gestures?count=480')
  const sides = [[...splits.train, ...splits.calibration], splits.searchValidation, splits.selectionValidation, splits.test]
  const groups = sides.map((side) => new Set(Array.from(side, (i) => data.groups![i]!)))
  expect(groups.reduce((n, g) => n + g.size, 0)).toBe(new Set(data.groups).size)
})

test.each([
  ['builtin:keyword', 'did you mean builtin:keywords?'],
  ['builtin:constructor', 'choose one of'],
  ['builtin:shapes?size=3', 'the options are count and seed'],
  ['builtin:shapes?count=7', 'leave it out for'],
])('%s is refused with a remedy', async (spec, remedy) => {
  await expect(open(spec)).rejects.toMatchObject({ kind: 'usage', remedy: expect.stringContaining(remedy) })
})
