import { numberMetrics } from './metrics.ts'
import { average, copyLabel, readNumbers } from './numbers.ts'
import type { Task } from './task.ts'

/**
 * Values of sensors some steps ahead. The network answers with changes: what the target will be less what it is in the last row of the window. So the answer
 * that looks at no input, no change, is persistence, and int8 spends its 256 steps on the changes alone.
 */
export const forecast = {
  about: 'values some rows ahead of a window, chosen by "forecast"; the network answers with the change from the last row',
  classOf: null,
  labelWidth: (columns) => columns,
  readLabels: readNumbers,
  labelOfWindow: average,
  outputs: (_classes, labelWidth) => labelWidth,
  activation: 'none',
  writeTarget: copyLabel,
  loss: () => ({ kind: 'huber', delta: 1 }),
  distillation: null,
  trivialAnswer: ({ width }) => new Array<number>(width).fill(0),
  metrics: numberMetrics,
  usualMetric: 'mae',
  confusion: () => null,
  describe: () => 'a forecast',
} as const satisfies Task
