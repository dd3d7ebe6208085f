import { join } from 'node:path'
import { renderReport } from '../../report/html.ts'
import { studyView } from '../../run/after/view.ts'
import { readStudy } from '../../run/record/open.ts'
import type { StudyStore } from '../../run/record/study-store.ts'
import { writeAsked } from '../../util/write-whole.ts'
import type { Run } from '../options.ts'
import { print, printJson } from '../output.ts'

/** Writes `report.html` into the study's folder; returns its path. */
export function writeReport(store: StudyStore, idleShare: number | null = null): string {
  const path = join(store.folder, 'report.html')
  writeAsked(path, renderReport(studyView(store, { idleShare, open: 'front' })))
  return path
}

/** `tinyfront report STUDY` */
export const runReport: Run = async ([name = ''], options) => {
  const path = writeReport(await readStudy(options.results, name))
  if (options.json) printJson({ schemaVersion: 1, report: path })
  else print(path)
  return 0
}
