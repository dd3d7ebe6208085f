import { countGraph } from '../graph/count.ts'
import { decode } from '../space/decode.ts'
import type { Genome } from '../space/genes.ts'
import { mutate, randomGenome } from '../space/genome.ts'
import { log } from '../util/math.ts'
import { type Random, rng } from '../util/rng.ts'
import type { SearchSetup } from './strategy.ts'

/** Trials before a strategy learns: enough for a first look at every order of magnitude. */
export const initialTrials = 10
const samples = 1024
/** Share of the range of log MACs that is passed over at its small end: such networks hardly learn, and tell little about the others. */
const tooSmall = 0.1
/** Cheap first passes over this share at the large end instead: whether networks there pay is a question for guesses. */
const cheapTop = 0.4
const wanted = 64
const descentSteps = 4096

/** Large and small networks by turns, or the small ones first, which fill most of a hypervolume in a fraction of the time. */
export type InitialOrder = 'spread' | 'cheap'

type Sample = { readonly genome: Genome; readonly violations: readonly number[]; readonly logMacs: number }

/**
 * First genomes: spread evenly over log MACs among networks that fit, from the largest that a target can hold downwards; targets take
 * turns. TinyNAS (Lin et al. 2020) looks only at the large end, where accuracy is; a whole front also needs the cheap one.
 * A target that random draws do not hit is approached by descent on its violation; what nothing fits gets no trials here.
 */
export function initialDesign(study: SearchSetup, order: InitialOrder = 'spread'): Genome[] {
  const random = rng(study.seed, 'initial')
  const drawn = Array.from({ length: samples }, () => weigh(study, randomGenome(study.space, random)))
  const pools = study.targets.map((_, target) => feasible(study, target, drawn, random))
  const taken = new Set<Genome>()
  const design: Sample[] = []
  const [from, to] = order === 'cheap' ? [cheapTop, 1] : [0, 1 - tooSmall]
  for (let k = 0; k < initialTrials; k++)
    for (const pool of pools) {
      const free = pool.filter((s) => !taken.has(s.genome))
      if (free.length === 0 || design.length === initialTrials) continue
      const [low, high] = [pool[0]!.logMacs, pool.at(-1)!.logMacs]
      const wish = high - (high - low) * (from + (to - from) * spread(k))
      const pick = free.reduce((a, b) => (Math.abs(b.logMacs - wish) < Math.abs(a.logMacs - wish) ? b : a))
      taken.add(pick.genome)
      design.push(pick)
    }
  if (order === 'cheap') design.sort((a, b) => a.logMacs - b.logMacs)
  return design.map((s) => s.genome)
}

function weigh(study: SearchSetup, genome: Genome): Sample {
  const { graph } = decode(study.space, genome)
  const costs = study.price(graph)
  return { genome, violations: study.targets.map(({ id }) => costs[id]!.violation), logMacs: log(1 + countGraph(graph).macs) }
}

/** Networks that fit one target, by rising MACs. */
function feasible(study: SearchSetup, target: number, drawn: readonly Sample[], random: Random): Sample[] {
  const excess = (s: Sample) => s.violations[target]!
  const found = drawn.filter((s) => excess(s) <= 0)
  const walkers = drawn
    .filter((s) => excess(s) > 0)
    .sort((a, b) => excess(a) - excess(b))
    .slice(0, wanted)
  for (let step = 0; step < descentSteps && found.length < wanted && walkers.length > 0; step++) {
    const i = step % walkers.length
    const next = weigh(study, mutate(study.space, walkers[i]!.genome, random))
    if (excess(next) <= 0) found.push(next)
    else if (excess(next) <= excess(walkers[i]!)) walkers[i] = next
  }
  return found.sort((a, b) => a.logMacs - b.logMacs)
}

/** 1/2, 1/4, 3/4, 0, 1, 1/8, ...: any beginning of it is spread evenly (van der Corput, with the ends after the middle). */
function spread(k: number): number {
  if (k === 3 || k === 4) return k - 3
  let x = 0
  for (let i = k < 3 ? k + 1 : k - 1, half = 0.5; i > 0; i >>= 1, half /= 2) x += (i & 1) * half
  return x
}
