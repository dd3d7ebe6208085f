import { countGraph } from '../../graph/count.ts'
import { int4Layers } from '../../graph/traits.ts'
import type { SearchSetup } from '../../search/strategy.ts'
import { awareRecipe } from '../../train/recipe.ts'
import { trainingWork } from '../../train/work.ts'
import { atRung, recipeFor, type SizedRecipe } from './plan.ts'

/** Scoring runs a network forwards alone: a third of a training step. Float and int8 networks are both scored, and the float one is calibrated. */
const forwardShare = 1 / 3
/** Examples of a calibration slice at most. */
const wholeCalibration = 1000
/** What a trial takes beside examples, whatever its size: proposing, making a trainer, quantising. */
const fixedWork = 1e9

/** What a trial of this plan takes, from the graphs alone. */
export const effortOf =
  (plan: SizedRecipe): SearchSetup['effort'] =>
  ({ graph, unpruned }, rung) => {
    const recipe = recipeFor(atRung(plan, rung), countGraph(unpruned).macs)
    const { warmExamples, tuneExamples, scoreExamples } = recipe
    const scored = scoreExamples.float + 2 * scoreExamples.int8 + (scoreExamples.calibration ?? wholeCalibration)
    // weights in 4 bits are always trained as they compute, which others seldom need
    const aware = recipe.int8Tolerance !== null && int4Layers(graph) > 0 ? awareRecipe(recipe).tuneExamples : 0
    return {
      examples: warmExamples + tuneExamples,
      work:
        fixedWork + trainingWork(unpruned) * warmExamples + trainingWork(graph) * (tuneExamples + aware + forwardShare * scored),
    }
  }
