import { numberMetrics } from './metrics.ts'
import { average, copyLabel, meanLabel, readNumbers } from './numbers.ts'
import type { Task } from './task.ts'

/** One number for each example, or several; the network answers with them. */
export const regression = {
  about: 'labels are numbers, one or several columns; a window has the mean of its rows',
  classOf: null,
  labelWidth: (columns) => columns,
  readLabels: readNumbers,
  labelOfWindow: average,
  outputs: (_classes, labelWidth) => labelWidth,
  activation: 'none',
  writeTarget: copyLabel,
  loss: () => ({ kind: 'huber', delta: 1 }),
  distillation: null,
  trivialAnswer: meanLabel,
  metrics: numberMetrics,
  usualMetric: 'mae',
  confusion: () => null,
  describe: () => 'a number',
} as const satisfies Task
