import { evolution } from '../../src/search/evolution.ts'
import { randomSearch } from '../../src/search/random.ts'
import type { StrategyFactory } from '../../src/search/strategy.ts'

export type ArmOfSearch = { readonly strategy: StrategyFactory; readonly briefly: boolean }

/** Today's strategy, additions to it one by one, and all of them. */
export const arms: Readonly<Record<string, ArmOfSearch>> = {
  random: { strategy: randomSearch, briefly: false },
  evolution: { strategy: evolution(), briefly: false },
  briefly: { strategy: evolution(), briefly: true },
  inherit: { strategy: evolution({ inherit: true }), briefly: true },
  work: { strategy: evolution({ per: 'work' }), briefly: true },
  cheap: { strategy: evolution({ per: 'work', initial: 'cheap' }), briefly: true },
  both: { strategy: evolution({ inherit: true, per: 'work' }), briefly: true },
  all: { strategy: evolution({ inherit: true, per: 'work', initial: 'cheap' }), briefly: true },
}
