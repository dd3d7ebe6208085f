import { evolution } from '../../src/search/evolution.ts'
import { randomSearch } from '../../src/search/random.ts'
import { strategies } from '../../src/search/strategies.ts'
import type { StrategyFactory } from '../../src/search/strategy.ts'

export type ArmOfSearch = { readonly strategy: StrategyFactory; readonly calibration: 'brief' | 'whole' }

/** The strategy of commit 229c8eb, additions to it one by one, and all of them. */
export const arms: Readonly<Record<string, ArmOfSearch>> = {
  random: { strategy: randomSearch, calibration: 'whole' },
  evolution: { strategy: evolution(), calibration: 'whole' },
  briefly: { strategy: evolution(), calibration: 'brief' },
  inherit: { strategy: evolution({ inherit: true }), calibration: 'brief' },
  work: { strategy: evolution({ per: 'work' }), calibration: 'brief' },
  cheap: { strategy: evolution({ per: 'work', initial: 'cheap' }), calibration: 'brief' },
  all: { strategy: evolution({ inherit: true, per: 'work', initial: 'cheap' }), calibration: 'brief' },
  rungs: { strategy: strategies.thrifty, calibration: 'brief' },
}
