import type { StudyStore } from '../run/study-store.ts'
import { formatBytes, formatMicrojoules, formatMilliseconds } from '../util/units.ts'

/** The untrained trial that came closest to some board, and what bound would have let it in. */
export function nearestMiss(store: StudyStore): { what: string; take: string } {
  const misses = store
    .trials()
    .flatMap((trial) => store.header.targets.map(({ spec }) => ({ trial, spec, cost: trial.costs[spec.id]! })))
  if (misses.length === 0) return { what: 'no network was proposed', take: 'widen the space or the bounds' }
  const { spec, cost, trial } = misses.reduce((a, b) => (b.cost.violation < a.cost.violation ? b : a))
  const { budget } = spec
  const needs: string[] = []
  const have: string[] = []
  const compare = (
    flag: string,
    value: number | null,
    bound: number | undefined,
    format: (x: number) => string,
    exact: (x: number) => string,
  ) => {
    if (value === null || bound === undefined || value <= bound) return
    needs.push(`--max-${flag} ${exact(value)}`)
    have.push(`${flag} ${format(value)} of ${format(bound)}`)
  }
  compare('ram', cost.ramBytes, budget.ramBytes, formatBytes, (x) => `${x}B`)
  compare('flash', cost.flashBytes, budget.flashBytes, formatBytes, (x) => `${x}B`)
  compare('latency', cost.latencyMs, budget.latencyMs, formatMilliseconds, (x) => `${Math.ceil(x * 1000)}us`)
  compare('energy', cost.energyUj, budget.energyUj, formatMicrojoules, (x) => `${Math.ceil(x)}uJ`)
  return {
    what: `nothing fits; the nearest miss is ${trial.text} on ${spec.id}: ${have.join(', ')}`,
    take: `it would take ${needs.join(' and ')}, a larger board, or a smaller space`,
  }
}
