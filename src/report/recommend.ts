import type { Budget } from '../device/cost.ts'
import { log2 } from '../util/math.ts'
import { formatMilliseconds, formatPercent } from '../util/units.ts'
import { formatScore, goodness, isPlain } from './format.ts'
import type { FrontMember, MetricView } from './view.ts'

/** The rule in words, for reports and docs. */
export const recommendationRule =
  'Recommended is the knee of the front. The price of a network is its worst share of a budget (RAM, flash, latency, energy; where latency has no budget, twice the ' +
  'slowest member stands in). Its error counts on a log scale, so that each halving is worth the same, from 0 for the best member to 1 for the worst. The smallest sum of ' +
  'price and error wins; ties go to the smaller error, then to the earlier trial. Where a cheaper member is within one standard error of that one, on as many examples as ' +
  'the split has that chose, the two cannot be told apart and the cheaper one is recommended. Members whose latency interval passes the budget are considered only when all do.'

export type Recommendation = { readonly trial: number; readonly reason: string }

/** Picks the recommended member of a front; null if no member has a score. Deterministic: a pure function of the front, whatever its order. */
export function recommend(front: readonly FrontMember[], budget: Budget, metric: MetricView): Recommendation | null {
  const scored = front.filter((m) => m.accuracy.int8 !== null)
  const safe = scored.filter((m) => (m.cost.latencyHighMs ?? m.cost.latencyMs) <= (budget.latencyMs ?? Number.POSITIVE_INFINITY))
  const candidates = safe.length > 0 ? safe : scored
  if (candidates.length === 0) return null
  const slowest = Math.max(...candidates.map((m) => m.cost.latencyMs))
  const error = unitScale(candidates.map((m) => logError(metric, m)))
  const rated = candidates.map((member) => {
    const shares = budgetShares(member, budget, slowest)
    return { member, error: error(logError(metric, member)), shares, price: Math.max(...shares.map((s) => s.share)) }
  })
  rated.sort((a, b) => a.error + a.price - b.error - b.price || a.error - b.error || a.member.trial - b.member.trial)
  const knee = rated[0]!
  const alike = rated.filter((r) => r.price < knee.price && cannotBeToldApart(r.member, knee.member, metric))
  const cheapest = alike.reduce((a, b) => (b.price < a.price ? b : a), knee)
  const someLate = candidates.length < scored.length
  if (cheapest === knee) return { trial: knee.member.trial, reason: explain(knee, rated, metric, someLate) }
  return { trial: cheapest.member.trial, reason: explainAlike(cheapest, knee, metric) }
}

/**
 * Whether one scores so little more than another that chance explains it: within one standard error of the difference, for shares of so many examples (the
 * one-standard-error rule, Breiman et al. 1984). Scores of other kinds have no known error.
 */
function cannotBeToldApart(a: FrontMember, b: FrontMember, metric: MetricView): boolean {
  const n = metric.examples
  if (n === undefined || metric.fake || isPlain(metric)) return false
  const [p, q] = [a.accuracy.int8!, b.accuracy.int8!]
  return q - p <= Math.sqrt((p * (1 - p) + q * (1 - q)) / n)
}

function explainAlike(best: Rated, knee: Rated, metric: MetricView): string {
  const tightest = knee.shares.findIndex((s) => s.share === knee.price)
  const [mine, its] = [best.shares[tightest]!, knee.shares[tightest]!]
  const scores = `${formatScore(metric, best.member.accuracy.int8)} and ${formatScore(metric, knee.member.accuracy.int8)}`
  return `cannot be told apart from #${knee.member.trial} on ${metric.examples} examples (${scores}), and cheaper: ${say(mine)} instead of ${its.text}`
}

const say = ({ of, text }: Share): string => (of === 'latency' ? `a latency of ${text}` : `${text} of ${of}`)

/** The front with the recommended member marked; a front that already carries a mark is left alone. */
export function markRecommended(front: readonly FrontMember[], budget: Budget, metric: MetricView): readonly FrontMember[] {
  const choice = front.some((m) => m.recommended !== undefined) ? null : recommend(front, budget, metric)
  return choice ? front.map((m) => (m.trial === choice.trial ? { ...m, recommended: choice.reason } : m)) : front
}

type Share = { readonly of: string; readonly share: number; readonly text: string }
type Rated = { readonly member: FrontMember; readonly error: number; readonly shares: readonly Share[]; readonly price: number }

/** How much of each bound a member takes. Energy counts where it is known and bounded. */
function budgetShares({ cost }: FrontMember, budget: Budget, slowestMs: number): readonly Share[] {
  const part = (of: string, share: number): Share => ({ of, share, text: formatPercent(share, 0) })
  const { latencyMs, energyUj } = cost
  return [
    part('RAM', cost.ramBytes / budget.ramBytes),
    part('flash', cost.flashBytes / budget.flashBytes),
    budget.latencyMs === undefined
      ? { of: 'latency', share: latencyMs / slowestMs / 2, text: formatMilliseconds(latencyMs) }
      : part('the latency budget', latencyMs / budget.latencyMs),
    ...(budget.energyUj === undefined || energyUj === null ? [] : [part('the energy budget', energyUj / budget.energyUj)]),
  ]
}

/** A perfect score would be infinitely good: errors below one in a thousand count as that. */
const logError = (metric: MetricView, member: FrontMember): number =>
  log2(Math.max(1e-3, metric.better === 'down' ? member.accuracy.int8! : 1 - member.accuracy.int8!))

function unitScale(values: readonly number[]): (x: number) => number {
  const low = Math.min(...values)
  const span = Math.max(...values) - low
  return (x) => (span > 0 ? (x - low) / span : 0)
}

/** Told in the dimension where the most accurate member is dearest: that is where the recommended one saves. */
function explain(best: Rated, all: readonly Rated[], metric: MetricView, someLate: boolean): string {
  const most = someLate ? 'the most accurate whose latency interval stays within the budget' : 'the most accurate'
  const worst = (r: Rated) => r.shares.findIndex((s) => s.share === r.price)
  const tightest = `at its tightest it takes ${say(best.shares[worst(best)]!)}`
  if (all.length === 1) return `the only candidate; ${tightest}`
  const top = all.reduce((a, b) => (b.error < a.error || (b.error === a.error && b.price < a.price) ? b : a))
  if (top === best) return `${most}, and nothing cheaper comes close enough; ${tightest}`
  const loss = Math.abs(goodness(metric, top.member.accuracy.int8!) - goodness(metric, best.member.accuracy.int8!))
  const behind = isPlain(metric) ? formatScore(metric, loss) : `${(loss * 100).toFixed(1)} points`
  const saving = worst(top)
  return `knee of the front: ${behind} behind ${most} (#${top.member.trial}), for ${say(best.shares[saving]!)} instead of ${top.shares[saving]!.text}`
}
