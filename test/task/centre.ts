import { defineTask } from '../../src/task/define.ts'
import { average, copyLabel, meanLabel, readNumbers } from '../../src/task/numbers.ts'
import type { MetricRow, Task } from '../../src/task/task.ts'

/** Mean length of the way from the answer to the true centre. */
const meanDistance: MetricRow = {
  better: 'down',
  unit: 'number',
  parameters: {},
  score(p, { values }) {
    let sum = 0
    for (let i = 0; i < 2 * p.count; i += 2) sum += Math.hypot(p.scores[i]! - values[i]!, p.scores[i + 1]! - values[i + 1]!)
    return sum / p.count
  },
}

/** A task as somebody might add it: where in the picture is the blob? Two numbers, each a share of the side. */
const centre: Task = {
  about: 'two columns, x and y of the centre',
  classOf: null,
  labelWidth: (columns) => (columns === 2 ? 2 : undefined),
  readLabels: readNumbers,
  labelOfWindow: average,
  outputs: () => 2,
  activation: 'none',
  writeTarget: copyLabel,
  loss: () => ({ kind: 'mse' }),
  distillation: null,
  trivialAnswer: meanLabel,
  metrics: { 'mean-distance': meanDistance },
  usualMetric: 'mean-distance',
  confusion: () => null,
  describe: () => 'a centre',
}

defineTask('centre', centre, import.meta.url)
