import { frontOf } from '../search/front.ts'
import { errorOf, type Metric } from '../search/metric.ts'
import type { ObjectiveName, TargetSpec, Trial } from '../search/trial.ts'

/** Members whose error is above this many times the best one's are not worth a long training. */
const worstShare = 2

/**
 * Which trials are trained longer, in order: boards take turns; each gives the most accurate network of its front first, then the cheapest that is
 * still worth it, then the one in the middle of the widest gap in the order of error, and so on. A pure function of the trials.
 */
export function polishList(
  trials: readonly Trial[],
  targets: readonly TargetSpec[],
  objectives: readonly ObjectiveName[],
  metric: Metric,
  count: number,
): number[] {
  const queues = targets.map((target) => {
    const front = frontOf(trials, target, objectives, metric).trials
    const error = (t: Trial) => errorOf(metric, t.score!)
    const best = Math.min(...front.map(error))
    return spread(front.filter((t) => error(t) <= worstShare * best + 0.02).map((t) => t.n))
  })
  const list: number[] = []
  for (let round = 0; list.length < count && queues.some((q) => round < q.length); round++)
    for (const queue of queues) {
      const n = queue[round]
      if (n !== undefined && !list.includes(n) && list.length < count) list.push(n)
    }
  return list
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
