import { usageError } from '../util/errors.ts'
import type { Metric } from './metric.ts'
import type { Task } from './task.ts'
import { type TaskName, tasks } from './tasks.ts'

/** @throws TinyfrontError for a task of a program's own that this one has not defined. */
export function taskOf(name: TaskName): Task {
  if (Object.hasOwn(tasks, name)) return tasks[name]
  throw usageError(
    `task "${name}" is not known here`,
    'import the module that defines it first, in the program or in the project file',
  )
}

/** The metric of a study of this task that names none. */
export const usualMetric = (name: TaskName): Metric => ({ kind: taskOf(name).usualMetric as Metric['kind'] }) as Metric

/** Numbers that a network for this data answers with. */
export const outputsOf = (data: {
  readonly task: TaskName
  readonly classes: readonly string[]
  readonly labels: { readonly width: number }
}): number => taskOf(data.task).outputs(data.classes.length, data.labels.width)

/** @throws TinyfrontError for a metric that says nothing about this task or this data. */
export function checkMetric(metric: Metric, name: TaskName, classes: number): void {
  const { metrics } = taskOf(name)
  const row = metrics[metric.kind]
  if (!row)
    throw usageError(`metric ${metric.kind} does not suit ${name}`, `pass --metric ${Object.keys(metrics).join(', --metric ')}`)
  const refused = row.refuse?.(metric as Metric & Record<string, number>, classes)
  if (refused) throw usageError(...refused)
}
