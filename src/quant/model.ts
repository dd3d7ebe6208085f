import type { Graph } from '../graph/graph.ts'

/** real = (q - zeroPoint) * scale; `scale` is a float32 value held in a double. */
export type QuantParams = { readonly scale: number; readonly zeroPoint: number }

/**
 * Integer parameters of one operator. `weights` has the layout of `graph/weights.ts`; `weightScales` has one entry per output channel
 * (per-channel, symmetric, values in [-127, 127]) or a single one (per-tensor); `bias` is in units of input scale x weight scale.
 */
export type LayerParams = { readonly weights: Int8Array; readonly weightScales: Float32Array; readonly bias: Int32Array }

/** An int8 network: what the evaluator runs, the writer writes and the reader reads. `tensors[t]` belongs to graph tensor t. */
export type QuantizedModel = {
  readonly graph: Graph
  readonly tensors: readonly QuantParams[]
  /** by operator index; undefined for operators without parameters */
  readonly layers: readonly (LayerParams | undefined)[]
}

/** `tflm`: TFLite-Micro and CMSIS-NN (two roundings). `xnnpack`: LiteRT (one, in float32). See docs/int8.md. */
export type RoundingMode = 'tflm' | 'xnnpack'
