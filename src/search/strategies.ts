import { evolution } from './evolution.ts'
import { randomSearch } from './random.ts'
import type { StrategyFactory } from './strategy.ts'

/** `evolution` with its surrogate, `nsga2` the same without it, `random` the baseline. */
export const strategies = {
  evolution: evolution(),
  nsga2: evolution({ brood: 1 }),
  random: randomSearch,
} as const satisfies Record<string, StrategyFactory>

export type StrategyName = keyof typeof strategies
export const strategyNames = Object.keys(strategies) as StrategyName[]
