import { type AccuracyView, type CostView, type MetricView, type StudyView, viewSchemaVersion } from './view.ts'

/** What `front --json` prints: a contract with scripts. Fields are only ever added; what was not measured is null. */
export type FrontDocument = {
  readonly schemaVersion: number
  readonly study: string
  readonly seed: string | number
  readonly metric: MetricView
  readonly trials: StudyView['trials']
  readonly targets: readonly {
    readonly target: string
    readonly hypervolume: number | null
    readonly reference: readonly number[]
    readonly front: readonly {
      readonly trial: number
      readonly genome: string
      readonly accuracy: AccuracyView
      readonly cost: CostView
    }[]
  }[]
}

/** The front document of a study view, key by key in the documented order. */
export const frontDocument = (view: StudyView): FrontDocument => ({
  schemaVersion: viewSchemaVersion,
  study: view.study,
  seed: view.seed,
  metric: view.metric,
  trials: view.trials,
  targets: view.targets.map(({ target, hypervolume, reference, front }) => ({
    target,
    hypervolume,
    reference,
    front: front.map(({ trial, genome, accuracy, cost }) => ({ trial, genome, accuracy, cost })),
  })),
})
