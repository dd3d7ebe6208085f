import type { Budget } from '../device/cost.ts'
import { log2 } from '../util/math.ts'
import { formatPercent } from '../util/units.ts'
import { formatScore, goodness } from './format.ts'
import type { FrontMember, MetricView } from './view.ts'

/** The rule in words, for reports and docs. */
export const recommendationRule =
  'Recommended is the knee of the front. Every member has a price, its worst share of the budget (RAM, flash, latency, energy; latency without a budget counts ' +
  'against the slowest member), and an error on a log scale, so that each halving counts the same. Both are scaled to 0..1 over the front; the smallest sum wins. ' +
  'Ties go to the smaller error, then to the earlier trial. Members whose latency interval passes the budget are only considered when all do.'

export type Recommendation = { readonly trial: number; readonly reason: string }

/** Picks the recommended member of a front; null if no member has a score. Deterministic: a pure function of the front, whatever its order. */
export function recommend(front: readonly FrontMember[], budget: Budget, metric: MetricView): Recommendation | null {
  const scored = front.filter((m) => m.accuracy.int8 !== null)
  const safe = scored.filter((m) => (m.cost.latencyHighMs ?? m.cost.latencyMs) <= (budget.latencyMs ?? Number.POSITIVE_INFINITY))
  const candidates = safe.length > 0 ? safe : scored
  if (candidates.length === 0) return null
  const slowest = Math.max(...candidates.map((m) => m.cost.latencyMs))
  const rated = candidates.map((member) => ({
    member,
    error: logError(metric, member),
    worst: worstShare(member, budget, slowest),
  }))
  const error = unitScale(rated.map((r) => r.error))
  const price = unitScale(rated.map((r) => r.worst.share))
  const sum = (r: (typeof rated)[number]) => error(r.error) + price(r.worst.share)
  const [best] = rated.sort((a, b) => sum(a) - sum(b) || a.error - b.error || a.member.trial - b.member.trial)
  return { trial: best!.member.trial, reason: explain(best!, rated, metric) }
}

/** The front with the recommended member marked; a front that already carries a mark is left alone. */
export function markRecommended(front: readonly FrontMember[], budget: Budget, metric: MetricView): readonly FrontMember[] {
  const choice = front.some((m) => m.recommended !== undefined) ? null : recommend(front, budget, metric)
  return choice ? front.map((m) => (m.trial === choice.trial ? { ...m, recommended: choice.reason } : m)) : front
}

type Worst = { readonly share: number; readonly of: string }
type Rated = { readonly member: FrontMember; readonly error: number; readonly worst: Worst }

/** The budget this member fills most. */
export function worstShare(member: FrontMember, budget: Budget, slowestMs: number): Worst {
  const { ramBytes, flashBytes, latencyMs, energyUj } = member.cost
  const shares: Worst[] = [
    { share: ramBytes / budget.ramBytes, of: 'RAM' },
    { share: flashBytes / budget.flashBytes, of: 'flash' },
    budget.latencyMs === undefined
      ? { share: latencyMs / slowestMs, of: "the slowest member's latency" }
      : { share: latencyMs / budget.latencyMs, of: 'the latency budget' },
  ]
  if (budget.energyUj !== undefined && energyUj !== null)
    shares.push({ share: energyUj / budget.energyUj, of: 'the energy budget' })
  return shares.reduce((a, b) => (b.share > a.share ? b : a))
}

/** A perfect score would be infinitely good: errors below one in a thousand count as that. */
const logError = (metric: MetricView, member: FrontMember): number =>
  log2(Math.max(1e-3, metric.better === 'down' ? member.accuracy.int8! : 1 - member.accuracy.int8!))

function unitScale(values: readonly number[]): (x: number) => number {
  const low = Math.min(...values)
  const span = Math.max(...values) - low
  return (x) => (span > 0 ? (x - low) / span : 0)
}

function explain(best: Rated, all: readonly Rated[], metric: MetricView): string {
  const cost = `${formatPercent(best.worst.share, 0)} of ${best.worst.of}`
  if (all.length === 1) return `the only candidate on the front; its tightest budget is ${cost}`
  const top = all.reduce((a, b) => (b.error < a.error ? b : a))
  if (top.member.trial === best.member.trial)
    return `the most accurate of the front, and no cheaper one comes close; at most ${cost}`
  const loss = Math.abs(goodness(metric, top.member.accuracy.int8!) - goodness(metric, best.member.accuracy.int8!))
  const points = metric.better === 'down' ? formatScore(metric, loss) : `${(loss * 100).toFixed(1)} points`
  const saved = `${formatPercent(top.worst.share, 0)} of ${top.worst.of}`
  return `knee of the front: ${points} behind the most accurate (#${top.member.trial}), and at most ${cost} where that one takes ${saved}`
}
