import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { countGraph } from '../../src/graph/count.ts'
import type { Shape } from '../../src/graph/graph.ts'
import { decode } from '../../src/space/decode.ts'
import { openSpace } from '../../src/space/genes.ts'
import { randomGenome } from '../../src/space/genome.ts'
import { defaultSpaceFor, listSpaces, loadSpace } from '../../src/space/load.ts'
import { spaceSchema } from '../../src/space/schema.ts'
import { packageRoot } from '../../src/util/package-root.ts'
import { rng } from '../../src/util/rng.ts'

test('the bundled spaces load and bear their files’ names', () => {
  expect(listSpaces()).toEqual(['conv1d', 'ds-cnn', 'mcunet', 'mlp', 'mobilenetv2', 'mobilenetv3', 'plain-cnn'])
  for (const name of listSpaces()) expect(loadSpace(name).name).toBe(name)
})

test('schema.json is what the code validates (UPDATE_SCHEMAS=1 rewrites it)', () => {
  const file = join(packageRoot, 'search-spaces/schema.json')
  const schema = z.toJSONSchema(spaceSchema, { io: 'input' })
  if (process.env.UPDATE_SCHEMAS) writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(schema)))
})

test('errors name the file, the key and the remedy', () => {
  expect(() => loadSpace('mcunte')).toThrow('there is no search space "mcunte"')
  expect(remedyOf(() => loadSpace('mcunte'))).toContain('did you mean "mcunet"?')
  const folder = mkdtempSync(join(tmpdir(), 'tinyfront-space-'))
  const file = join(folder, 'mine.json')
  const broken = (change: (space: Record<string, unknown> & { stages: Record<string, unknown>[] }) => void) => {
    const space = JSON.parse(readFileSync(join(packageRoot, 'search-spaces/mcunet.json'), 'utf8'))
    change(space)
    writeFileSync(file, JSON.stringify(space))
    return () => loadSpace(file)
  }
  expect(loadSpaceWorks(broken(() => {}))).toBe(true)
  expect(broken((s) => (s.widht = [1]))).toThrow(`${file}: unknown key widht`)
  expect(remedyOf(broken((s) => (s.widht = [1])))).toBe('did you mean "width"?')
  expect(broken((s) => (s.stages[1]!.kernel = []))).toThrow('stages.1.kernel')
  expect(broken((s) => (s.stages[1]!.kernel = [3, 3]))).toThrow('stages.1.kernel: lists a choice twice')
  expect(broken((s) => (s.stages[0]!.expansion = [3]))).toThrow('stages.0: unknown key expansion')
  expect(broken((s) => (s.stages[1]!.name = 'stem'))).toThrow('"stem" is used twice')
  rmSync(folder, { recursive: true })
})

const remedyOf = (f: () => unknown): string => {
  try {
    f()
  } catch (error) {
    return (error as { remedy: string }).remedy
  }
  return ''
}
const loadSpaceWorks = (f: () => unknown) => f() !== undefined

test.each([
  ['image', [28, 28, 1], 'mcunet'],
  ['image', [32, 32, 3], 'mcunet'],
  ['image', [96, 128, 3], 'mcunet'],
  ['audio', [49, 10, 1], 'ds-cnn'],
  ['audio', [98, 40, 1], 'ds-cnn'],
  ['series', [128, 1, 6], 'conv1d'],
] as const)('the default space for %s %s reaches from small to large', (kind, input: Shape, name) => {
  expect(defaultSpaceFor(kind, input)).toBe(name)
  const space = openSpace(loadSpace(name), { input, outputs: 10, task: 'classification', kind })
  const random = rng('range')
  const counts = Array.from({ length: 4000 }, () => countGraph(decode(space, randomGenome(space, random)).graph))
  const [macs, params] = [counts.map((c) => c.macs), counts.map((c) => c.params)]
  expect(Math.min(...macs)).toBeLessThan(150_000)
  expect(Math.max(...macs)).toBeGreaterThan(10_000_000)
  expect(Math.min(...params)).toBeLessThan(2000)
  expect(Math.max(...params)).toBeGreaterThan(100_000)
})

test('features without a map get the multilayer perceptron', () => {
  expect(defaultSpaceFor('series', [1, 1, 20])).toBe('mlp')
})
