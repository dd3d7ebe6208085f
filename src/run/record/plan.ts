import type { Dataset } from '../../data/dataset.ts'
import { labelsAt } from '../../task/labels.ts'
import { taskOf } from '../../task/lookup.ts'
import type { Recipe } from '../../train/recipe.ts'
import { clamp } from '../../util/math.ts'
import type { StudyConfig } from './options.ts'

/** Shares of `--time`. The teacher trains beside the search's first trials. */
export const timeShares: TimeShares = { teacher: 0.08, search: 0.38, polish: 0.5, finish: 0.04 }
type TimeShares = { readonly [phase in 'teacher' | 'search' | 'polish' | 'finish']: number }

/** Where no network is trained longer (`--polish 0`), the search has polish's share, too. */
export const sharesFor = (polishMembers: number | undefined): TimeShares =>
  polishMembers === 0 ? { ...timeShares, search: timeShares.search + timeShares.polish, polish: 0 } : timeShares

/**
 * Training speed that plans assume, floating-point operations a second per worker: what the plain WASM engine reached over whole trials of thin
 * networks, evaluation counted (8 to 13 GFLOP/s on a 2020s server core; bench/training.ts has the kernels alone). A constant, so that a plan depends
 * on the configuration alone and never on the machine.
 */
export const plannedFlops = 8e9
/** Forward, input gradient and weight gradient, two operations each. */
const flopsPerMac = 6

/** Seconds that one worker is expected to take for `examples` examples of a network. */
export const trainingSeconds = (macs: number, examples: number): number => (flopsPerMac * macs * examples) / plannedFlops
const macExamplesIn = (seconds: number): number => (seconds * plannedFlops) / flopsPerMac

/** A recipe for networks of every size: `recipe` is the longest; none takes more than `macExamples` (MACs x examples seen). */
export type SizedRecipe = {
  readonly recipe: Recipe
  readonly macExamples: number
  /** Size of the training split: how often each example is seen decides how much it is varied. */
  readonly trainExamples: number
}

export type Plan = {
  readonly trial: SizedRecipe
  readonly teacher: Recipe
  readonly polish: SizedRecipe
  /** With `--time`: MACs x examples of polish and of the search at the planned speed, and the workers that share them; null with `--trials` alone. */
  readonly polishTime: { readonly macExamples: number; readonly searchMacExamples: number; readonly workers: number } | null
  /** Trials that the time is expected to hold; null when `--trials` alone decides. */
  readonly expectedTrials: number | null
  /** MACs that the teacher may have. */
  readonly teacherMacs: number
  /** How many networks of the front are trained longer. */
  readonly polishMembers: number
}

/** The recipe for a network of this many MACs: large ones see fewer examples, so that a few of them do not eat the time of all. */
export function recipeFor({ recipe, macExamples, trainExamples }: SizedRecipe, macs: number): Recipe {
  const longest = recipe.warmExamples + recipe.tuneExamples
  const share = Math.min(1, macExamples / (macs * longest))
  const scaled = (examples: number) => (examples === 0 ? 0 : roundTo(examples * share, recipe.batchSize))
  return {
    ...recipe,
    augment: augmentFor(longest * share, trainExamples),
    warmExamples: scaled(recipe.warmExamples),
    tuneExamples: scaled(recipe.tuneExamples),
  }
}

/**
 * The recipe of a trial at a rung: twice as long as one rung below, from the beginning, since the learning rate falls over the whole of it. Doubling keeps
 * the rungs of successive halving (Jamieson & Talwalkar 2016) equally dear when half of the networks go on, and two rungs up is about where polish is.
 * Longer than `longestEpochs` no rung trains.
 */
