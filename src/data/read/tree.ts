import { type Dirent, existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { usageError } from '../../util/errors.ts'
import { gunzip, isGzip } from './gzip.ts'
import { asUsageError, BadFile, inGib, limits } from './limits.ts'
import { readTar } from './tar.ts'
import { readZip } from './zip.ts'

/** One file of a data set, on disk or inside an archive. `path` is relative to the data set, with forward slashes. */
export type FileEntry = { readonly path: string; readonly read: () => Uint8Array; readonly known?: Known }

/** What a list or a container says of a file; absent = its folders tell. */
export type Known = { readonly labels: readonly string[]; readonly split: 'none' | 'train' | 'val' | 'test' }

/** Marks a folder of caches for backups and for us (https://bford.info/cachedir/). */
export const cacheTag = 'CACHEDIR.TAG'
export const cacheTagText =
  'Signature: 8a477f597d28d172789f06886806bc55\n# decoded data and teachers of tinyfront: may be deleted\n'

/** The files of a folder or an archive; `root` names it in messages. Sorted by path, so that the order is the same on every disk. */
export type FileTree = { readonly root: string; readonly files: readonly FileEntry[] }

export const isArchive = (path: string): boolean => /\.(tar\.gz|tgz|tar|zip)$/i.test(path)

/** Opens a folder, an archive, or a single file as a folder of one. Archives are read in place: no path in them ever reaches the disk. */
export function openTree(path: string): FileTree {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) throw usageError(`${path}: no such file or folder`, 'check the path of the data')
  if (stat.isDirectory()) return { root: path, files: listFolder(path) }
  if (!isArchive(path)) return { root: path, files: [{ path: basename(path), read: () => readPlain(path) }] }
  if (stat.size > limits.archiveBytes / 2)
    throw usageError(
      `${path}: archives above ${inGib(limits.archiveBytes / 2)} are not read in place`,
      'unpack it, and name the folder',
    )
  return { root: path, files: listArchive(path) }
}

/** Bytes of a file on disk, unpacked if it is gzip. */
export function readPlain(path: string): Uint8Array {
  let data: Uint8Array
  try {
    if (statSync(path).size > limits.fileBytes) throw new BadFile(`larger than ${limits.fileBytes} bytes`)
    data = readFileSync(path)
    return isGzip(data) ? gunzip(data, limits.fileBytes) : data
  } catch (cause) {
    if (cause instanceof BadFile) throw asUsageError(path, cause)
    throw usageError(
      `${path}: cannot be read (${(cause as NodeJS.ErrnoException).code})`,
      'check the path and its permissions',
      cause,
    )
  }
}

/**
 * Symbolic links are followed, so that a class may lie elsewhere; one that leads back into a folder on its own way is not, and neither is a device or a
 * pipe.
 */
function listFolder(root: string): FileEntry[] {
  const files: FileEntry[] = []
  let items = 0
  const visit = (folder: string, prefix: string, way: readonly string[]) => {
    if (way.length > limits.depth)
      throw usageError(`${folder}: more than ${limits.depth} folders deep`, 'name the folder that holds the examples')
    const here: Dirent[] = readdirSync(folder, { withFileTypes: true })
    for (const item of here.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (isNoData(item.name)) continue
      const full = join(folder, item.name)
      const is = item.isSymbolicLink() ? statSync(full, { throwIfNoEntry: false }) : item
      if (is?.isDirectory() && !holdsStudies(full)) {
        const real = realpathSync(full)
        if (!way.includes(real)) visit(full, `${prefix}${item.name}/`, [...way, real])
      } else if (is?.isFile()) files.push({ path: prefix + item.name, read: () => readBounded(full) })
      if (++items > limits.files)
        throw usageError(`${root}: more than ${limits.files} files`, 'name the folder that holds the examples')
    }
  }
  visit(root, '', [realpathSync(root)])
  return files
}

/** What lies beside examples where a project is kept among its data. */
const isNoData = (name: string): boolean =>
  name.startsWith('.') || name === '__MACOSX' || name === 'node_modules' || /^tinyfront\.config\.(ts|js|json)$/.test(name)

/** A folder of our studies: it has a cache with a tag. */
const holdsStudies = (folder: string): boolean => existsSync(join(folder, '.cache', cacheTag))

function readBounded(path: string): Uint8Array {
  if (statSync(path).size > limits.fileBytes) throw new BadFile(`larger than ${limits.fileBytes} bytes`)
  return readFileSync(path)
}

function listArchive(path: string): FileEntry[] {
  try {
    const data = readFileSync(path)
    const entries = /\.zip$/i.test(path) ? readZip(data) : readTar(isGzip(data) ? gunzip(data, limits.archiveBytes) : data)
    const safe = entries
      .map(({ path: name, data: bytes }) => ({ path: name.replace(/^(\.\/)+/, ''), read: () => bytes }))
      .filter(({ path: name }) => !isHidden(name))
    return withoutTop(safe).sort((a, b) => (a.path < b.path ? -1 : 1))
  } catch (cause) {
    if (cause instanceof BadFile) throw asUsageError(basename(path), cause)
    throw cause
  }
}

/** Names that climb out, absolute names and hidden files never belong to a data set. */
const isHidden = (name: string): boolean =>
  name.startsWith('/') ||
  /^[A-Za-z]:/.test(name) ||
  name.split(/[/\\]/).some((part) => part.startsWith('.') || part === '__MACOSX')

/** Archives usually hold one folder with everything in it; paths count from inside it, as if the folder had been named. */
function withoutTop(files: FileEntry[]): FileEntry[] {
  const top = files[0]?.path.split('/')[0]
  const nested = files.length > 0 && files.every(({ path }) => path.startsWith(`${top}/`))
  return nested ? files.map((f) => ({ ...f, path: f.path.slice(top!.length + 1) })) : files
}
