import type { SearchSetup } from '../../search/strategy.ts'
import { openSpace } from '../../space/genes.ts'
import { effortOf } from './effort.ts'
import type { OpenHeader } from './header.ts'
import { contextOf } from './prepare.ts'
import { priceAll } from './survey.ts'

/** The pure search's view of a study, priced with the study's own copies of devices, runtimes and coefficients. */
export function setupOf({ config, targets, space, recipe, data, plan }: OpenHeader): SearchSetup {
  const budgets = targets.map(({ target, spec }) => ({ target, budget: spec.budget }))
  return {
    space: openSpace(space, contextOf({ ...data, labels: { width: data.labelWidth ?? 1 } })),
    targets: targets.map((t) => t.spec),
    objectives: config.objectives,
    metric: config.metric,
    seed: config.seed,
    recipeHash: recipe,
    lag: config.lag,
    price: (graph) => priceAll(graph, budgets),
    effort: effortOf(plan.trial),
  }
}
