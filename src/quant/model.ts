import type { Graph } from '../graph/graph.ts'

/** real = (q - zeroPoint) * scale; `scale` is a float32 value held in a double. */
export type QuantParams = { readonly scale: number; readonly zeroPoint: number }

/**
 * One weight tensor in int8. `weights` has the layout of `graph/weights.ts`; `weightScales` has one entry per output channel (per-channel, symmetric,
 * values in [-127, 127]) or a single one (per-tensor). Weights of a layer in 4 bits are held unpacked, a byte each.
 */
export type QuantizedKernel = { readonly weights: Int8Array; readonly weightScales: Float32Array }

/**
 * Integer parameters of one operator: its weight tensors in the order of its row (`graph/operators.ts`), and the bias in units of input scale x
 * weight scale of the first, which multiplies the input.
 */
export type LayerParams = { readonly kernels: readonly [QuantizedKernel, ...QuantizedKernel[]]; readonly bias: Int32Array }

/** An int8 network: what the evaluator runs, the writer writes and the reader reads. `tensors[t]` belongs to graph tensor t. */
export type QuantizedModel = {
  readonly graph: Graph
  readonly tensors: readonly QuantParams[]
  /** by operator index; undefined for operators without parameters */
  readonly layers: readonly (LayerParams | undefined)[]
}

/** `tflm`: TFLite-Micro and CMSIS-NN (two roundings). `xnnpack`: LiteRT (one, in float32). See docs/int8.md. */
export type RoundingMode = 'tflm' | 'xnnpack'
