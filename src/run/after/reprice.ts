import type { Budget } from '../../device/cost.ts'
import { type BoardSpec, loadTarget } from '../../device/load.ts'
import { withSupply } from '../../device/power.ts'
import type { Target } from '../../device/schema.ts'
import type { Trial } from '../../search/trial.ts'
import { decode } from '../../space/decode.ts'
import type { TargetOnView } from '../record/header.ts'
import type { Bounds } from '../record/options.ts'
import { budgetOf, checkEnergy, targetSpec } from '../record/prepare.ts'
import { setupOf } from '../record/setup.ts'
import type { StudyStore } from '../record/study-store.ts'
import { priceAll } from '../record/survey.ts'

export type Repriced = { readonly targets: readonly TargetOnView[]; readonly trials: readonly Trial[] }

/**
 * The trials of a study priced for boards that were not in it: accuracy does not depend on the board, so nothing is trained. Boards of the study
 * itself keep the study's own copy of their coefficients.
 */
export function reprice(store: StudyStore, specs: readonly BoardSpec[], bounds: Bounds): Repriced {
  const { header } = store
  const setup = setupOf(header)
  const unbounded = Object.keys(bounds).length === 0
  const known = new Map(header.targets.map((t) => [t.target.id, t]))
  const fresh: { target: Target; budget: Budget }[] = []
  const kept: TargetOnView[] = []
  for (const spec of specs) {
    const target =
      (typeof spec === 'string' ? known.get(spec)?.target : undefined) ?? withSupply(loadTarget(spec), header.config.supply)
    if (known.has(target.id) && unbounded) kept.push(known.get(target.id)!)
    else fresh.push({ target, budget: budgetOf(target, bounds) })
  }
  const trials = store
    .trials()
    .map((t) => ({ ...t, costs: { ...t.costs, ...priceAll(decode(setup.space, t.genome).graph, fresh) } }))
  const errorAt = header.config.objectives.indexOf('error')
  const worst = errorAt < 0 ? 1 : header.targets[0]!.spec.reference[errorAt]!
  const added = fresh.map((t): TargetOnView => {
    const costs = trials.map((trial) => trial.costs[t.target.id]!)
    const corner = {
      latencyMs: Math.max(1e-6, ...costs.map((c) => c.latencyMs)),
      energyUj: Math.max(1e-6, ...costs.map((c) => c.energyUj ?? 0)),
      macs: Math.max(1, ...trials.map((trial) => trial.macs)),
    }
    return { target: t.target, spec: targetSpec(t, header.config.objectives, worst, corner) }
  })
  return { targets: [...kept, ...added], trials }
}

/** The same for fronts: boards without a power figure are refused where energy is bounded, or an objective. */
export function repricedFronts(store: StudyStore, specs: readonly BoardSpec[], bounds: Bounds): Repriced {
  const repriced = reprice(store, specs, bounds)
  const { config, targets } = store.header
  const own = new Set(targets.map((t) => t.target.id))
  const all = repriced.targets.map((t) => t.target)
  checkEnergy(all, bounds)
  // its own boards are shown as it was searched, by whatever version
  checkEnergy(
    all.filter((t) => !own.has(t.id)),
    { objectives: config.objectives },
  )
  return repriced
}
