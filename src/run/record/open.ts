import { openStudy } from '../../store/study-file.ts'
import { openStudyStore, type StudyStore } from './study-store.ts'

/** A study for looking at: disturbs nobody who writes it. */
export async function readStudy(resultsDir: string, name: string): Promise<StudyStore> {
  return openStudyStore(await openStudy(resultsDir, name, 'read'), resultsDir)
}
