import { type ExitKind, TinyfrontError } from './errors.ts'

/** What the operating system says of a file, in words, and what a person can do about it. */
const faults: Readonly<Record<string, readonly [what: string, mend: string]>> = {
  ENOSPC: ['the disk is full', 'free some space'],
  EDQUOT: ['the disk quota is used up', 'free some space'],
  EFBIG: ['the disk is full', 'free some space'],
  EROFS: ['the disk is read-only', 'name a place that can be written'],
  EACCES: ['no permission', 'change its permissions, or name another place'],
  EPERM: ['no permission', 'change its permissions, or name another place'],
  ENOTDIR: ['a file stands where a folder should be', 'name another place'],
  EEXIST: ['a file stands where a folder should be', 'name another place'],
  EISDIR: ['it is a folder, not a file', 'name a file'],
  ENOENT: ['there is no such place', 'check the path'],
  ENAMETOOLONG: ['its name is too long', 'name it shorter'],
  ELOOP: ['its links lead in a circle', 'mend the links'],
  EMFILE: ['too many files are open', 'raise the limit (ulimit -n), or take fewer --workers'],
  ENFILE: ['too many files are open', 'close other programs'],
  EIO: ['the disk fails', 'check the disk'],
}

/** `what` of a fault that Node reports by its code; the code itself where it is none of those above. */
export const faultText = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException
  return code === undefined ? message : (faults[code]?.[0] ?? code)
}

const remedyOf = (error: unknown): string => faults[(error as NodeJS.ErrnoException).code ?? '']?.[1] ?? 'name another place'

/** A file that cannot be read or written, as two lines; `then` follows the remedy. */
export const fileError = (kind: ExitKind, file: string, done: 'read' | 'written', cause: unknown, then = ''): TinyfrontError =>
  new TinyfrontError(kind, `${file}: cannot be ${done}: ${faultText(cause)}`, `${remedyOf(cause)}${then}`, { cause })

/** An error of the operating system about a file that nobody put into words before: a person's situation all the same. Undefined = none. */
export function personsFault(error: unknown): TinyfrontError | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, path, syscall } = error as NodeJS.ErrnoException
  if (code === undefined || syscall === undefined || faults[code] === undefined) return undefined
  const where = path === undefined ? syscall : `${path} (${syscall})`
  return new TinyfrontError('usage', `${where}: ${faultText(error)}`, remedyOf(error), { cause: error })
}
