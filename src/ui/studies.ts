import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { parseLine } from '../store/journal-lines.ts'
import { writerOf } from '../store/lock.ts'
import { listStudies } from '../store/study-file.ts'
import type { StudyRow } from './wire.ts'

/** The studies of a results folder, the newest first, from the first line of each journal. */
export function studyRows(resultsDir: string, only: string | undefined): StudyRow[] {
  return listStudies(resultsDir)
    .filter((name) => only === undefined || name === only)
    .flatMap((name) => rowOf(resultsDir, name) ?? [])
    .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
}

function rowOf(resultsDir: string, name: string): StudyRow | undefined {
  try {
    const line = parseLine(firstLine(join(resultsDir, name, 'journal.jsonl')))
    if (line.type !== 'header') return undefined
    const { header } = line
    return {
      study: name,
      createdAt: header.createdAt,
      data: String(header.config.data),
      boards: header.targets.map((t) => t.target.id),
      running: writerOf(join(resultsDir, name)) !== undefined,
      fake: header.config.engine === 'fake',
    }
  } catch {
    return undefined // whoever opens it is told why
  }
}

/** A header is long, for it holds the space and the boards. */
const headerBytes = 1 << 20

function firstLine(file: string): string {
  const handle = openSync(file, 'r')
  try {
    const part = Buffer.alloc(headerBytes)
    const read = readSync(handle, part, 0, headerBytes, 0)
    return part.toString('utf8', 0, part.subarray(0, read).indexOf(10))
  } finally {
    closeSync(handle)
  }
}
