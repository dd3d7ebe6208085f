import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Weights } from '../../graph/weights.ts'
import type { Trial } from '../../search/trial.ts'
import type { Line } from '../../store/journal-lines.ts'
import { notesOf, type StudyFile } from '../../store/study-file.ts'
import { openWeights } from '../../store/weights.ts'
import { writeStored } from '../../store/write-stored.ts'
import { type OpenHeader, readHeader } from './header.ts'
import type { PolishLine, TestLine, VerifyLine } from './notes.ts'

/** A study on disk as the run floor sees it: typed lines, weights by address, exported models, the cache of teachers. */
export type StudyStore = {
  readonly study: StudyFile
  readonly folder: string
  readonly header: OpenHeader
  /** How long earlier runs took, all together, as the last line says. */
  readonly secondsBefore: number
  trials(): readonly Trial[]
  /** The last polish of each trial; of rounds before `round`, if it is given. */
  polishes(round?: number): readonly PolishLine[]
  tests(): readonly TestLine[]
  verifies(): readonly VerifyLine[]
  /** The search ended by itself after the last trial. */
  searchEnded(): boolean
  appendTrial(trial: Trial, seconds: number): Promise<void>
  appendStop(reason: string, seconds: number): Promise<void>
  appendNote(type: 'polish' | 'test' | 'verify', note: PolishLine | TestLine | VerifyLine, seconds: number): Promise<void>
  /** Keeps a safetensors file; returns its address. */
  putWeights(bytes: Uint8Array): Promise<string>
  getWeights(address: string): Weights
  /** The stored file, for a job that names it. */
  weightsFile(address: string): Uint8Array
  /** False for weights that the cap has cleared away. */
  hasWeights(address: string): boolean
  /** Deletes the oldest weights above the cap, never these. */
  collectWeights(keep: ReadonlySet<string>): void
  writeModel(n: number, tflite: Uint8Array): void
  readModel(n: number): Uint8Array
  modelPath(n: number): string
  cachedTeacher(key: string, length: number): { logits: Float32Array; score: number } | undefined
  /** Keeps what a teacher says, and forgets its checkpoint. */
  cacheTeacher(key: string, logits: Float32Array, score: number): void
  /** The checkpoint (a safetensors file) of a teacher whose training was interrupted. */
  teacherCheckpoint(key: string): Uint8Array | undefined
  keepTeacherCheckpoint(key: string, checkpoint: Uint8Array): void
}

/** Weights of trials are small; this many bytes of them are kept before the oldest that no front needs go. */
const weightsCapBytes = 5e8

export function openStudyStore(study: StudyFile, resultsDir: string): StudyStore {
  const header = readHeader(study.header)
  const weights = openWeights(study.folder, { capBytes: weightsCapBytes })
  const notes = <T>(type: 'test' | 'verify') => [...notesOf(study, type).values()] as unknown as T[]
  const modelPath = (n: number) => join(study.folder, 'models', `trial-${n}.tflite`)
  /** Logits of all training examples, then the score. */
  const teacherPath = (key: string) => join(resultsDir, '.cache', 'teachers', `${key}.f32`)
  const checkpointPath = (key: string) => join(resultsDir, '.cache', 'teachers', `${key}.safetensors`)
  return {
    study,
    folder: study.folder,
    header,
    secondsBefore: study.lines.at(-1)?.seconds ?? 0,
    trials: () => study.trials,
    polishes(round = Number.POSITIVE_INFINITY) {
      // lines of the first journals know no rounds
      const earlier = (line: Line) => line.type === 'polish' && ((line.polish as PolishLine).round ?? 0) < round
      return notesOf<PolishLine>({ lines: study.lines.filter(earlier) }, 'polish')
    },
    tests: () => notes<TestLine>('test'),
    verifies: () => notes<VerifyLine>('verify'),
    searchEnded: () => study.lines.findLastIndex((l) => l.type === 'stop') > study.lines.findLastIndex((l) => l.type === 'trial'),
    appendTrial: (trial, seconds) => study.append({ type: 'trial', trial, seconds }),
    appendStop: (reason, seconds) => study.append({ type: 'stop', stop: { reason, trials: study.trials.length }, seconds }),
    appendNote: (type, note, seconds) => study.append({ type, [type]: note, seconds } as unknown as Line),
    putWeights: weights.put,
    weightsFile: weights.bytes,
    hasWeights: (address) => weights.has(address),
    getWeights: (address) => weights.get(address).tensors,
    collectWeights: (keep) => void weights.collect(keep),
    modelPath,
    writeModel: (n, tflite) => writeStored(modelPath(n), tflite),
    readModel: (n) => readFileSync(modelPath(n)),
    cachedTeacher(key, length) {
      if (!existsSync(teacherPath(key))) return undefined
      const bytes = readFileSync(teacherPath(key))
      if (bytes.length !== 4 * (length + 1)) return undefined
      const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
      return { logits: values.subarray(0, length), score: values[length]! }
    },
    cacheTeacher(key, logits, score) {
      const values = new Float32Array(logits.length + 1)
      values.set(logits)
      values[logits.length] = score
      writeStored(teacherPath(key), new Uint8Array(values.buffer))
      rmSync(checkpointPath(key), { force: true })
    },
    teacherCheckpoint: (key) => (existsSync(checkpointPath(key)) ? readFileSync(checkpointPath(key)) : undefined),
    keepTeacherCheckpoint: (key, checkpoint) => writeStored(checkpointPath(key), checkpoint),
  }
}
