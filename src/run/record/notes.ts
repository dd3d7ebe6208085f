import type { StepRecord } from '../../task/step.ts'

/** A trial trained longer, scored on selection-validation. */
export type PolishLine = {
  readonly trial: number
  /** 0 = the planned training; later ones are warm restarts in time that was left, kept where they scored better */
  readonly round: number
  readonly int8: number
  readonly float32: number
  readonly steps: readonly StepRecord[]
  /** content address of the weights */
  readonly weights: string
  /** SHA-256 of the .tflite file */
  readonly tflite: string
}

/** A polished trial on the test split: reported, never used to choose. */
export type TestLine = {
  readonly trial: number
  /** content address of the weights that were tested */
  readonly weights: string
  readonly int8: number
  readonly float32: number
  /** 95 % interval (Wilson) where the metric is a share of the examples, else null */
  readonly low: number | null
  readonly high: number | null
  readonly examples: number
  readonly confusion: readonly (readonly number[])[] | null
}

/** What re-reading and re-running the exported file showed. */
export type VerifyLine = {
  readonly trial: number
  /** SHA-256 of the .tflite file */
  readonly tflite: string
  readonly checks: readonly Check[]
}
export type Check = {
  readonly name: string
  readonly status: 'equal' | 'different' | 'not verified'
  readonly detail: string
  /** Instructions of each operator on the emulated core; null where its timer ran over. */
  readonly emulated?: { readonly core: string; readonly layerInstructions: readonly (number | null)[] }
}
