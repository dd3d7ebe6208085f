import { expect, test } from 'vitest'
import { checkMetric, usualMetric } from '../../src/task/lookup.ts'
import { errorOf, type Metric } from '../../src/task/metric.ts'
import { metricForms, metricFromText, metricSchema, metricText } from '../../src/task/schema.ts'
import { type TaskName, tasks } from '../../src/task/tasks.ts'

const names = Object.keys(tasks) as TaskName[]

test('a metric is read from its form, survives the journal, and is written as it was read', () => {
  const said = metricForms().map((form) => metricFromText(form.replace(/:[A-Z]+/g, ':1')))
  expect(said).toContainEqual({ kind: 'recall-at-fpr', positive: 1, rate: 1 })
  for (const metric of said) {
    expect(metricSchema.parse(JSON.parse(JSON.stringify(metric)))).toEqual(metric)
    expect(metricFromText(metricText(metric))).toEqual(metric)
  }
})

test.each([
  'acuracy',
  'recall-at-fpr',
  'recall-at-fpr:1',
  'recall-at-fpr:0.5:0.1',
  'recall-at-fpr:0:2',
  'recall-at-fpr:0:',
  'accuracy:1',
  '',
])('"%s" is refused with a remedy', (text) =>
  expect(() => metricFromText(text)).toThrow(expect.objectContaining({ remedy: expect.stringMatching(/accuracy/) })),
)

test.each(names)('%s suits its own metrics alone, and names a usual one', (name) => {
  expect(Object.keys(tasks[name].metrics)).toContain(usualMetric(name).kind)
  for (const other of names)
    if (other !== name)
      // a metric that two tasks have is one row
      for (const kind of Object.keys(tasks[other].metrics))
        if (!(kind in tasks[name].metrics))
          expect(() => checkMetric({ kind } as Metric, name, 2)).toThrow(`does not suit ${name}`)
})

test('a class that does not exist has no recall', () => {
  const metric: Metric = { kind: 'recall-at-fpr', positive: 3, rate: 0.1 }
  expect(() => checkMetric(metric, 'classification', 3)).toThrow('there is no class 3')
  checkMetric(metric, 'classification', 4)
})

test('whichever way a score gets better, its error gets smaller', () => {
  expect(errorOf({ kind: 'accuracy' }, 0.9)).toBeLessThan(errorOf({ kind: 'accuracy' }, 0.8))
  expect(errorOf({ kind: 'mae' }, 2)).toBeLessThan(errorOf({ kind: 'mae' }, 3))
})
