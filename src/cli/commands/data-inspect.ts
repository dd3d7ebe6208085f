import { reportLines } from '../../data/inspect.ts'
import { openData } from '../../run/record/prepare.ts'
import type { Run } from '../options.ts'
import { print, printJson } from '../output.ts'

/** `tinyfront data inspect PATH`: counts, shapes, classes, imbalance, duplicates across splits, offsets per class, unreadable files. */
export const runDataInspect: Run = async ([path = ''], options) => {
  const { report } = await openData({ ...options, data: path }, options.results)
  if (options.json) printJson({ schemaVersion: 1, ...report })
  else for (const line of reportLines(report)) print(line)
  return 0
}
