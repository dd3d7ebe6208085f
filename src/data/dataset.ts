import type { Shape } from '../graph/graph.ts'

export const splitNames = ['train', 'calibration', 'searchValidation', 'selectionValidation', 'test'] as const
export type SplitName = (typeof splitNames)[number]

/**
 * Everything a worker needs, with all samples decoded. `samples` lies in a SharedArrayBuffer, so workers share one copy.
 * The network sees `(raw - offset[c]) * scale[c]` per channel c.
 */
export type Dataset = {
  readonly name: string
  readonly kind: 'image' | 'audio' | 'series'
  readonly task: 'classification' | 'regression'
  readonly shape: Shape
  /** Empty for regression. */
  readonly classes: readonly string[]
  /** `count * h * w * c` values, example after example, H W C order. */
  readonly samples: Uint8Array | Float32Array
  /** Class index, or the target value for regression. */
  readonly labels: Int32Array | Float32Array
  readonly normalisation: { readonly offset: readonly number[]; readonly scale: readonly number[] }
  readonly splits: Readonly<Record<SplitName, Int32Array>>
  /** Hash over bytes, preprocessing version and splits. */
  readonly fingerprint: string
  /** How firmware makes the same input from raw data (log-mel parameters, window, resize); travels with exports. */
  readonly frontEnd: Readonly<Record<string, unknown>>
}