export function atRung(sized: SizedRecipe, rung: number): SizedRecipe {
  if (rung === 0) return sized
  const { recipe, macExamples, trainExamples } = sized
  const planned = recipe.warmExamples + recipe.tuneExamples
  const times = Math.max(1, Math.min(2 ** rung, (longestEpochs * trainExamples) / planned))
  const longer = (examples: number) => (examples === 0 ? 0 : roundTo(examples * times, recipe.batchSize))
  return {
    recipe: { ...recipe, warmExamples: longer(recipe.warmExamples), tuneExamples: longer(recipe.tuneExamples) },
    macExamples: macExamples * times,
    trainExamples,
  }
}

/** What the person says of the recipes. */
type RecipeOptions = Partial<Pick<Recipe, 'importance' | 'dropout' | 'int8Tolerance'>>

/** Of a study's configuration what belongs into its recipes. No dropout is no entry: the recipes of studies from before it could be said stay what they were. */
export const recipeOptions = ({
  importance,
  dropout,
  int8Tolerance,
}: Pick<StudyConfig, 'importance' | 'dropout' | 'int8Tolerance'>): RecipeOptions => ({
  importance,
  int8Tolerance,
  ...(dropout > 0 ? { dropout } : {}),
})

export type PlanInput = {
  readonly dataset: Pick<Dataset, 'kind' | 'task' | 'splits' | 'labels' | 'classes'>
  /** Typical MACs of a network that fits (geometric mean over random samples). */
  readonly typicalMacs: number
  readonly workers: number
  /** How many networks are trained longer; absent = four, more where training ends before the time does. */
  readonly polishMembers?: number | undefined
  readonly recipe?: RecipeOptions
  readonly trials?: number
  readonly seconds?: number
}

/** The nearest multiple of `step`, at least one. */
export const roundTo = (x: number, step: number): number => Math.max(step, Math.round(x / step) * step)

/** Examples that calibrate a trial: the whole slice would take as long as training on 2000. */
const briefCalibration = 200

/** Trials that make a search worth the name, and more than which each trial gets longer instead. */
const wantedTrials = 36
/** A trial of a large network may cost this many times one of a typical network. */
const costliest = 2.5
/** No network sees an example more often than this in one training. */
const longestEpochs = 60
/** Networks trained longer, unless the person says how many: at least and at most. */
const fewestMembers = 4
const mostMembers = 12

/**
 * How long each kind of training is. With `--time` the time is divided by `timeShares`; with `--trials` alone a trial sees the training set twice
 * (at least 6,000 and at most 60,000 examples) and polish five times that. Lengths never depend on the machine.
 */
export function planStudy(input: PlanInput): Plan {
  const { dataset, typicalMacs, workers } = input
  const trainCount = dataset.splits.train.length
  const polishCap = trainCount * longestEpochs
  if (input.seconds === undefined) {
    const examples = clamp(2 * trainCount, 6000, 60000)
    const polish = Math.min(5 * examples, polishCap)
    const lengths = { trial: examples, polish, polishMacExamples: 2 * costliest * typicalMacs * polish }
    return plan(input, {
      ...lengths,
      teacher: 2 * examples,
      expectedTrials: null,
      teacherMacs: 3 * typicalMacs,
      polishMembers: input.polishMembers ?? fewestMembers,
      polishTime: null,
    })
  }
  const cpu = input.seconds * workers
  const shares = sharesFor(input.polishMembers)
  const trialMacExamples = macExamplesIn((cpu * shares.search) / (input.trials ?? wantedTrials))
  const trial = clamp(trialMacExamples / typicalMacs, Math.min(4000, trainCount * 20), Math.min(trainCount * 20, 120_000))
  const polishMacExamples = macExamplesIn(cpu * shares.polish)
  const teacher = clamp(5 * trial, Math.min(8000, trainCount * 20), polishCap)
  return plan(input, {
    trial,
    teacher,
    polish: polishCap,
    polishMacExamples,
    polishMembers:
      input.polishMembers ?? clamp(Math.floor(polishMacExamples / (typicalMacs * polishCap)), fewestMembers, mostMembers),
    polishTime: {
      macExamples: Math.round(polishMacExamples),
      // the teacher's share counts as the search's: what it does not take, trials take
      searchMacExamples: Math.round(macExamplesIn(cpu * (shares.teacher + shares.search))),
      workers,
    },
    expectedTrials: Math.floor((cpu * shares.search) / trainingSeconds(typicalMacs, trial)),
    teacherMacs: clamp(macExamplesIn(input.seconds * shares.teacher) / teacher, typicalMacs, 8 * typicalMacs),
  })
}

