import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Op } from '../../src/graph/graph.ts'
import { int4Layers, weightBitsOf } from '../../src/graph/traits.ts'
import { decode } from '../../src/space/decode.ts'
import { openSpace } from '../../src/space/genes.ts'
import { randomGenome } from '../../src/space/genome.ts'
import { withInt4 } from '../../src/space/int4.ts'
import { listSpaces, loadSpace } from '../../src/space/load.ts'
import { rng } from '../../src/util/rng.ts'

const context = { input: [32, 32, 3], outputs: 10, task: 'classification' } as const

test.each(listSpaces())('%s: the choice of 4 bits changes the bits of whole stages, and nothing else', (name) => {
  const definition = loadSpace(name)
  const plain = openSpace(definition, context)
  const space = openSpace(withInt4(definition), context)
  const added = space.genes.flatMap((gene, i) => (gene.letter === 'b' ? [i] : []))
  expect(space.genes.length - added.length).toBe(plain.genes.length)
  expect(added.length).toBe(definition.stages.filter((s) => s.block !== 'pool').length)
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
      // the answer keeps 8 bits
      expect(weightBitsOf(graph.ops.findLast((op) => op.kind === 'dense')!)).toBe(8)
      narrow += int4Layers(graph)
    }),
    { numRuns: 40 },
  )
  expect(narrow).toBeGreaterThan(10)
})

test('a stage that lists its own bits keeps them', () => {
  const definition = loadSpace('mlp')
  const own = { ...definition, stages: definition.stages.map((s) => ({ ...s, weightBits: [4 as const] })) } as typeof definition
  expect(withInt4(own)).toEqual(own)
  const space = openSpace(own, { ...context, input: [1, 1, 12] })
  expect(space.genes.some((gene) => gene.letter === 'b')).toBe(false)
  const { graph } = decode(space, randomGenome(space, rng(1, 'own')))
  expect(int4Layers(graph)).toBe(graph.ops.filter((op) => op.kind === 'dense').length - 1)
})
