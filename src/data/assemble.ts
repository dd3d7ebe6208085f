import { createHash } from 'node:crypto'
import type { Labels } from '../task/labels.ts'
import { taskOf } from '../task/lookup.ts'
import { canonicalJson } from '../util/hash.ts'
import type { Dataset } from './dataset.ts'
import { splitNames } from './dataset.ts'
import { type Decoded, exampleSize, sharedFloats, sharedInts } from './decoded.ts'
import { makeSplits, type Splits } from './split.ts'

/** Raised whenever decoding, the front end or the splits change what a network sees. */
export const preprocessingVersion = 2

/** Splits, normalises (from train alone) and fingerprints decoded examples. */
export function assemble(
  data: Decoded,
  seed: string,
  augmentation?: Dataset['augmentation'],
): { dataset: Dataset; notes: string[] } {
  const { splits: plain, notes } = makeSplits(data, seed)
  const splits = Object.fromEntries(splitNames.map((s) => [s, shareInts(plain[s])])) as unknown as Splits
  const dataset: Dataset = {
    name: data.name,
    kind: data.kind,
    task: data.task,
    shape: data.shape,
    classes: data.classes,
    samples: data.samples,
    labels: shareLabels(data.labels),
    normalisation: normalisationOf(data, splits.train),
    splits,
    fingerprint: fingerprintOf(data, splits, augmentation),
    frontEnd: data.frontEnd,
    ...(augmentation ? { augmentation } : {}),
    ...(data.triads?.length ? { triads: data.triads } : {}),
    ...(data.background ? { background: data.background } : {}),
  }
  return { dataset, notes: [...data.notes, ...notes] }
}

function shareInts(values: Int32Array): Int32Array {
  const shared = sharedInts(values.length)
  shared.set(values)
  return shared
}

function shareLabels({ values, width }: Labels): Labels {
  const shared = sharedFloats(values.length)
  shared.set(values)
  return { values: shared, width }
}

/** Mean and 1 / standard deviation per channel over the train split; a channel that never changes keeps its scale. */
function normalisationOf({ samples, shape }: Decoded, train: Int32Array): Dataset['normalisation'] {
  const channels = shape[2]
  const size = exampleSize(shape)
  const count = Math.max(1, (train.length * size) / channels)
  const offset: number[] = []
  const scale: number[] = []
  for (let c = 0; c < channels; c++) {
    let sum = 0
    for (const i of train) for (let at = i * size + c; at < (i + 1) * size; at += channels) sum += samples[at]!
    const mean = sum / count
    let squares = 0
    for (const i of train)
      for (let at = i * size + c; at < (i + 1) * size; at += channels) squares += (samples[at]! - mean) * (samples[at]! - mean)
    offset.push(mean)
    scale.push(squares / count > 1e-12 ? 1 / Math.sqrt(squares / count) : 1)
  }
  return { offset, scale }
}

/** Over everything a network can see: decoded values and how they are varied, labels, splits, front end, version. */
function fingerprintOf(data: Decoded, splits: Splits, augmentation: Dataset['augmentation']): string {
  const hash = createHash('sha256')
  hash.update(
    canonicalJson([preprocessingVersion, data.kind, data.task, data.shape, data.classes, data.frontEnd, augmentation ?? null]),
  )
  const bytes = (a: ArrayBufferView) => hash.update(new Uint8Array(a.buffer, a.byteOffset, a.byteLength))
  for (const part of [data.samples, hashed(data), ...splitNames.map((s) => splits[s])]) bytes(part)
  if (data.background) bytes(data.background)
  return hash.digest('hex').slice(0, 16)
}

/** Indices of classes were integers when the first studies were begun, and their fingerprints stay. */
const hashed = ({ task, labels }: Decoded): ArrayBufferView =>
  taskOf(task).classOf ? Int32Array.from(labels.values) : labels.values
