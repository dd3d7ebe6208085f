/** Height, width, channels of one example. Sensor windows and audio have time on H (`[T, 1, C]` or `[T, mel, 1]`). */
export type Shape = readonly [h: number, w: number, c: number]
export type Activation = 'none' | 'relu' | 'relu6'
/** Layers with weights also have hardSigmoid(v) = min(max(v / 6 + 1 / 2, 0), 1): there it costs nothing (`scaleAndShift`). */
export type LayerActivation = Activation | 'hardSigmoid'
export type Padding = 'same' | 'valid'
/** Weights of a layer in 4 bits, two a byte; without it they have 8. Activations have 8 bits either way. */
type Bits = { readonly weightBits?: 4 }
/** Index of a tensor: 0 is the input, `i + 1` is the output of `ops[i]`. */
export type TensorId = number

type Window = {
  readonly kernel: readonly [h: number, w: number]
  readonly stride: readonly [h: number, w: number]
  readonly padding: Padding
}

/**
 * One operator. Convolutions carry batch norm while they train; it is folded before quantisation, so priced and exported networks have bias only.
 * `inputs` are tensor ids smaller than the operator's own output id: the list is its own topological order.
 */
export type Op =
  | ({
      readonly kind: 'conv2d'
      readonly inputs: readonly [TensorId]
      readonly channels: number
      readonly activation: LayerActivation
    } & Window &
      Bits)
  | ({
      readonly kind: 'depthwise'
      readonly inputs: readonly [TensorId]
      readonly multiplier: number
      readonly activation: LayerActivation
    } & Window &
      Bits)
  | ({
      readonly kind: 'dense'
      readonly inputs: readonly [TensorId]
      readonly units: number
      readonly activation: LayerActivation
    } & Bits)
  | { readonly kind: 'add'; readonly inputs: readonly [TensorId, TensorId]; readonly activation: Activation }
  /** the second input is as large as the first, or one pixel `[1, 1, c]` that multiplies every pixel (squeeze and excite) */
  | { readonly kind: 'mul'; readonly inputs: readonly [TensorId, TensorId]; readonly activation: Activation }
  | ({ readonly kind: 'averagePool'; readonly inputs: readonly [TensorId]; readonly activation: Activation } & Window)
  | ({ readonly kind: 'maxPool'; readonly inputs: readonly [TensorId]; readonly activation: Activation } & Window)
  /** mean over H and W: [h, w, c] -> [1, 1, c] */
  | { readonly kind: 'mean'; readonly inputs: readonly [TensorId] }
  | { readonly kind: 'softmax'; readonly inputs: readonly [TensorId] }
  | { readonly kind: 'reshape'; readonly inputs: readonly [TensorId]; readonly shape: Shape }
  /** zeros (zero points once quantised) around H and W */
  | {
      readonly kind: 'pad'
      readonly inputs: readonly [TensorId]
      readonly before: readonly [h: number, w: number]
      readonly after: readonly [h: number, w: number]
    }
  /** along channels */
  | { readonly kind: 'concat'; readonly inputs: readonly TensorId[] }
  /** int8 to int8 with another scale (found in imported models only) */
  | { readonly kind: 'quantize'; readonly inputs: readonly [TensorId] }
  /** v min(max(v + 3, 0), 6) / 6 (MobileNetV3, Howard et al. 2019) */
  | { readonly kind: 'hardSwish'; readonly inputs: readonly [TensorId] }

export type OpKind = Op['kind']
export type OpOf<K extends OpKind> = Extract<Op, { kind: K }>

/** A network without weights: a plain immutable value. `shapes[t]` is the shape of tensor t; the last tensor is the output. */
export type Graph = { readonly ops: readonly Op[]; readonly shapes: readonly Shape[] }

export const inputShape = (graph: Graph): Shape => graph.shapes[0]!
export const outputShape = (graph: Graph): Shape => graph.shapes[graph.shapes.length - 1]!
export const elements = (shape: Shape): number => shape[0] * shape[1] * shape[2]
export const outputOf = (opIndex: number): TensorId => opIndex + 1

/** What a layer's activation function does to its values before they are clamped: they are multiplied by `gain`, then `shift` is added. */
export const scaleAndShift = (activation: LayerActivation): { readonly gain: number; readonly shift: number } =>
  activation === 'hardSigmoid' ? { gain: 1 / 6, shift: 0.5 } : { gain: 1, shift: 0 }
/** TensorFlow's output size: SAME = ceil(n / s), VALID = ceil((n - k + 1) / s). */
export const windowOutput = (n: number, k: number, s: number, padding: Padding): number =>
  padding === 'same' ? Math.ceil(n / s) : Math.ceil((n - k + 1) / s)
/** Rows of padding before the first (TensorFlow puts the odd one after). */
export const padBefore = (n: number, k: number, s: number, out: number, padding: Padding): number =>
  padding === 'same' ? Math.max(0, (out - 1) * s + k - n) >> 1 : 0
