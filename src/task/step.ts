/** One step of making a candidate: what it scored on search-validation, what it weighs, what it took. */
export type StepRecord = {
  readonly step: 'float' | 'pruned' | 'distilled' | 'tuned' | 'int8' | 'equalised' | 'qat'
  /** The study's metric on search-validation; null where the step was not evaluated. Of int8 steps the best one counts. */
  readonly score: number | null
  readonly bytes: number
  readonly macs: number
  /** Wall time; the only field of a trial that differs between runs. */
  readonly milliseconds: number
}
