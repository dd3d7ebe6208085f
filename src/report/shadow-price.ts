import type { Resource } from '../device/what-if.ts'
import { formatResource, goodness, isPlain, plainNumber } from './format.ts'
import type { FrontMember, MetricView } from './view.ts'

/** One step of a front along one resource: how much more of it the next better network takes, and what that buys. */
export type ShadowStep = {
  /** trials: the best within the smaller amount, and the best within the larger one */
  readonly from: number
  readonly to: number
  /** bytes, milliseconds or microjoules */
  readonly at: number
  readonly extra: number
  /** in units of the metric, positive = better: 0.012 = 1.2 points of accuracy */
  readonly gain: number
}

/** Steps from the least to the most of a resource; energy only where every member's is known. */
export type ShadowPrices = Readonly<Partial<Record<Resource, readonly ShadowStep[]>>>

const costOf: Record<Resource, (m: FrontMember) => number | null> = {
  ram: (m) => m.cost.ramBytes,
  flash: (m) => m.cost.flashBytes,
  latency: (m) => m.cost.latencyMs,
  energy: (m) => m.cost.energyUj,
}
const resources = Object.keys(costOf) as Resource[]

/**
 * The shadow price of each resource along a front: the best score within an amount of it is a staircase (everything else may be anything the front
 * holds), and each of its steps says what a little more would buy. Of equal scores the one that takes less comes first.
 */
export function shadowPrices(front: readonly FrontMember[], metric: MetricView): ShadowPrices {
  const scored = front.filter((m) => m.accuracy.int8 !== null)
  return Object.fromEntries(
    resources.flatMap((resource) => {
      if (scored.some((m) => costOf[resource](m) === null)) return []
      return [[resource, steps(scored, metric, (m) => costOf[resource](m)!)]]
    }),
  )
}

function steps(front: readonly FrontMember[], metric: MetricView, cost: (m: FrontMember) => number): ShadowStep[] {
  const value = (m: FrontMember): number => goodness(metric, m.accuracy.int8!)
  const sorted = [...front].sort((a, b) => cost(a) - cost(b) || value(b) - value(a) || a.trial - b.trial)
  const found: ShadowStep[] = []
  let best = sorted[0]
  for (const m of sorted) {
    if (!best || value(m) <= value(best)) continue
    found.push({ from: best.trial, to: m.trial, at: cost(best), extra: cost(m) - cost(best), gain: value(m) - value(best) })
    best = m
  }
  return found
}

/** "RAM: +8.0 kB buys +0.9 points (#17)": the first step above what a member takes, resource by resource. */
export function shadowLines(front: readonly FrontMember[], trial: number, metric: MetricView): string[] {
  const member = front.find((m) => m.trial === trial)
  if (!member) return []
  const prices = shadowPrices(front, metric)
  return resources.flatMap((resource) => {
    const own = costOf[resource](member)
    const step = own === null ? undefined : prices[resource]?.find((s) => s.at + s.extra > own)
    if (!step || own === null) return []
    const gain = isPlain(metric)
      ? `${plainNumber(step.gain)} ${metric.better === 'down' ? 'less error' : 'more'}`
      : `+${(100 * step.gain).toFixed(1)} points`
    const name = resource === 'ram' ? 'RAM' : resource
    const instead = step.from === trial ? '' : ` over #${step.from}, the best with no more ${name} than this one`
    return [`+${formatResource[resource](step.at + step.extra - own)} ${name} buys ${gain} (#${step.to})${instead}`]
  })
}
