import type { Shape } from '../graph/graph.ts'
import type { Dataset } from './dataset.ts'

/** What a list that came with the data says about an example; `none` = the list leaves the split to us. */
export const givenNames = ['none', 'train', 'val', 'test'] as const
export type GivenName = (typeof givenNames)[number]

/**
 * All examples of a data set, decoded, before they are split and normalised: what every reader and generator returns.
 * Arrays indexed by example have one entry per example.
 */
export type Decoded = Pick<Dataset, 'name' | 'kind' | 'task' | 'shape' | 'classes' | 'samples' | 'labels' | 'frontEnd'> & {
  /** Speaker, subject, machine, ...: examples of one group never stand in two splits. Absent = no groups; ids count from 0. */
  readonly groups?: Int32Array
  /** Index into `givenNames`: the split that the data's own list states. */
  readonly given?: Uint8Array
  /** Windows cut from longer recordings: which recording, and the first and one past the last row in it. */
  readonly windows?: { readonly recording: Int32Array; readonly start: Int32Array; readonly length: number }
  /** Length of the recording of each example, before it was cut or padded. */
  readonly seconds?: Float32Array
  /** First channels of three-axis sensors. */
  readonly triads?: readonly number[]
  /** Background noise as log-mel frames `[frames, mels]`, mixed into training examples. */
  readonly background?: Float32Array
  /** The file an example came from, for messages; absent for generated data. */
  readonly sources?: readonly string[]
  readonly unreadable: readonly Unreadable[]
  /** Remarks for the person: classes left out, duplicates removed. */
  readonly notes: readonly string[]
}

export type Unreadable = { readonly file: string; readonly reason: string }

/** Arrays that worker threads share instead of copying. */
export const sharedFloats = (length: number): Float32Array => new Float32Array(new SharedArrayBuffer(length * 4))
export const sharedBytes = (length: number): Uint8Array => new Uint8Array(new SharedArrayBuffer(length))
export const sharedInts = (length: number): Int32Array => new Int32Array(new SharedArrayBuffer(length * 4))
export const exampleSize = (shape: Shape): number => shape[0] * shape[1] * shape[2]
