import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Op } from '../../src/graph/graph.ts'
import { hasWeights, int4Layers, weightBitsOf } from '../../src/graph/traits.ts'
import { decode } from '../../src/space/decode.ts'
import { openSpace } from '../../src/space/genes.ts'
import { randomGenome } from '../../src/space/genome.ts'
import { withInt4 } from '../../src/space/int4.ts'
import { listSpaces, loadSpace } from '../../src/space/load.ts'
import { rng } from '../../src/util/rng.ts'

const context = { input: [32, 32, 3], outputs: 10, task: 'classification' } as const

test.each(listSpaces())('%s: the choice of 4 bits is one gene, which changes the bits of all layers and nothing else', (name) => {
  const definition = loadSpace(name)
  const plain = openSpace(definition, context)
  const space = openSpace(withInt4(definition), context)
  const added = space.genes.flatMap((gene, i) => (gene.name === 'b' ? [i] : []))
  expect(space.genes.length - added.length).toBe(plain.genes.length)
  expect(added.length).toBe(1)
  const without = (op: Op): Op => {
    const { weightBits: _, ...rest } = op as Op & { weightBits?: 4 }
    return rest as Op
  }
  let narrow = 0
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const genome = randomGenome(space, rng(seed, 'int4'))
      const { graph, unpruned } = decode(space, genome)
      const twin = decode(
        plain,
        genome.filter((_, i) => !added.includes(i)),
      )
      expect(graph.ops.map(without)).toEqual(twin.graph.ops)
      expect(unpruned.ops.map(without)).toEqual(twin.unpruned.ops)
      expect(unpruned.ops.map(weightBitsOf)).toEqual(graph.ops.map(weightBitsOf))
      const layers = graph.ops.filter(hasWeights).length
      expect([0, layers]).toContain(int4Layers(graph))
      narrow += int4Layers(graph)
    }),
    { numRuns: 40 },
  )
  expect(narrow).toBeGreaterThan(10)
})

test('a stage that lists its own bits has a gene of its own, or none', () => {
  const definition = withInt4(loadSpace('mlp'))
  const [first, ...others] = definition.stages
  const open = (weightBits: (8 | 4)[]) =>
    openSpace({ ...definition, stages: [{ ...first!, weightBits }, ...others] } as typeof definition, {
      ...context,
      input: [1, 1, 12],
    })
  const names = (weightBits: (8 | 4)[]) =>
    open(weightBits).genes.flatMap(({ name, letter }) => (/^b$/.test(letter || name) ? [name] : []))
  expect(names([8, 4])).toEqual(['b', `${first!.name}.b`])
  expect(names([4])).toEqual(['b'])
  const space = open([4])
  const b = space.genes.findIndex((gene) => gene.name === 'b')
  const genome = randomGenome(space, rng(1, 'own')).map((choice, i) => (i === b ? 0 : choice))
  const { graph } = decode(space, genome)
  expect(
    graph.ops
      .filter((op) => op.kind === 'dense')
      .map(weightBitsOf)
      .at(-1),
  ).toBe(8)
})
