import type { Budget, Cost } from '../device/cost.ts'
import type { StepRecord } from '../task/step.ts'

export const objectiveNames = ['error', 'latency', 'ram', 'flash', 'energy', 'macs'] as const
/** `error` is the study's metric turned so that smaller is better (1 - accuracy, or MAE). */
export type ObjectiveName = (typeof objectiveNames)[number]

export type TargetCost = Cost & {
  /** 0 = fits (see device/cost.ts) */
  readonly violation: number
}

/** A finished trial: one journal line, never edited. */
export type Trial = {
  readonly n: number
  /** Choice indices, canonical. */
  readonly genome: readonly number[]
  /** The genome in values ("w=0.5 r=28 s1=k3e4d2..."): what survives a reordering of the space's lists. */
  readonly text: string
  readonly state: 'trained' | 'infeasible' | 'failed'
  /** Why it failed, or the nearest miss of an infeasible one. */
  readonly reason?: string
  readonly parents: readonly number[]
  /** How long it was trained: 0 = the planned length, each further rung twice as long as the last. */
  readonly rung: number
  readonly recipe: string
  /** Identity: hash of the pruned graph and recipe genes. */
  readonly graphHash: string
  readonly macs: number
  readonly params: number
  readonly costs: Readonly<Record<string, TargetCost>>
  /** The study's metric of the int8 network, tflm rounding, on search-validation; null if not trained. */
  readonly score: number | null
  readonly steps: readonly StepRecord[]
  /** Content address of the weights (safetensors), null if not kept. */
  readonly weights: string | null
  /** Content address of the weights that training began with, those of a relative; absent = it began at random. */
  readonly weightsFrom?: string
  /** Training examples that those weights had seen, its relatives' own included; absent = none. */
  readonly ancestralExamples?: number
}

/** What the search minimises for one target. */
export type TargetSpec = {
  readonly id: string
  readonly budget: Budget
  /** Reference point of the hypervolume, in objective order: majority-class error and the budget. Stored in the study header. */
  readonly reference: readonly number[]
}

/**
 * What a strategy asks for: a network, how long it is to be trained, and the weights of a trial in its view that training begins with. A known network
 * may be asked for again at another rung, or its twin with other bits of weights.
 */
export type Proposal = Pick<Trial, 'genome' | 'parents' | 'rung' | 'weightsFrom'>

/** A proposal at a higher rung that names weights goes on from those that the network had one rung below. */
export const goesOn = ({ rung, weightsFrom }: Pick<Trial, 'rung' | 'weightsFrom'>): boolean =>
  rung > 0 && weightsFrom !== undefined

/** Its training is as long as all of the one before: together they are as long as one training at its rung. */
export const lengthRung = (trial: Pick<Trial, 'rung' | 'weightsFrom'>): number => (goesOn(trial) ? trial.rung - 1 : trial.rung)

/** What a study tries once: a network at a rung. */
export const trialKey = ({ graphHash, rung }: Pick<Trial, 'graphHash' | 'rung'>): string => `${graphHash}@${rung}`

/** Value of one objective of a trial on a target; smaller is better. */
export function objective(
  trial: Pick<Trial, 'costs' | 'score' | 'macs'>,
  target: string,
  name: ObjectiveName,
  errorOf: (score: number) => number,
): number {
  const cost = trial.costs[target]!
  switch (name) {
    case 'error':
      return trial.score === null ? Number.POSITIVE_INFINITY : errorOf(trial.score)
    case 'latency':
      return cost.latencyMs
    case 'ram':
      return cost.ramBytes
    case 'flash':
      return cost.flashBytes
    case 'energy':
      return cost.energyUj ?? 0
    case 'macs':
      return trial.macs
  }
}
