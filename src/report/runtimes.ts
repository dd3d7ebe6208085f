import type { Budget, Cost } from '../device/cost.ts'
import { formatBytes, formatMilliseconds } from '../util/units.ts'
import { printable } from './markup.ts'
import type { CostView } from './view.ts'

/** What one network costs on one board with one runtime. */
export type RuntimePrice = {
  readonly runtime: string
  readonly title: string
  readonly cost: Pick<CostView, 'latencyMs' | 'latencyLowMs' | 'latencyHighMs' | 'ramBytes' | 'flashBytes'>
  readonly recommended: boolean
}

/**
 * The same network on several runtimes, one of them recommended: of those that fit the budget the fastest, where the intervals say which that is, and else
 * the one that takes the smaller share of its tighter memory; ties go to the first.
 */
export function compareRuntimes(
  runtimes: readonly { readonly runtime: string; readonly title: string; readonly cost: Cost }[],
  budget: Budget,
): readonly RuntimePrice[] {
  const fits = runtimes.filter(({ cost }) => fitsIn(cost, budget))
  const quickest = Math.min(...fits.map(({ cost }) => cost.latencyHighMs))
  const quick = fits.filter(({ cost }) => cost.latencyLowMs <= quickest)
  const share = ({ cost }: { readonly cost: Cost }) =>
    Math.max(cost.ramBytes / budget.ramBytes, cost.flashBytes / budget.flashBytes)
  const best = quick.reduce<(typeof runtimes)[number] | undefined>((a, b) => (a && share(a) <= share(b) ? a : b), undefined)
  return runtimes.map((entry) => {
    const { latencyMs, latencyLowMs, latencyHighMs, ramBytes, flashBytes } = entry.cost
    const cost = { latencyMs, latencyLowMs, latencyHighMs, ramBytes, flashBytes }
    return { runtime: entry.runtime, title: entry.title, cost, recommended: entry === best }
  })
}

const fitsIn = ({ ramBytes, flashBytes, latencyMs, energyUj }: Cost, budget: Budget): boolean =>
  ramBytes <= budget.ramBytes &&
  flashBytes <= budget.flashBytes &&
  latencyMs <= (budget.latencyMs ?? Number.POSITIVE_INFINITY) &&
  (energyUj ?? 0) <= (budget.energyUj ?? Number.POSITIVE_INFINITY)

/** "with TFLite-Micro + CMSIS-NN  20.0 kB RAM, 148 kB flash, 28.8 ms", a line each. */
export const runtimeLines = (prices: readonly RuntimePrice[]): string[] => {
  const titles = prices.map(({ title }) => printable(title))
  const widest = Math.max(0, ...titles.map((title) => title.length))
  return prices.map(({ cost, recommended }, i) => {
    const { ramBytes, flashBytes, latencyMs } = cost
    const price = `${formatBytes(ramBytes)} RAM, ${formatBytes(flashBytes)} flash, ${formatMilliseconds(latencyMs)}`
    return `with ${titles[i]!.padEnd(widest)}  ${price}${recommended ? '  recommended' : ''}`
  })
}
