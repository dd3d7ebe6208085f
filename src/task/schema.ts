import { z } from 'zod'
import { nearestName, usageError } from '../util/errors.ts'
import { type Metric, metricRows } from './metric.ts'
import { type TaskName, tasks } from './tasks.ts'

/** The doors through which a task or a metric comes in by name: manifests, journals, options. Made from the tables. */
export const taskSchema = z.enum(Object.keys(tasks) as TaskName[]).describe(
  Object.entries(tasks)
    .map(([name, { about }]) => `${name}: ${about}`)
    .join('. '),
)

const numbers = { class: z.int().min(0), share: z.number().min(0).max(1) } as const
const metricSchemas = Object.entries(metricRows).map(([kind, { parameters }]) =>
  z.strictObject({
    kind: z.literal(kind),
    ...Object.fromEntries(Object.entries(parameters).map(([name, parameter]) => [name, numbers[parameter.kind]])),
  }),
)
// the compiler cannot follow a union through a map over the table
export const metricSchema = z.discriminatedUnion('kind', metricSchemas as never) as unknown as z.ZodType<Metric>

/** "recall-at-fpr:CLASS:RATE" for each metric: what `metricFromText` reads. */
export const metricForms: readonly string[] = Object.entries(metricRows).map(([kind, { parameters }]) =>
  [kind, ...Object.keys(parameters).map((name) => name.toUpperCase())].join(':'),
)

/** "accuracy", "macro-f1", "recall-at-fpr:2:0.01" (class 2, at most 1 % false alarms). */
export function metricFromText(text: string): Metric {
  const [kind = '', ...numbers] = text.split(':')
  const names = Object.keys(metricRows[kind]?.parameters ?? {})
  const numberAt = (i: number) => (numbers[i]?.trim() ? Number(numbers[i]) : Number.NaN)
  const parsed = metricSchema.safeParse({ kind, ...Object.fromEntries(names.map((name, i) => [name, numberAt(i)])) })
  if (parsed.success && numbers.length === names.length) return parsed.data
  const near = nearestName(kind, Object.keys(metricRows))
  throw usageError(
    `metric "${text}" is not understood`,
    near && near !== kind ? `did you mean "${near}"?` : `write one of ${metricForms.join(', ')}`,
  )
}

/** What `metricFromText` reads as this metric. */
export const metricText = ({ kind, ...numbers }: Metric): string =>
  [kind, ...Object.keys(metricRows[kind]!.parameters).map((name) => (numbers as Record<string, number>)[name])].join(':')
