import { countOf, labelsAt } from '../task/labels.ts'
import { taskOf } from '../task/lookup.ts'
import type { TaskName } from '../task/tasks.ts'
import { usageError } from '../util/errors.ts'
import type { Catalogue, Item } from './catalogue.ts'
import { type Decoded, givenNames, type Unreadable } from './decoded.ts'
import { BadFile } from './read/limits.ts'

/** Share of broken files up to which a data set is still taken. */
const tolerated = 0.2

/**
 * Decodes file after file. A broken one is listed and passed over; above 20 % the data set is refused, with the first reason.
 * `decode` throws BadFile for a broken file.
 */
export async function decodeAll(
  found: Catalogue,
  root: string,
  decode: (item: Item, index: number) => void | Promise<void>,
): Promise<Unreadable[]> {
  const unreadable: Unreadable[] = [...found.unreadable]
  for (const [index, item] of found.items.entries()) {
    try {
      await decode(item, index)
    } catch (cause) {
      if (!(cause instanceof BadFile || (cause as NodeJS.ErrnoException).syscall)) throw cause
      unreadable.push({ file: item.file.path, reason: (cause as Error).message })
    }
  }
  const total = found.items.length + found.unreadable.length
  if (unreadable.length > tolerated * total)
    throw usageError(
      `${root}: ${unreadable.length} of ${total} files cannot be read; the first is ${unreadable[0]!.file}: ${unreadable[0]!.reason}`,
      'mend or remove them: up to a fifth would be passed over',
    )
  return unreadable
}

/** The labels of all examples from their texts, one text for each column that states them, as the task reads them. */
export function readLabels(texts: readonly (readonly string[])[], task: TaskName): Pick<Decoded, 'task' | 'classes' | 'labels'> {
  const columns = texts.find((row) => row.length !== texts[0]!.length)?.length ?? texts[0]?.length ?? 1
  if (taskOf(task).labelWidth(columns) === undefined || columns !== texts[0]?.length)
    throw usageError(
      `labels in ${columns} ${columns === 1 ? 'column' : 'columns'}, which does not suit ${task}`,
      'name other label columns in the manifest, or another "task"',
    )
  return { task, ...taskOf(task).readLabels(texts) }
}

/** Group ids from names; undefined when no example has a name. An example without a name is a group of its own. */
export function groupIds(names: readonly (string | undefined)[]): Int32Array | undefined {
  if (names.every((n) => n === undefined)) return undefined
  const ids = new Map<string, number>()
  let next = 0
  return Int32Array.from(names, (name) => {
    if (name === undefined) return next++
    if (!ids.has(name)) ids.set(name, next++)
    return ids.get(name)!
  })
}

/** The examples at `keep`, in that order. */
export function pick(data: Decoded, keep: readonly number[], note?: string): Decoded {
  if (keep.length === countOf(data.labels)) return data
  const size = data.shape[0] * data.shape[1] * data.shape[2]
  const bytes = data.samples.BYTES_PER_ELEMENT
  const buffer = new SharedArrayBuffer(keep.length * size * bytes)
  const samples = data.samples instanceof Uint8Array ? new Uint8Array(buffer) : new Float32Array(buffer)
  keep.forEach((i, k) => {
    samples.set(data.samples.subarray(i * size, (i + 1) * size), k * size)
  })
  const ints = (a: Int32Array) => Int32Array.from(keep, (i) => a[i]!)
  return {
    ...data,
    samples,
    labels: labelsAt(data.labels, keep),
    ...(data.groups ? { groups: ints(data.groups) } : {}),
    ...(data.given ? { given: Uint8Array.from(keep, (i) => data.given![i]!) } : {}),
    ...(data.seconds ? { seconds: Float32Array.from(keep, (i) => data.seconds![i]!) } : {}),
    ...(data.windows
      ? { windows: { recording: ints(data.windows.recording), start: ints(data.windows.start), length: data.windows.length } }
      : {}),
    ...(data.sources ? { sources: keep.map((i) => data.sources![i]!) } : {}),
    notes: note ? [...data.notes, note] : data.notes,
  }
}

/** `given` for examples that state a split; undefined when none does. */
export function givenOf(splits: readonly (typeof givenNames)[number][]): Uint8Array | undefined {
  return splits.every((s) => s === 'none') ? undefined : Uint8Array.from(splits, (s) => givenNames.indexOf(s))
}
