import { countGraph } from '../../graph/count.ts'
import type { SearchSetup } from '../../search/strategy.ts'
import { trainingWork } from '../../train/work.ts'
import { atRung, recipeFor, type SizedRecipe } from './plan.ts'

/** What a trial of this plan takes, from the graphs alone. */
export const effortOf =
  (plan: SizedRecipe): SearchSetup['effort'] =>
  ({ graph, unpruned }, rung) => {
    const { warmExamples, tuneExamples } = recipeFor(atRung(plan, rung), countGraph(unpruned).macs)
    return {
      examples: warmExamples + tuneExamples,
      work: trainingWork(unpruned) * warmExamples + trainingWork(graph) * tuneExamples,
    }
  }
