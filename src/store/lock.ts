import { randomUUID } from 'node:crypto'
import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { TinyfrontError } from '../util/errors.ts'
import { fileError } from '../util/faults.ts'

/** Who writes a study: a process is named by its number and its start, because numbers are used again. */
type Owner = { readonly pid: number; readonly host: string; readonly start: string; readonly token: string }

export type Lock = { release(): void }
/** The living writer of a study; `here` = on this machine, hence within reach of a signal. */
export type Writer = { readonly pid: number; readonly host: string; readonly here: boolean }

/**
 * Makes this process the only writer of a folder, or throws a store error that names the other one. The lock of a process that
 * died (kill -9, power cut) is taken over.
 */
export function takeLock(folder: string): Lock {
  const file = join(folder, 'lock')
  const me: Owner = { pid: process.pid, host: hostname(), start: startOf(process.pid), token: randomUUID() }
  // a link appears whole or not at all: nobody ever reads half a lock
  const draft = `${file}.${me.token}`
  try {
    writeFileSync(draft, JSON.stringify(me))
  } catch (cause) {
    throw fileError('usage', folder, 'written', cause, ': --results')
  }
  try {
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        linkSync(draft, file)
        return { release: () => readOwner(file)?.token === me.token && unlinkSync(file) }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      const owner = readOwner(file)
      if (owner && isAlive(owner)) throw taken(file, owner)
      setAside(file, owner)
    }
    throw taken(file, readOwner(file))
  } finally {
    unlinkSync(draft)
  }
}

/** Who writes this folder now; undefined where nobody does. */
export function writerOf(folder: string): Writer | undefined {
  const owner = readOwner(join(folder, 'lock'))
  if (!owner || !isAlive(owner)) return undefined
  // without a start the number may by now be another process
  return { pid: owner.pid, host: owner.host, here: owner.host === hostname() && owner.start !== '' }
}

/** Removes a stale lock; if another process was quicker and this is already its new lock, puts that back. */
function setAside(file: string, stale: Owner | undefined): void {
  const aside = `${file}.${randomUUID()}`
  try {
    renameSync(file, aside)
  } catch {
    return // gone already
  }
  if (readOwner(aside)?.token !== stale?.token)
    try {
      linkSync(aside, file)
    } catch {
      // a third one holds it now
    }
  unlinkSync(aside)
}

function readOwner(file: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Owner
  } catch {
    return undefined
  }
}

/** Of another machine nothing can be known, so its lock holds. */
function isAlive(owner: Owner): boolean {
  if (owner.host !== hostname()) return true
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const start = startOf(owner.pid)
  return start === '' || owner.start === '' || start === owner.start
}

/** Start of a process in clock ticks since boot (proc(5), field 22); empty where /proc does not exist. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

const taken = (file: string, owner: Owner | undefined): TinyfrontError =>
  new TinyfrontError(
    'store',
    `${file}: another process writes this study${owner ? ` (pid ${owner.pid} on ${owner.host})` : ''}`,
    owner && owner.host !== hostname()
      ? 'wait for it; if that machine no longer runs it, remove the lock file'
      : 'wait for it or stop it, then try again',
  )
