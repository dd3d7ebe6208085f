import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Dataset } from '../../data/dataset.ts'
import { BadFile } from '../../data/read/limits.ts'
import { readNpy } from '../../data/read/npy.ts'
import { outputsOf } from '../../task/lookup.ts'
import { usageError } from '../../util/errors.ts'
import { sha256 } from '../../util/hash.ts'
import type { StudyStore } from './study-store.ts'

/** Logits of a teacher that the person gave (`--teacher PATH`), and its identity. */
export type GivenTeacher = { readonly hash: string; readonly logits: () => Promise<Float32Array> }

/** A .npy file has rows for the train split; a model is asked for those of search-validation as well, once, and its answers are cached. */
export function givenTeacher(
  path: string,
  dataset: Dataset,
  store?: Pick<StudyStore, 'cachedTeacher' | 'cacheTeacher'>,
): GivenTeacher {
  const { train, searchValidation } = dataset.splits
  const outputs = outputsOf(dataset)
  if (/\.npy$/i.test(path)) {
    const logits = logitsIn(path, train.length, outputs)
    return { hash: sha256(new Uint8Array(logits.buffer)), logits: async () => logits }
  }
  const hash = hashOf(path)
  return {
    hash,
    async logits() {
      const key = sha256(`${hash} ${dataset.fingerprint}`)
      const cached = store?.cachedTeacher(key, (train.length + searchValidation.length) * outputs)
      if (cached) return cached.logits
      const { teacherLogits } = await import('../../train/tensorflow/teacher-model.ts')
      const logits = await teacherLogits(path, dataset, Int32Array.from([...train, ...searchValidation]))
      store?.cacheTeacher(key, logits, 0)
      return logits
    },
  }
}

/** Over every file of a model: a folder's, or those beside its `model.json`. */
function hashOf(path: string): string {
  try {
    const folder = statSync(path).isDirectory() ? path : dirname(path)
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((f) => f.isFile())
      .map((f) => join(f.parentPath, f.name))
      .sort()
    return sha256(files.map((f) => `${f.slice(folder.length)} ${sha256(readFileSync(f))}`).join('\n'))
  } catch (cause) {
    throw usageError(
      `${path}: no such teacher`,
      'pass --teacher none, auto, a SavedModel folder, the model.json of TensorFlow.js, or logits in .npy',
      cause,
    )
  }
}

/** Teacher logits of any framework: `[train examples, classes]`, in the order of the train split (`data inspect --json` lists it). */
function logitsIn(file: string, rows: number, classes: number): Float32Array {
  const remedy = `save the logits with numpy.save as float32 of shape (${rows}, ${classes})`
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (cause) {
    throw usageError(`${file}: cannot be read`, 'pass --teacher none, --teacher auto, or the path of logits in .npy', cause)
  }
  try {
    const array = readNpy(bytes)
    if (array.rows !== rows || array.columns !== classes)
      throw usageError(`${file}: has shape (${array.rows}, ${array.columns})`, remedy)
    return Float32Array.from({ length: rows * classes }, (_, i) => array.at(Math.floor(i / classes), i % classes))
  } catch (cause) {
    if (cause instanceof BadFile) throw usageError(`${file}: ${cause.message}`, remedy, cause)
    throw cause
  }
}
