import { z } from 'zod'
import { nearestName, usageError } from '../util/errors.ts'
import { type Metric, metricRows } from './metric.ts'
import { type TaskName, tasks } from './tasks.ts'

/** The doors through which a task or a metric comes in by name: manifests, journals, options. Made from the tables, which `defineTask` adds to. */
export const taskSchema = z
  .string()
  .superRefine((name, context) => {
    if (!Object.hasOwn(tasks, name)) context.addIssue({ code: 'invalid_value', values: Object.keys(tasks), input: name })
  })
  .meta({
    enum: Object.keys(tasks),
    description: Object.entries(tasks)
      .map(([name, { about }]) => `${name}: ${about}`)
      .join('. '),
  }) as unknown as z.ZodType<TaskName>

const numbers = { class: z.int().min(0), share: z.number().min(0).max(1) } as const
const schemaOf = (kind: string) =>
  z.strictObject({
    kind: z.literal(kind),
    ...Object.fromEntries(
      Object.entries(metricRows[kind]!.parameters).map(([name, parameter]) => [name, numbers[parameter.kind]]),
    ),
  })
export const metricSchema = z
  .looseObject({ kind: z.string() })
  .superRefine((metric, context) => {
    const { kind } = metric
    if (!Object.hasOwn(metricRows, kind))
      context.addIssue({ code: 'invalid_value', values: Object.keys(metricRows), input: kind, path: ['kind'] })
    else
      for (const issue of schemaOf(kind).safeParse(metric).error?.issues ?? [])
        context.addIssue({ ...issue, input: metric } as Parameters<typeof context.addIssue>[0])
  })
  .meta({
    oneOf: Object.keys(metricRows).map((kind) => ({ ...z.toJSONSchema(schemaOf(kind)), $schema: undefined })),
  }) as unknown as z.ZodType<Metric>

/** "recall-at-fpr:CLASS:RATE" for each metric: what `metricFromText` reads. */
export const metricForms = (): string[] =>
  Object.entries(metricRows).map(([kind, { parameters }]) =>
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
    near && near !== kind ? `did you mean "${near}"?` : `write one of ${metricForms().join(', ')}`,
  )
}

/** What `metricFromText` reads as this metric. */
export const metricText = ({ kind, ...numbers }: Metric): string =>
  [kind, ...Object.keys(metricRows[kind]!.parameters).map((name) => (numbers as Record<string, number>)[name])].join(':')
