import type { Shape } from '../graph/graph.ts'
import type { Labels } from '../task/labels.ts'
import type { TaskName } from '../task/tasks.ts'

export const splitNames = ['train', 'calibration', 'searchValidation', 'selectionValidation', 'test'] as const
export type SplitName = (typeof splitNames)[number]

/**
 * Everything a worker needs, with all samples decoded. `samples` lies in a SharedArrayBuffer, so workers share one copy.
 * The network sees `(raw - offset[c]) * scale[c]` per channel c.
 */
export type Dataset = {
  readonly name: string
  readonly kind: 'image' | 'audio' | 'series'
  readonly task: TaskName
  readonly shape: Shape
  /** Empty where the task knows no classes. */
  readonly classes: readonly string[]
  /** `count * h * w * c` values, example after example, H W C order. */
  readonly samples: Uint8Array | Float32Array
  readonly labels: Labels
  readonly normalisation: { readonly offset: readonly number[]; readonly scale: readonly number[] }
  readonly splits: Readonly<Record<SplitName, Int32Array>>
  /** Hash over bytes, preprocessing version and splits. */
  readonly fingerprint: string
  /** How firmware makes the same input from raw data (log-mel parameters, window, resize); travels with exports. */
  readonly frontEnd: Readonly<Record<string, unknown>>
  /** How training varies examples; absent = the usual way of this kind (`augment.ts`). */
  readonly augmentation?: Augmentation
  /** First channels of three-axis sensors (x, y, z side by side), which augmentation may turn. */
  readonly triads?: readonly number[]
  /** Background noise as log-mel frames `[frames, mels]`, mixed into training examples. */
  readonly background?: Float32Array
}

/** Strengths of random variation, applied to normalised values (mean 0, deviation 1); 0 = off. */
export type Augmentation = {
  /** Mirror left and right in half of the cases (images). */
  readonly flip: boolean
  /** Largest shift as a share of the height (time) and, for images, of the width. */
  readonly shift: number
  /** Values times 1 +- gain. */
  readonly gain: number
  /** Values plus +- offset (brightness; level of a log-mel picture). */
  readonly offset: number
  /** Deviation of independent noise on every value. */
  readonly noise: number
  /** Largest turn of three-axis sensors about a random axis, in radians; all triads of an example turn together (Um et al. 2017). */
  readonly rotate: number
  /** Largest share of another example blended in, 0 .. 0.5 for equal parts (mixup, Zhang et al. 2018); drawn evenly below it. */
  readonly mixup: number
  /** Longest stripe set to the mean in time and in frequency, as a share of the side (SpecAugment, Park et al. 2019). */
  readonly mask: number
}
