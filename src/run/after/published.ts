import { type Front, frontOf } from '../../search/front.ts'
import type { ObjectiveName, TargetSpec, Trial } from '../../search/trial.ts'
import type { Metric } from '../../task/metric.ts'
import { polishList } from '../phases/polish-list.ts'
import type { PolishLine } from '../record/notes.ts'
import type { StudyStore } from '../record/study-store.ts'

/** A front as it is offered. `split` says where the scores of its trials come from. */
export type PublishedFront = Front & { readonly split: 'selection-validation' | 'search-validation' }

/**
 * The polishes that count: of the trials that the search as it stands now would polish. A study that was polished and then searched further holds
 * older ones too; leaving them out makes its front that of a study which was never stopped.
 */
export function currentPolishes(store: StudyStore): readonly PolishLine[] {
  const { config, targets, plan } = store.header
  const specs = targets.map((t) => t.spec)
  const list = new Set(polishList(store.trials(), specs, config.objectives, config.metric, plan.polishMembers))
  return store.polishes().filter((p) => list.has(p.trial))
}

/**
 * The front of a target that people see: over the polished trials with their scores on selection-validation, which neither the search nor the
 * training used. Before anything is polished (or where none of it fits this target): over all trials, with the search's own scores.
 */
export function publishedFront(
  trials: readonly Trial[],
  polishes: readonly PolishLine[],
  target: TargetSpec,
  objectives: readonly ObjectiveName[],
  metric: Metric,
): PublishedFront {
  const scores = new Map(polishes.map((p) => [p.trial, p.int8]))
  const polished = trials.filter((t) => scores.has(t.n)).map((t) => ({ ...t, score: scores.get(t.n)! }))
  const front = frontOf(polished, target, objectives, metric)
  if (front.trials.length > 0) return { ...front, split: 'selection-validation' }
  return { ...frontOf(trials, target, objectives, metric), split: 'search-validation' }
}
