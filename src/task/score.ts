import { countOf, type Labels } from './labels.ts'
import { taskOf } from './lookup.ts'
import { type Metric, metricRows } from './metric.ts'
import { always, type Predictions } from './predictions.ts'
import type { TaskName } from './tasks.ts'

/** The study's metric of these predictions; `errorOf` turns it so that less is better. */
export const score = (metric: Metric, predictions: Predictions, labels: Labels): number =>
  metricRows[metric.kind]!.score(predictions, labels, metric as Metric & Record<string, number>)

/** The score of the best answer that looks at no input: the worst corner of the hypervolume. */
export function trivialScore(task: TaskName, metric: Metric, labels: Labels, outputs: number): number {
  return score(metric, always(taskOf(task).trivialAnswer(labels, outputs), countOf(labels)), labels)
}
