import { classification } from './classification.ts'
import { forecast } from './forecast.ts'
import { regression } from './regression.ts'
import type { Task } from './task.ts'

/** What tinyfront can be asked for, by the name that manifests and journals use. */
export const tasks = { classification, regression, forecast } as const satisfies Readonly<Record<string, Task>>

/** Data and journals name their task: plain data crosses threads and disks. */
export type TaskName = keyof typeof tasks
