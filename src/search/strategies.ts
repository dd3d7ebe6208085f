import { evolution } from './evolution.ts'
import { randomSearch } from './random.ts'
import type { StrategyFactory } from './strategy.ts'

/**
 * `evolution` with its surrogate, `nsga2` the same without it, `random` the baseline. `thrifty` is evolution that spends little: training begins with a
 * relative's weights, gains are weighed by the work that they take, and small networks come first.
 */
export const strategies = {
  evolution: evolution(),
  nsga2: evolution({ brood: 1 }),
  thrifty: evolution({ inherit: true, per: 'work', initial: 'cheap', promote: true }),
  random: randomSearch,
} as const satisfies Record<string, StrategyFactory>

export type StrategyName = keyof typeof strategies
export const strategyNames = Object.keys(strategies) as StrategyName[]
