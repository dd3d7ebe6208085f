import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Dataset } from '../../data/dataset.ts'
import { outputsOf } from '../../task/lookup.ts'
import { usageError } from '../../util/errors.ts'
import { sha256 } from '../../util/hash.ts'
import { readNpyLogits } from './npy.ts'
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
    const logits = readNpyLogits(path, train.length, outputs)
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
