import { frontOf } from '../../search/front.ts'
import type { ObjectiveName, TargetSpec, Trial } from '../../search/trial.ts'
import { errorOf, type Metric } from '../../task/metric.ts'

/** Members whose error is above this many times the best one's are not worth a long training. */
const worstShare = 2

/**
 * Which trials are trained longer, in order: first the most accurate network of each board's front; then, of all fronts together, the cheapest that
 * is still worth it, the one in the middle of the widest gap in the order of error, and so on. A pure function of the trials.
 */
export function polishList(
  trials: readonly Trial[],
  targets: readonly TargetSpec[],
  objectives: readonly ObjectiveName[],
  metric: Metric,
  count: number,
): number[] {
  const error = (t: Trial) => errorOf(metric, t.score!)
  const fronts = targets.map((target) =>
    [...frontOf(trials, target, objectives, metric).trials].sort((a, b) => error(a) - error(b) || a.n - b.n),
  )
  const leaders = fronts.flatMap((front) => front.slice(0, 1))
  const worth = fronts.flatMap((front) => front.filter((t) => error(t) <= worstShare * error(front[0]!) + 0.02))
  const all = [...new Map(worth.map((t) => [t.n, t])).values()].sort((a, b) => error(a) - error(b) || a.n - b.n)
  return [...new Set([...leaders, ...spread(all)].map((t) => t.n))].slice(0, count)
}

/** First, then repeatedly the middle of the widest gap between those taken: [0..8] -> 0, 8, 4, 2, 6, ... */
export function spread<T>(items: readonly T[]): T[] {
  if (items.length < 3) return [...items]
  const taken = [0, items.length - 1]
  const order = [0, items.length - 1]
  while (order.length < items.length) {
    taken.sort((a, b) => a - b)
    let best = 0
    for (let i = 1; i + 1 < taken.length; i++) if (taken[i + 1]! - taken[i]! > taken[best + 1]! - taken[best]!) best = i
    const middle = Math.floor((taken[best]! + taken[best + 1]!) / 2)
    taken.push(middle)
    order.push(middle)
  }
  return order.map((i) => items[i]!)
}