/** MACs of a typical network, as a plan was made for. */
export const typicalMacsOf = ({ trial: { macExamples, recipe } }: Plan): number =>
  macExamples / costliest / (recipe.warmExamples + recipe.tuneExamples)

/**
 * The least `--time` in which teacher, one trial, polish and test keep to their shares, at the planned speed. A short time shortens trainings no
 * further than their least length, so where this is more than was asked for, the study will take longer or end without polish.
 */
export function leastSeconds(plan: Plan, ownTeacher: boolean): number {
  const { warmExamples, tuneExamples } = plan.trial.recipe
  const trial = trainingSeconds(typicalMacsOf(plan), warmExamples + tuneExamples)
  // the second part of every trial waits for the teacher
  const teacher = ownTeacher ? trainingSeconds(plan.teacherMacs, plan.teacher.warmExamples) : 0
  const shares = sharesFor(plan.polishMembers)
  return (teacher + trial) / (shares.teacher + shares.search)
}

/**
 * How much examples are varied: none while each is seen up to three times (variation only slows a brief training: 3 to 5 points on Fashion-MNIST
 * after a sixth of an epoch), all of it from 12 epochs on.
 */
export const augmentFor = (examples: number, trainCount: number): number =>
  Math.round(100 * clamp((examples / trainCount - 3) / 9, 0, 1)) / 100

type Lengths = {
  trial: number
  teacher: number
  polish: number
  polishMacExamples: number
  expectedTrials: number | null
  teacherMacs: number
  polishMembers: number
  polishTime: Plan['polishTime']
}

function plan(input: PlanInput, lengths: Lengths): Plan {
  const base = { ...baseRecipe(input.dataset), ...input.recipe }
  const trainCount = input.dataset.splits.train.length
  const { trial, polish, teacher } = lengths
  return {
    trial: {
      recipe: {
        ...base,
        scoreExamples: { float: 500, int8: 3000, calibration: briefCalibration },
        warmExamples: roundTo(trial * 0.4, 100),
        tuneExamples: roundTo(trial * 0.6, 100),
        distilsFloat: true,
      },
      macExamples: Math.round(costliest * input.typicalMacs * trial),
      trainExamples: trainCount,
    },
    teacher: { ...base, augment: augmentFor(teacher, trainCount), warmExamples: roundTo(teacher, 500), distillation: null },
    polish: {
      recipe: {
        ...base,
        // at the full rate: half of it ends two tenths of a point lower after five epochs of Fashion-MNIST
        tuneExamples: roundTo(polish, 500),
      },
      macExamples: Math.round(lengths.polishMacExamples),
      trainExamples: trainCount,
    },
    expectedTrials: lengths.expectedTrials,
    teacherMacs: Math.round(lengths.teacherMacs),
    polishMembers: lengths.polishMembers,
    polishTime: lengths.polishTime,
  }
}

function baseRecipe({ task, labels, splits, classes }: PlanInput['dataset']): Recipe {
  const { loss, distillation } = taskOf(task)
  return {
    batchSize: 32,
    warmExamples: 0,
    tuneExamples: 0,
    peakLearningRate: 0.2,
    warmup: 0.2,
    optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 1e-4 },
    loss: loss(labelsAt(labels, splits.train), classes.length),
    distillation,
    augment: 0,
    clipNorm: 5,
    scoreExamples: { float: 0, int8: 0 },
    int8Tolerance: null,
  }
}
