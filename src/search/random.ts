import { randomGenome } from '../space/genome.ts'
import type { StrategyFactory } from './strategy.ts'

/** The baseline that every other strategy must beat: genomes drawn at random, learning nothing. */
export const randomSearch: StrategyFactory = (study) => (_view, _n, random) => ({
  genome: randomGenome(study.space, random),
  parents: [],
  rung: 0,
})
