import { existsSync, readdirSync, renameSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { Low } from 'lowdb'
import type { Trial } from '../search/trial.ts'
import { nearestName, TinyfrontError, usageError } from '../util/errors.ts'
import { fileError } from '../util/faults.ts'
import { makeFolder } from '../util/write-whole.ts'
import { Journal, type JournalData } from './journal.ts'
import type { Line, Note, NoteType } from './journal-lines.ts'
import { type Lock, takeLock } from './lock.ts'
import { changesOf, type StudyHeader } from './study-header.ts'

/** A study on disk: its journal replayed. Fronts, counters and reports are computed from it, never stored. */
export type StudyFile = {
  readonly name: string
  readonly folder: string
  readonly header: StudyHeader
  readonly lines: readonly Line[]
  /** In order: `trials[n].n === n`. */
  readonly trials: readonly Trial[]
  /** Bytes of a half-written last line found on opening (a crash); 0 = none. Its trial is run again. */
  readonly tornBytes: number
  /** Returns when the disk has the line. Throws a store error; nothing stored before is lost. */
  append(line: Line): Promise<void>
  /** Lets go of the lock. */
  close(): Promise<void>
}

const journalName = 'journal.jsonl'

export type CreateOptions = {
  readonly fresh?: boolean
  /** Keys of the configuration that may differ between studies of the same trials. */
  readonly limits?: readonly string[]
}

/**
 * Starts a study under `results/NAME`. One that exists is refused; with `fresh` it is put aside as `NAME~1`, never deleted.
 */
export async function createStudy(results: string, header: StudyHeader, options: CreateOptions = {}): Promise<StudyFile> {
  const { name } = header
  checkName(name)
  checkFolder(results)
  const folder = join(results, name)
  if (existsSync(join(folder, journalName))) {
    if (!options.fresh)
      throw usageError(
        `the study "${name}" exists (${folder}), ${await likeness(results, header, options.limits ?? [])}`,
        `go on with \`tinyfront resume ${name}\`, or start anew with --fresh`,
      )
    takeLock(folder).release()
    renameSync(folder, join(results, firstFree(results, name)))
  }
  try {
    makeFolder(folder)
  } catch (cause) {
    throw fileError('usage', folder, 'written', cause, ': --results')
  }
  const lock = takeLock(folder)
  const journal = new Journal(join(folder, journalName), 'write')
  const study = make(name, folder, new Low<JournalData>(journal, { lines: [] }), journal, lock)
  try {
    await study.append({ type: 'header', header })
    await syncFolder(folder)
  } catch (error) {
    lock.release()
    throw error
  }
  return study
}

/** How a new study of this name compares with the one that is there. */
async function likeness(results: string, header: StudyHeader, limits: readonly string[]): Promise<string> {
  const existing = await openStudy(results, header.name, 'read')
  const changes = changesOf(existing.header, header, limits)
  await existing.close()
  return changes.length === 0 ? 'made as this one would be' : `made otherwise: ${changes.join('; ')}`
}

/** Opens a study: `write` takes the lock and mends a torn tail, `read` disturbs nobody. */
export async function openStudy(results: string, name: string, mode: 'read' | 'write'): Promise<StudyFile> {
  const folder = join(results, name)
  if (!existsSync(join(folder, journalName))) {
    const near = nearestName(name, listStudies(results))
    throw usageError(
      `there is no study "${name}" under ${results}`,
      near ? `did you mean "${near}"?` : `start one with \`tinyfront search\`, or name its folder with --results`,
    )
  }
  const lock = mode === 'write' ? takeLock(folder) : undefined
  try {
    const journal = new Journal(join(folder, journalName), mode)
    const db = new Low<JournalData>(journal, { lines: [] })
    await db.read()
    check(journal.file, db.data.lines)
    return make(name, folder, db, journal, lock)
  } catch (error) {
    lock?.release()
    throw error
  }
}

/** Names of the studies of a results folder, sorted; those put aside by `--fresh` are left out. */
export function listStudies(results: string): string[] {
  if (!existsSync(results)) return []
  checkFolder(results)
  return readdirSync(results)
    .filter((name) => !name.includes('~') && existsSync(join(results, name, journalName)))
    .sort()
}

/** Notes of one kind, the last for each trial. */
export function notesOf<N extends Note>(study: Pick<StudyFile, 'lines'>, type: NoteType): N[] {
  const notes = new Map<number, N>()
  for (const line of study.lines) {
    const note = line.type === type ? (line as unknown as Record<NoteType, N>)[type] : undefined
    if (note) notes.set(note.trial, note)
  }
  return [...notes.values()]
}

function make(name: string, folder: string, db: Low<JournalData>, journal: Journal, lock: Lock | undefined): StudyFile {
  const trials = db.data.lines.flatMap((line) => (line.type === 'trial' ? [line.trial] : []))
  let tail: Promise<void> = Promise.resolve()
  const append = async (line: Line): Promise<void> => {
    if (!lock) throw new Error(`study ${name} was opened for reading`)
    if (line.type === 'trial' && line.trial.n !== trials.length)
      throw new Error(`trial ${line.trial.n} after ${trials.length} trials`)
    db.data.lines.push(line)
    try {
      await db.write()
    } catch (error) {
      db.data.lines.pop()
      throw error
    }
    if (line.type === 'trial') trials.push(line.trial)
  }
  return {
    name,
    folder,
    get header() {
      return (db.data.lines[0] as Extract<Line, { type: 'header' }>).header
    },
    get lines() {
      return db.data.lines
    },
    trials,
    tornBytes: journal.tornBytes,
    // one at a time, in the order of the calls
    append: (line) => {
      const done = tail.then(() => append(line))
      tail = done.catch(() => {})
      return done
    },
    close: async () => {
      await tail
      lock?.release()
    },
  }
}

/** A header first and only first, trials without gaps. */
function check(file: string, lines: readonly Line[]): void {
  const damaged = (i: number, what: string) =>
    new TinyfrontError(
      'store',
      `${file}: line ${i + 1} is damaged: ${what}`,
      'restore the file from a copy, or start anew with --fresh',
    )
  if (lines[0]?.type !== 'header') throw damaged(0, 'it is not the header of a study')
  let n = 0
  lines.forEach((line, i) => {
    if (line.type === 'header' && i > 0) throw damaged(i, 'a second header')
    if (line.type === 'trial' && line.trial.n !== n++) throw damaged(i, `trial ${line.trial.n} where trial ${n - 1} is due`)
  })
}

function checkFolder(results: string): void {
  if (statSync(results, { throwIfNoEntry: false })?.isDirectory() === false)
    throw usageError(`${results}: a file, and no folder of studies`, 'name a folder with --results')
}

function checkName(name: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name))
    throw usageError(`"${name}" cannot name a study`, 'use letters, digits, dots, dashes and underscores')
}

function firstFree(results: string, name: string): string {
  for (let k = 1; ; k++) if (!existsSync(join(results, `${name}~${k}`))) return `${name}~${k}`
}

/** A new file is safe only when its folder's entry is, too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
