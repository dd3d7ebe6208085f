import type { Dataset } from '../data/dataset.ts'
import type { Loss } from '../train/engine.ts'
import type { Recipe } from '../train/recipe.ts'

/** Shares of `--time`; polish and the rest follow the search, so a slow search never eats them. */
export const timeShares = { teacher: 0.12, search: 0.5, polish: 0.33, finish: 0.05 } as const

/**
 * Training speed that plans assume, floating-point operations a second per worker: what the plain WASM engine does on a 2020s laptop core,
 * on the careful side (bench/training.ts). A constant, so that a plan depends on the configuration alone and never on the machine.
 */
export const plannedFlops = 12e9
/** Forward, input gradient and weight gradient, two operations each. */
const flopsPerMac = 6

/** Seconds that one worker is expected to take for `examples` examples of a network. */
export const trainingSeconds = (macs: number, examples: number): number => (flopsPerMac * macs * examples) / plannedFlops
const examplesIn = (seconds: number, macs: number): number => (seconds * plannedFlops) / (flopsPerMac * macs)

export type Plan = {
  readonly trial: Recipe
  readonly teacher: Recipe
  readonly polish: Recipe
  /** Trials that the time is expected to hold; null when `--trials` alone decides. */
  readonly expectedTrials: number | null
  /** MACs that the teacher may have. */
  readonly teacherMacs: number
  /** How many networks of the front are trained longer. */
  readonly polishMembers: number
}

export type PlanInput = {
  readonly dataset: Pick<Dataset, 'kind' | 'task' | 'splits' | 'labels' | 'classes'>
  /** Typical MACs of a network that fits (geometric mean over random samples). */
  readonly typicalMacs: number
  readonly workers: number
  readonly polishMembers: number
  readonly trials?: number
  readonly seconds?: number
}

const clamp = (x: number, low: number, high: number) => Math.min(high, Math.max(low, x))
const roundTo = (x: number, step: number) => Math.max(step, Math.round(x / step) * step)

/** Trials that make a search worth the name, and more than which each trial gets longer instead. */
const wantedTrials = 40

/**
 * How long each kind of training is. With `--time` the time is divided by `timeShares`; with `--trials` alone a trial sees the training set twice
 * (at least 6,000 and at most 60,000 examples) and polish eight times that. Lengths never depend on the machine.
 */
export function planStudy(input: PlanInput): Plan {
  const { dataset, typicalMacs, workers } = input
  const trainCount = dataset.splits.train.length
  const trialCap = trainCount * 20
  const polishCap = trainCount * 60
  if (input.seconds === undefined) {
    const examples = clamp(2 * trainCount, 6000, 60000)
    return plan(input, {
      trial: examples,
      teacher: 4 * examples,
      polish: 8 * examples,
      expectedTrials: null,
      teacherMacs: 3 * typicalMacs,
    })
  }
  const cpu = input.seconds * workers
  const searchCpu = cpu * timeShares.search
  const trial = clamp(
    examplesIn(searchCpu / (input.trials ?? wantedTrials), typicalMacs),
    Math.min(4000, trialCap),
    Math.min(trialCap, 6 * 60000),
  )
  const polishCpu = (cpu * timeShares.polish) / Math.max(1, input.polishMembers)
  // front members worth polishing are larger than the typical network
  const polish = clamp(examplesIn(polishCpu, 1.5 * typicalMacs), trial, polishCap)
  const teacher = clamp(4 * trial, Math.min(8000, trialCap), polishCap)
  return plan(input, {
    trial,
    teacher,
    polish,
    expectedTrials: Math.floor(searchCpu / trainingSeconds(typicalMacs, trial)),
    teacherMacs: clamp(
      (input.seconds * timeShares.teacher * plannedFlops) / (flopsPerMac * teacher),
      typicalMacs,
      8 * typicalMacs,
    ),
  })
}

/**
 * How much examples are varied: none while each is seen up to three times (variation only slows a brief training: 3 to 5 points on Fashion-MNIST
 * after a sixth of an epoch), all of it from 20 epochs on.
 */
const augmentFor = (examples: number, trainCount: number): number =>
  Math.round(100 * clamp((examples / trainCount - 3) / 17, 0, 1)) / 100

type Lengths = { trial: number; teacher: number; polish: number; expectedTrials: number | null; teacherMacs: number }

function plan(input: PlanInput, lengths: Lengths): Plan {
  const base = baseRecipe(input.dataset)
  const trainCount = input.dataset.splits.train.length
  const trialExamples = roundTo(lengths.trial, 500)
  const trial: Recipe = {
    ...base,
    warmExamples: roundTo(trialExamples * 0.4, 100),
    tuneExamples: roundTo(trialExamples * 0.6, 100),
  }
  const polish = roundTo(lengths.polish, 500)
  return {
    trial,
    teacher: {
      ...base,
      augment: augmentFor(lengths.teacher, trainCount),
      warmExamples: roundTo(lengths.teacher, 500),
      tuneExamples: 0,
      distillation: null,
    },
    polish: { ...base, augment: augmentFor(polish, trainCount), warmExamples: 0, tuneExamples: polish },
    expectedTrials: lengths.expectedTrials,
    teacherMacs: Math.round(lengths.teacherMacs),
    polishMembers: input.polishMembers,
  }
}

function baseRecipe(dataset: PlanInput['dataset']): Recipe {
  const loss: Loss =
    dataset.task === 'regression'
      ? { kind: 'huber', delta: 1 }
      : { kind: 'crossEntropy', labelSmoothing: 0, ...classWeights(dataset) }
  return {
    batchSize: 32,
    warmExamples: 0,
    tuneExamples: 0,
    peakLearningRate: 0.2,
    warmup: 0.2,
    optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 1e-4 },
    loss,
    distillation: dataset.task === 'regression' ? null : { alpha: 0.3, temperature: 4 },
    augment: 0,
    clipNorm: 5,
    scoreExamples: { float: 0, int8: 0 },
  }
}

/** Classes are weighted by the square root of their rarity once the commonest is three times the rarest. */
function classWeights({ labels, splits, classes }: PlanInput['dataset']): { classWeights?: readonly number[] } {
  const counts = new Array<number>(classes.length).fill(0)
  for (const i of splits.train) counts[labels[i]!]!++
  const present = counts.filter((n) => n > 0)
  if (present.length < 2 || Math.max(...present) < 3 * Math.min(...present)) return {}
  const mean = splits.train.length / present.length
  return { classWeights: counts.map((n) => (n === 0 ? 1 : Math.sqrt(mean / n))) }
}
