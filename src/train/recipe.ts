import type { Importance } from '../quant/importance.ts'
import type { Loss } from '../task/loss.ts'
import { cos } from '../util/math.ts'
import type { Optimizer } from './engine.ts'

/** How one network is trained. Plain data: part of the study header and of a trial's identity. Lengths are in training examples seen. */
export type Recipe = {
  readonly batchSize: number
  /** The float stage, before pruning. */
  readonly warmExamples: number
  /** After pruning, with the teacher when there is one. */
  readonly tuneExamples: number
  readonly peakLearningRate: number
  /** Share of all steps in which the rate climbs linearly from zero. */
  readonly warmup: number
  readonly optimizer: Optimizer
  readonly loss: Loss
  readonly distillation: { readonly alpha: number; readonly temperature: number } | null
  /** The teacher has a part in the float stage where it can; absent (in the first journals) = labels alone. */
  readonly distilsFloat?: true
  /** 0 = none, 1 = the data set kind's usual augmentation */
  readonly augment: number
  readonly clipNorm: number
  /** Before the classifier, in every training of the recipe; absent = 0. */
  readonly dropout?: number
  /** How many examples of the split score the float steps, and the int8 network; evenly spaced over the split. Brief trials need no more than they can tell apart. */
  readonly scoreExamples: {
    readonly float: number
    readonly int8: number
    /** Of the calibration slice; absent = all of it. */
    readonly calibration?: number
  }
  /** Which channels pruning keeps; absent (in the first journals) = gamma. */
  readonly importance?: Importance
  /** Rounds in which channels go (`gradual-pruning.ts`); absent = 1. */
  readonly pruneRounds?: number
  /** Points that int8 may lose against float before the network is trained on as int8 computes; null = whatever it loses. */
  readonly int8Tolerance: number | null
}

export const totalSteps = (recipe: Recipe): number => stepsOf(recipe, recipe.warmExamples) + stepsOf(recipe, recipe.tuneExamples)
export const stepsOf = (recipe: Recipe, examples: number): number => Math.ceil(examples / recipe.batchSize)

/** Of the examples and of the learning rate that made a network, what fine-tuning as int8 computes takes; it is short even after a long training. */
const awareShare = 0.2
const longestAware = 20_000
const awareRate = 0.01
/** Steps of weights in 4 bits are wide: at the small rate few weights reach the next one (docs/findings.md#30-weights-in-4-bits). */
const int4AwareRate = 0.05

/** Weights that have learnt are spared: at the full rate a brief training first forgets (Fashion-MNIST: 2 points after 2000 examples, 1 after 4000). */
const heirRate = 0.5

/** The recipe of a network that begins with a relative's weights. */
export const heirRecipe = (recipe: Recipe): Recipe => ({ ...recipe, peakLearningRate: heirRate * recipe.peakLearningRate })

/** Quantisation-aware fine-tuning of a network that was made by `recipe`, whose weights have 8 bits, or some have 4. */
export const awareRecipe = (recipe: Recipe, bits: 8 | 4 = 8): Recipe => ({
  ...recipe,
  warmExamples: 0,
  tuneExamples: Math.min(longestAware, awareShare * (recipe.warmExamples + recipe.tuneExamples)),
  peakLearningRate: (bits === 4 ? int4AwareRate : awareRate) * recipe.peakLearningRate,
})

/** Linear warm-up, then half a cosine to zero (Loshchilov & Hutter 2017), over the whole recipe, pruning in between or not. */
export function learningRate(recipe: Recipe, step: number): number {
  const steps = totalSteps(recipe)
  const warm = Math.max(1, Math.round(steps * recipe.warmup))
  if (step < warm) return (recipe.peakLearningRate * (step + 1)) / warm
  const progress = (step - warm) / Math.max(1, steps - warm)
  return recipe.peakLearningRate * 0.5 * (1 + cos(Math.PI * progress))
}
