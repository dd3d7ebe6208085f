import { usageError } from '../util/errors.ts'
import { metricRows } from './metric.ts'
import type { Task } from './task.ts'
import { tasks } from './tasks.ts'

const modules = new Map<string, string>()

/**
 * Makes a task known by a name, beside those of `tasks.ts`. The module at `module` (its `import.meta.url`) calls this when it is imported, since functions
 * cannot be sent: every worker thread imports it as well.
 *
 * @throws TinyfrontError where another task, or another metric, has the name.
 */
export function defineTask(name: string, task: Task, module: string): void {
  const taken = Object.hasOwn(tasks, name) && modules.get(name) !== module
  if (taken) throw usageError(`a task of the name "${name}" is there already`, 'give yours another name')
  for (const [metric, row] of Object.entries(task.metrics))
    if (Object.hasOwn(metricRows, metric) && metricRows[metric] !== row && !modules.has(name))
      throw usageError(`task ${name}: a metric of the name "${metric}" is there already`, 'give yours another name')
  modules.set(name, module)
  Object.assign(tasks, { [name]: task })
  Object.assign(metricRows, task.metrics)
}

/** What a worker thread imports before its first job, so that it knows the same tasks. */
export const taskModules = (): readonly string[] => [...new Set(modules.values())]
