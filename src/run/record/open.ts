import { basename, dirname, resolve } from 'node:path'
import { openStudy } from '../../store/study-file.ts'
import { openStudyStore, type StudyStore } from './study-store.ts'

/** A study for looking at: disturbs nobody who writes it. */
export async function readStudy(resultsDir: string, name: string): Promise<StudyStore> {
  return openStudyStore(await openStudy(resultsDir, name, 'read'), resultsDir)
}

/** Where a study lies that is named, or shown by its folder: "demo", "results/demo", "./". */
export function placeOf(study: string, results: string): { readonly name: string; readonly results: string } {
  if (!/[/\\]|^\.+$/.test(study)) return { name: study, results }
  const folder = /^\.|\.$/.test(study) ? resolve(study) : study
  return { name: basename(folder), results: dirname(folder) }
}
