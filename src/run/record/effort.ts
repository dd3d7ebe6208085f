import { countGraph } from '../../graph/count.ts'
import type { SearchSetup } from '../../search/strategy.ts'
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
    const { warmExamples, tuneExamples, scoreExamples } = recipeFor(atRung(plan, rung), countGraph(unpruned).macs)
    const scored = scoreExamples.float + 2 * scoreExamples.int8 + (scoreExamples.calibration ?? wholeCalibration)
    return {
      examples: warmExamples + tuneExamples,
      work: fixedWork + trainingWork(unpruned) * warmExamples + trainingWork(graph) * (tuneExamples + forwardShare * scored),
    }
  }
