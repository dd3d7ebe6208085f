import type { Budget } from '../../device/cost.ts'
import { listTargets } from '../../device/load.ts'
import type { Target } from '../../device/schema.ts'
import { type Resource, type Shortfall, shortfalls, smallestTarget } from '../../device/what-if.ts'
import type { Graph } from '../../graph/graph.ts'
import { formatResource } from '../../report/format.ts'
import type { TargetCost } from '../../search/trial.ts'
import { decode } from '../../space/decode.ts'
import { TinyfrontError } from '../../util/errors.ts'
import { demandsOf } from '../boards/holders.ts'
import type { Bounds } from '../record/options.ts'
import { setupOf } from '../record/setup.ts'
import type { StudyStore } from '../record/study-store.ts'
import type { Repriced } from './reprice.ts'

/** Rounded up, in units that the flags read exactly. */
const asFlag: Record<Resource, (x: number) => string> = {
  ram: (x) => `${x}B`,
  flash: (x) => `${x}B`,
  latency: (x) => `${Math.ceil(x * 1000)}us`,
  energy: (x) => `${Math.ceil(x)}uJ`,
}

/** A network that no board of those asked for holds, with its price on one of them. */
type Miss = {
  readonly text: string
  readonly target: Target
  readonly budget: Budget
  readonly cost: TargetCost
  readonly graph: () => Graph
}

/** Of these misses the one that came closest, what it would take there, and the smallest listed board that holds it as it is. */
export function describeMisses(misses: readonly Miss[], bounds: Bounds): { what: string; take: string } {
  if (misses.length === 0) return { what: 'no network was proposed', take: 'widen the space or the bounds' }
  const { text, target, budget, cost, graph } = misses.reduce((a, b) => (b.cost.violation < a.cost.violation ? b : a))
  const short = shortfalls(cost, target, budget)
  const board = smallestTarget(graph(), listTargets(), demandsOf(bounds))
  const flags = short.flatMap(({ resource, need }) =>
    resource === 'int4' || resource === 'mapping' ? [] : [`--max-${resource} ${asFlag[resource](need)}`],
  )
  const takes = [
    ...(flags.length > 0 ? [`${flags.join(' and ')}, or a smaller space`] : []),
    ...(short.some((s) => s.resource === 'int4') ? ['a runtime that runs weights in 4 bits'] : []),
    ...(short.some((s) => s.resource === 'mapping')
      ? ['a space whose networks map, such as --space plain-cnn (`tinyfront profile` says what does not), or the CPU alone']
      : []),
  ]
  return {
    what: `nothing fits; the nearest miss is ${text} on ${target.id}: ${short.map(missText).join(', ')}`,
    take: `it would take ${takes.join(', and ')}${board ? `; without bounds on memory the smallest listed board for it is ${board.target.id}` : ''}`,
  }
}

const missText = ({ resource, need, have }: Shortfall): string =>
  resource === 'mapping'
    ? `its compiler refuses ${formatResource.mapping(need)}`
    : resource === 'int4'
      ? `its runtime cannot run weights in 4 bits (${formatResource.int4(need)})`
      : `${resource} ${formatResource[resource](need)} of ${formatResource[resource](have)}`

/** The same for the trials of a study, on its own boards or on others. */
export function describeNearestMiss(
  store: StudyStore,
  on: Repriced = { targets: store.header.targets, trials: store.trials() },
  bounds: Bounds = store.header.config,
): { what: string; take: string } {
  const { space } = setupOf(store.header)
  const misses = on.trials.flatMap((trial) =>
    on.targets.map(
      ({ target, spec }): Miss => ({
        text: trial.text,
        target,
        budget: spec.budget,
        cost: trial.costs[spec.id]!,
        graph: () => decode(space, trial.genome).graph,
      }),
    ),
  )
  return describeMisses(misses, bounds)
}

/** Why a look at a study shows no network, as the error of exit code 3: nothing trained yet, everything failed, or the nearest miss. */
export function emptyFronts(store: StudyStore, on?: Repriced, bounds?: Bounds): TinyfrontError {
  const trials = store.trials()
  const failed = trials.filter((t) => t.state === 'failed')
  const { name } = store.study
  if (trials.length === 0)
    return new TinyfrontError('nothingFits', `${name}: no network is trained yet`, `go on with it: tinyfront resume ${name}`)
  if (failed.length > 0 && trials.every((t) => t.state !== 'trained'))
    return new TinyfrontError(
      'nothingFits',
      `every candidate failed, the last with: ${failed.at(-1)!.reason}`,
      'see tinyfront front --json, and mend the cause',
    )
  const { what, take } = describeNearestMiss(store, on, bounds)
  return new TinyfrontError('nothingFits', what, take)
}
