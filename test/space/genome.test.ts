import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Genome, openSpace, type Space } from '../../src/space/genes.ts'
import {
  activeGenes,
  allGenomes,
  canonical,
  crossover,
  fromText,
  mutate,
  neighbours,
  randomGenome,
  sizeOfSpace,
  toText,
} from '../../src/space/genome.ts'
import { listSpaces, loadSpace } from '../../src/space/load.ts'
import { type SpaceDefinition, spaceSchema } from '../../src/space/schema.ts'
import { rng } from '../../src/util/rng.ts'

const context = { input: [32, 32, 3], outputs: 10, task: 'classification' } as const
const open = (name: string) => openSpace(loadSpace(name), context)
const inBounds = (space: Space, g: Genome) =>
  g.length === space.genes.length && g.every((c, i) => Number.isInteger(c) && c >= 0 && c < space.genes[i]!.labels.length)

/** Small enough to list by brute force, with every kind of condition. */
const small: SpaceDefinition = spaceSchema.parse({
  schemaVersion: 1,
  name: 'small',
  description: '',
  width: [0.5, 1],
  activation: 'relu',
  stages: [
    { name: 'stem', block: 'conv', width: [8], kernel: [3] },
    {
      name: 's1',
      block: 'mbconv',
      width: [8],
      depth: [0, 1, 2],
      kernel: [3, 5],
      expansion: [1, 4],
      residual: [false, true],
      keep: [0.5, 1],
    },
    { name: 's2', block: 'mbconv', vary: 'stage', width: [8], depth: [0, 2], kernel: [3], expansion: [1], keep: [0.5, 1] },
  ],
  reduce: 'mean',
})

describe.each(listSpaces())('genomes of %s', (name) => {
  const space = open(name)
  const seeds = fc.integer({ min: 0, max: 1e6 })

  test('random genomes are canonical and in bounds, and their text reads back', () =>
    fc.assert(
      fc.property(seeds, (seed) => {
        const g = randomGenome(space, rng(seed))
        expect(inBounds(space, g)).toBe(true)
        expect(canonical(space, g)).toEqual(g)
        expect(fromText(space, toText(space, g))).toEqual(g)
      }),
    ))

  test('mutation changes exactly one active gene', () =>
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = rng(seed)
        const parent = randomGenome(space, random)
        const child = mutate(space, parent, random)
        expect(inBounds(space, child)).toBe(true)
        expect(canonical(space, child)).toEqual(child)
        const [before, after] = [activeGenes(space, parent), activeGenes(space, child)]
        expect(parent.filter((c, i) => before[i] && after[i] && c !== child[i])).toHaveLength(1)
      }),
    ))

  test('a child of crossover has each gene from a parent in which it is active', () =>
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = rng(seed)
        const [a, b] = [randomGenome(space, random), randomGenome(space, random)]
        const child = crossover(space, a, b, random)
        const [inA, inB, inChild] = [a, b, child].map((g) => activeGenes(space, g))
        child.forEach((c, i) => {
          if (inChild![i]) expect((inA![i] && a[i] === c) || (inB![i] && b[i] === c)).toBe(true)
        })
      }),
    ))

  test('neighbours are distinct, canonical and differ', () => {
    const g = randomGenome(space, rng(7))
    const all = neighbours(space, g)
    expect(new Set(all.map(String)).size).toBe(all.length)
    for (const other of all) {
      expect(canonical(space, other)).toEqual(other)
      expect(other).not.toEqual(g)
    }
  })
})

test('the size of a space counts its canonical genomes: by hand, by listing, by brute force', () => {
  const space = openSpace(small, context)
  // block: kernel 2 x (e=1, or e=4 with keep 2) = 6; s1: 1 + 6 + 36 * 2 residual = 79; s2: keep is idle where nothing expands: 2; width 2
  expect(sizeOfSpace(space)).toBe(2n * 79n * 2n)
  const listed = [...allGenomes(space)].map(String)
  expect(listed).toHaveLength(316)
  expect(new Set(listed).size).toBe(316)
  const brute = new Set<string>()
  const walk = (g: number[]): void => {
    if (g.length === space.genes.length) brute.add(String(canonical(space, g)))
    else for (const c of space.genes[g.length]!.labels.keys()) walk([...g, c])
  }
  walk([])
  expect(brute).toEqual(new Set(listed))
})

test('the text survives a reordering of the lists', () => {
  const reordered = openSpace(
    spaceSchema.parse({
      ...small,
      width: [1, 0.5],
      stages: small.stages.map((s) =>
        s.block === 'mbconv' ? { ...s, depth: [...s.depth].reverse(), expansion: [...s.expansion].reverse() } : s,
      ),
    }),
    context,
  )
  const space = openSpace(small, context)
  for (const g of allGenomes(space)) {
    const text = toText(space, g)
    expect(toText(reordered, fromText(reordered, text))).toBe(text)
  }
})

test.each([
  ['w=0.5 s1=d9', 's1=d9'],
  ['w=0.5 nonsense', 'nonsense'],
  ['w=0.5 s1=d0q1 s2=d0', 's1=d0q1'],
  ['w=0.5 s1=d1 s2=d0', 's1.1.k'],
])('%s is refused and %s named', (text, culprit) => {
  expect(() => fromText(openSpace(small, context), text)).toThrow(culprit)
})
