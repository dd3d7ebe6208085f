import { expect, test } from 'vitest'
import { fakeScore } from '../../src/search/fake.ts'
import { initialDesign, initialTrials } from '../../src/search/initial.ts'
import { fitSurrogate } from '../../src/search/surrogate.ts'
import { decode } from '../../src/space/decode.ts'
import { randomGenome } from '../../src/space/genome.ts'
import { rng } from '../../src/util/rng.ts'
import { type Board, fakeStudy } from './fake-study.ts'

const { space } = fakeStudy()
const sample = (seed: string, count: number) => {
  const random = rng(seed)
  return Array.from({ length: count }, () => {
    const genome = randomGenome(space, random)
    const { graph } = decode(space, genome)
    return { genome, graph, examples: undefined, error: 1 - fakeScore(graph) }
  })
}

/** Spearman's rank correlation. */
function rankCorrelation(a: readonly number[], b: readonly number[]): number {
  const ranks = (x: readonly number[]) => {
    const order = [...x.keys()].sort((i, j) => x[i]! - x[j]!)
    const rank: number[] = []
    for (const [r, i] of order.entries()) rank[i] = r
    return rank
  }
  const [ra, rb] = [ranks(a), ranks(b)]
  const d2 = ra.reduce((sum, r, i) => sum + (r - rb[i]!) * (r - rb[i]!), 0)
  return 1 - (6 * d2) / (a.length * (a.length * a.length - 1))
}

test('guesses rank unseen networks, the better the more trials stand behind them', () => {
  const unseen = sample('unseen', 200)
  const quality = (trials: number) => {
    const { median } = fitSurrogate(space, sample('seen', trials))
    return rankCorrelation(
      unseen.map((d) => d.error),
      unseen.map((d) => median(d)),
    )
  }
  const [few, many] = [quality(16), quality(100)]
  expect(few).toBeGreaterThan(0.6)
  expect(many).toBeGreaterThan(few)
  expect(many).toBeGreaterThan(0.85)
})

test('draws scatter about the median, less where more is known', () => {
  const [network] = sample('one', 1) as [ReturnType<typeof sample>[number]]
  const spread = (trials: number) => {
    const surrogate = fitSurrogate(space, sample('seen', trials))
    const random = rng('draws')
    const middle = surrogate.median(network)
    const offsets = Array.from({ length: 200 }, () => surrogate.draw(random)(network) / middle - 1)
    expect(offsets.filter((o) => o > 0).length / 200).toBeGreaterThan(0.35)
    expect(offsets.filter((o) => o > 0).length / 200).toBeLessThan(0.65)
    return Math.sqrt(offsets.reduce((sum, o) => sum + o * o, 0) / 200)
  }
  expect(spread(100)).toBeLessThan(spread(10))
})

test.each([[['small']], [['large']], [['small', 'large']]] as [Board[]][])(
  'first genomes for %s fit, differ and span the sizes that fit',
  (boards) => {
    const study = fakeStudy({ boards })
    const design = initialDesign(study)
    expect(new Set(design.map(String)).size).toBe(initialTrials)
    const costs = design.map((genome) => study.price(decode(space, genome).graph))
    for (const id of boards) expect(costs.filter((c) => c[id]!.violation <= 0).length).toBeGreaterThanOrEqual(initialTrials / 2)
  },
)

test('a target that random draws miss is reached by descent', () => {
  const study = fakeStudy({ boards: ['small'] })
  // about one random genome in a thousand is as small as this
  const price: typeof study.price = (graph) => {
    const cost = study.price(graph).small!
    return { small: { ...cost, violation: Math.max(0, cost.ramBytes / 1300 - 1) + Math.max(0, cost.flashBytes / 3000 - 1) } }
  }
  const random = rng('drawn')
  const fits = (genome: readonly number[]) => price(decode(space, genome).graph).small!.violation <= 0
  expect(Array.from({ length: 1000 }, () => randomGenome(space, random)).filter(fits).length).toBeLessThan(10)
  const design = initialDesign({ ...study, price })
  expect(design.length).toBe(initialTrials)
  expect(design.every(fits)).toBe(true)
})
