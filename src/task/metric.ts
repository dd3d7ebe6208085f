import type { MetricRow, Task } from './task.ts'
import { tasks } from './tasks.ts'

type Rows<T = (typeof tasks)[keyof typeof tasks]['metrics']> = T extends unknown
  ? { [K in keyof T]: readonly [K, T[K]] }[keyof T]
  : never
type Named<R = Rows> = R extends readonly [infer K extends string, MetricRow<infer P>]
  ? { readonly kind: K } & { readonly [N in keyof P]: number }
  : never
/** A metric by name, and the numbers that it is told. Plain data: it is stored in the study and named in every output. */
export type Metric = Named

/** The metrics of all tasks by name. One of a name that two tasks have is the same row. */
export const metricRows: Readonly<Record<string, MetricRow>> = Object.assign(
  {},
  ...Object.values<Task>(tasks).map((task) => task.metrics),
)

/** Whether scores of this metric are shares, 0 to 1, and printed in percent. */
export const isShare = (kind: string): boolean => metricRows[kind]!.unit === 'share'

/** The search minimises this. The best of what rises is 1. */
export const errorOf = (metric: Metric, score: number): number => (metricRows[metric.kind]!.better === 'down' ? score : 1 - score)
