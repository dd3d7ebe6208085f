/** The metric is data: it is stored in the study and named in every output. */
export type Metric =
  | { readonly kind: 'accuracy' }
  | { readonly kind: 'balanced-accuracy' }
  | { readonly kind: 'macro-f1' }
  /** Recall of class `positive` at the threshold where at most `rate` of the other examples are taken for it. */
  | { readonly kind: 'recall-at-fpr'; readonly positive: number; readonly rate: number }
  | { readonly kind: 'mae' }
  | { readonly kind: 'rmse' }

export type TaskName = 'classification' | 'regression'

/** What a study is scored by where the person names no metric. */
export const usualMetric = (task: TaskName): Metric => ({ kind: task === 'regression' ? 'mae' : 'accuracy' })

/** Whether a metric of this name is an error in the units of the target, which falls; the others are shares of what is right, which rise. */
export const isErrorMetric = (kind: string): boolean => kind === 'mae' || kind === 'rmse'

/** Scores of classification go up, errors of regression go down; the search minimises this. */
export const errorOf = (metric: Metric, score: number): number => (isErrorMetric(metric.kind) ? score : 1 - score)
