import { usageError } from '../util/errors.ts'
import type { Random } from '../util/rng.ts'
import type { Genome, Space } from './genes.ts'

/** Which genes say anything about the network, given the others. */
export function activeGenes(space: Space, genome: Genome): boolean[] {
  const active: boolean[] = []
  for (const { controller } of space.genes)
    active.push(controller === undefined || (active[controller.gene]! && controller.on[genome[controller.gene]!]!))
  return active
}

/** Inactive genes are 0, so that one network of the space has one genome. */
export function canonical(space: Space, genome: Genome): Genome {
  const active = activeGenes(space, genome)
  return genome.map((choice, i) => (active[i] ? choice : 0))
}

const anyGenome = (space: Space, random: Random): number[] => space.genes.map((gene) => random.int(gene.labels.length))

/** Every gene uniform over its choices. */
export const randomGenome = (space: Space, random: Random): Genome => canonical(space, anyGenome(space, random))

/**
 * Changes exactly one active gene to another of its choices (its next or previous one half of the time: lists are ordered, so that is the
 * small step). Genes which the change wakes are drawn at random. A space without choices gives the genome itself.
 */
export function mutate(space: Space, genome: Genome, random: Random): Genome {
  const active = activeGenes(space, genome)
  const candidates = genome.flatMap((_, i) => (active[i] ? [i] : []))
  if (candidates.length === 0) return genome
  const i = random.pick(candidates)
  const others = space.genes[i]!.labels.flatMap((_, choice) => (choice === genome[i] ? [] : [choice]))
  const near = others.filter((choice) => Math.abs(choice - genome[i]!) === 1)
  const choice = random.pick(random.next() < 0.5 ? near : others)
  const fresh = anyGenome(space, random)
  return canonical(
    space,
    genome.map((old, j) => (j === i ? choice : active[j] ? old : fresh[j]!)),
  )
}

/** Uniform over genes; where a gene is active in one parent only, that parent gives it. */
export function crossover(space: Space, a: Genome, b: Genome, random: Random): Genome {
  const activeA = activeGenes(space, a)
  const activeB = activeGenes(space, b)
  const child = a.map((choice, i) => {
    const fromA = random.next() < 0.5
    return activeA[i] === activeB[i] ? (fromA ? choice : b[i]!) : activeA[i] ? choice : b[i]!
  })
  return canonical(space, child)
}

/** Every genome that differs in one active gene; genes which the change wakes take their first choice. */
export function neighbours(space: Space, genome: Genome): Genome[] {
  const active = activeGenes(space, genome)
  return space.genes.flatMap((gene, i) =>
    active[i]
      ? gene.labels.flatMap((_, choice) =>
          choice === genome[i]
            ? []
            : [
                canonical(
                  space,
                  genome.map((old, j) => (j === i ? choice : old)),
                ),
              ],
        )
      : [],
  )
}

/** How many canonical genomes there are: genes form a forest under their controllers, so sums and products suffice. */
export function sizeOfSpace(space: Space): bigint {
  const children = space.genes.map((_, i) => space.genes.flatMap((g, j) => (g.controller?.gene === i ? [j] : [])))
  const count = (i: number): bigint =>
    space.genes[i]!.labels.reduce(
      (sum, _, choice) =>
        sum + children[i]!.reduce((product, j) => (space.genes[j]!.controller!.on[choice] ? product * count(j) : product), 1n),
      0n,
    )
  return space.genes.reduce((product, gene, i) => (gene.controller ? product : product * count(i)), 1n)
}

/** Every canonical genome, in the order of counting. For small spaces. */
export function* allGenomes(space: Space): Generator<Genome> {
  const genome = space.genes.map(() => 0)
  for (;;) {
    const active = activeGenes(space, genome)
    yield [...genome]
    let i = genome.length - 1
    for (; i >= 0; i--) {
      if (active[i] && genome[i]! + 1 < space.genes[i]!.labels.length) break
      genome[i] = 0
    }
    if (i < 0) return
    genome[i]!++
  }
}

/** Active genes in values: `w=0.5 s1=d2 s1.1=k3e4 s1.2=k5e3p0.5`. Values, not indices, so that reordering a list breaks nothing. */
export function toText(space: Space, genome: Genome): string {
  const active = activeGenes(space, genome)
  const groups = new Map<string, string>()
  space.genes.forEach(({ group, letter, labels }, i) => {
    if (active[i]) groups.set(group, (groups.get(group) ?? '') + letter + labels[genome[i]!]!)
  })
  return [...groups].map(([group, text]) => `${group}=${text}`).join(' ')
}

/** Reads `toText` back. Throws a usage error naming the word that this space does not know. */
export function fromText(space: Space, text: string): Genome {
  const byName = new Map(space.genes.map((gene, i) => [gene.name, i]))
  const genome = space.genes.map(() => 0)
  const given = new Set<number>()
  const refuse = (word: string) =>
    usageError(
      `"${word}" is not a choice of the space ${space.definition.name}`,
      'copy the text of a trial of this space, or see its search-spaces/*.json',
    )
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const [group = '', values = ''] = word.split('=')
    const parts = [...values.matchAll(/([a-wyz]?)([0-9.]+(?:x[0-9.]+)?)/g)]
    if (parts.length === 0 || parts.map((p) => p[0]).join('') !== values) throw refuse(word)
    for (const [, letter = '', label = ''] of parts) {
      const i = byName.get(letter ? `${group}.${letter}` : group)
      const choice = i === undefined ? -1 : space.genes[i]!.labels.indexOf(label)
      if (i === undefined || choice < 0) throw refuse(word)
      genome[i] = choice
      given.add(i)
    }
  }
  const missing = activeGenes(space, genome).findIndex((active, i) => active && !given.has(i))
  if (missing >= 0)
    throw usageError(
      `"${text}" leaves out ${space.genes[missing]!.name}`,
      `add one of ${space.genes[missing]!.labels.join(', ')}`,
    )
  return canonical(space, genome)
}
