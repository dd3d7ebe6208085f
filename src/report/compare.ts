import { formatBytes, formatMilliseconds } from '../util/units.ts'
import { formatScore, goodness, missing } from './format.ts'
import type { CompareEntry, CompareView, FrontMember, MetricView } from './view.ts'

/** The ends of a front, in print. */
export type Extremes = {
  readonly best: string
  readonly fastest: string
  readonly smallestRam: string
  readonly smallestFlash: string
}

export function extremes(entry: CompareEntry, metric: MetricView): Extremes {
  const scores = entry.front.flatMap((m) => (m.accuracy.int8 === null ? [] : [m.accuracy.int8]))
  const best = scores.length === 0 ? null : scores.reduce((a, b) => (goodness(metric, b) > goodness(metric, a) ? b : a))
  const least = (of: (m: FrontMember) => number, format: (x: number) => string) =>
    entry.front.length === 0 ? missing : format(entry.front.map(of).reduce((a, b) => Math.min(a, b)))
  return {
    best: formatScore(metric, best),
    fastest: least((m) => m.cost.latencyMs, formatMilliseconds),
    smallestRam: least((m) => m.cost.ramBytes, formatBytes),
    smallestFlash: least((m) => m.cost.flashBytes, formatBytes),
  }
}

/** "error 0.89, latency 100 ms, ..." of the stored reference point. */
export function formatReference(objectives: readonly string[], reference: readonly number[]): string {
  const format: Readonly<Record<string, (x: number) => string>> = {
    latency: formatMilliseconds,
    ram: formatBytes,
    flash: formatBytes,
  }
  return objectives
    .map((name, i) => {
      const value = reference[i]
      return value === undefined || !Number.isFinite(value) ? `${name} ${missing}` : `${name} ${(format[name] ?? String)(value)}`
    })
    .join(', ')
}

/** What the hypervolumes of a comparison were taken with, and so whether they can be compared. */
export function referenceNote(view: CompareView): string {
  const points = new Set(view.entries.map((e) => formatReference(view.objectives, e.reference)))
  return points.size === 1
    ? `all hypervolumes are taken with the same stored reference point: ${[...points][0]}`
    : 'every hypervolume is taken with the stored reference point of its own board: it says how much of that board its front commands, not which board is better'
}
