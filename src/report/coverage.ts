import { paretoDominates } from '../search/domination.ts'
import { coverage as coveredShare } from '../search/front.ts'
import type { ObjectiveName } from '../search/trial.ts'
import type { FrontMember, MetricView } from './view.ts'

/** Objectives of one member, smaller is better; null if it has no score. */
export function objectivesOf(m: FrontMember, names: readonly ObjectiveName[], metric: MetricView): readonly number[] | null {
  const { int8 } = m.accuracy
  if (int8 === null) return null
  const of: Readonly<Record<ObjectiveName, number>> = {
    error: metric.better === 'down' ? int8 : 1 - int8,
    latency: m.cost.latencyMs,
    ram: m.cost.ramBytes,
    flash: m.cost.flashBytes,
    // As in the search: where no power is known, energy separates nobody.
    energy: m.cost.energyUj ?? 0,
    macs: m.cost.macs,
  }
  return names.map((name) => of[name])
}

export type Coverage = {
  /** Share of b that some member of a equals or dominates: Zitzler's C(a, b); null if b has no scored member. */
  readonly share: number | null
  /** Members of b that some member of a strictly dominates, of `total`. */
  readonly dominated: number
  readonly total: number
}

/** How much of front b front a makes superfluous. Not symmetric: C(a, b) and C(b, a) do not add up to one. */
export function coverage(
  a: readonly FrontMember[],
  b: readonly FrontMember[],
  names: readonly ObjectiveName[],
  metric: MetricView,
): Coverage {
  const points = (front: readonly FrontMember[]) =>
    front.flatMap((m) => [objectivesOf(m, names, metric)]).filter((p) => p !== null)
  const from = points(a)
  const to = points(b)
  const dominated = to.filter((q) => from.some((p) => paretoDominates(p, q))).length
  return { share: to.length === 0 ? null : coveredShare(from, to), dominated, total: to.length }
}
