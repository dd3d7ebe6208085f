import { listTargets } from '../../device/load.ts'
import { type Resource, shortfalls, smallestTarget } from '../../device/what-if.ts'
import { formatResource } from '../../report/format.ts'
import { decode } from '../../space/decode.ts'
import { demandsOf } from '../boards/holders.ts'
import { setupOf } from '../record/setup.ts'
import type { StudyStore } from '../record/study-store.ts'

/** Rounded up, in units that the flags read exactly. */
const asFlag: Record<Resource, (x: number) => string> = {
  ram: (x) => `${x}B`,
  flash: (x) => `${x}B`,
  latency: (x) => `${Math.ceil(x * 1000)}us`,
  energy: (x) => `${Math.ceil(x)}uJ`,
}

/** The untrained trial that came closest to some board, what it would take there, and the smallest listed board that holds it as it is. */
export function describeNearestMiss(store: StudyStore): { what: string; take: string } {
  const misses = store
    .trials()
    .flatMap((trial) => store.header.targets.map((t) => ({ trial, ...t, cost: trial.costs[t.spec.id]! })))
  if (misses.length === 0) return { what: 'no network was proposed', take: 'widen the space or the bounds' }
  const { trial, target, spec, cost } = misses.reduce((a, b) => (b.cost.violation < a.cost.violation ? b : a))
  const short = shortfalls(cost, target, spec.budget)
  const { graph } = decode(setupOf(store.header).space, trial.genome)
  const board = smallestTarget(graph, listTargets(), demandsOf(store.header.config))
  return {
    what: `nothing fits; the nearest miss is ${trial.text} on ${spec.id}: ${short.map((s) => `${s.resource} ${formatResource[s.resource](s.need)} of ${formatResource[s.resource](s.have)}`).join(', ')}`,
    take: `it would take ${short.map((s) => `--max-${s.resource} ${asFlag[s.resource](s.need)}`).join(' and ')}, or a smaller space${board ? `; without bounds on memory the smallest listed board for it is ${board.target.id}` : ''}`,
  }
}
