import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { buildGraph } from '../../src/graph/build.ts'
import type { Graph, Op, Padding } from '../../src/graph/graph.ts'
import { packageRoot } from '../../src/util/package-root.ts'

/** The measurements live beside the project (`../shared/data`), never in it: several of their sources carry no licence. */
export const dataFolder: string = join(packageRoot, '../shared/data')
export const haveData: boolean = existsSync(join(dataFolder, 'latency/measurements.csv'))

export type Csv = Readonly<Record<string, string>>
export const readCsv = (path: string): Csv[] => parse(readFileSync(join(dataFolder, path), 'utf8'), { columns: true }) as Csv[]

/** A graph of one operator, as the sweeps and operator timings describe them. */
export function oneOp(row: {
  kind: 'conv2d' | 'depthwise' | 'dense' | 'add' | 'averagePool' | 'maxPool' | 'mean' | 'softmax'
  input: readonly [number, number, number]
  output: readonly [number, number, number]
  kernel: readonly [number, number]
  stride: readonly [number, number]
  padding: Padding
}): Graph {
  const { kind, kernel, stride, padding } = row
  const window = { inputs: [0] as const, kernel, stride, padding, activation: 'none' as const }
  const multiplier = Math.max(1, Math.round(row.output[2] / row.input[2]))
  const ops: Record<typeof kind, Op> = {
    conv2d: { kind: 'conv2d', channels: row.output[2], ...window },
    depthwise: { kind: 'depthwise', multiplier, ...window },
    dense: { kind: 'dense', inputs: [0], units: row.output[2], activation: 'none' },
    add: { kind: 'add', inputs: [0, 0], activation: 'none' },
    averagePool: { kind: 'averagePool', ...window },
    maxPool: { kind: 'maxPool', ...window },
    mean: { kind: 'mean', inputs: [0] },
    softmax: { kind: 'softmax', inputs: [0] },
  }
  // shapes are taken from the table: some describe only the output
  return { ops: [ops[kind]], shapes: [row.input, row.output] }
}

type Layer = {
  readonly op: string
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
  readonly input_shapes: readonly (readonly number[])[]
  readonly output_shapes: readonly (readonly number[])[]
  readonly kernel?: readonly [number, number]
  readonly stride?: readonly [number, number]
  readonly padding?: string
  readonly activation?: string
  readonly depth_multiplier?: number
  readonly weight_bytes?: number
}
export type Structure = {
  readonly name: string
  readonly extraction: string
  readonly layers: readonly Layer[]
  readonly inputs: readonly { id: number; shape: readonly number[] }[]
  readonly tensors?: readonly { id: number; const: boolean }[]
  readonly total_macs: number
  readonly peak_live_bytes: number
}

export const readStructure = (name: string): Structure =>
  JSON.parse(readFileSync(join(dataFolder, 'latency/layers', `${name}.json`), 'utf8'))

const hwc = (s: readonly number[]): [number, number, number] =>
  s.length === 4 ? [s[1]!, s[2]!, s[3]!] : s.length === 3 ? [s[1]!, 1, s[2]!] : [1, 1, s[s.length - 1]!]

/**
 * The graph of a measured network, or undefined where it holds what a graph cannot express. Shape arithmetic (SHAPE, STRIDED_SLICE, PACK)
 * vanishes; element-wise operators we do not have count as a requantisation of the same size.
 */
export function structureGraph(structure: Structure): Graph | undefined {
  const ids = new Map<number, number>([[structure.inputs[0]!.id, 0]])
  const ops: Op[] = []
  for (const layer of structure.layers) {
    if (['SHAPE', 'STRIDED_SLICE', 'PACK'].includes(layer.op)) continue
    const op = toOp(
      layer,
      layer.inputs.map((t) => ids.get(t)).filter((t) => t !== undefined),
    )
    if (!op) return undefined
    ops.push(op)
    ids.set(layer.outputs[0]!, ops.length)
  }
  try {
    return buildGraph(hwc(structure.inputs[0]!.shape), ops)
  } catch {
    return undefined
  }
}

const size = (s: readonly number[]): number => s.reduce((a, b) => a * b, 1)
const sameShape = (l: Layer): boolean => size(l.input_shapes[0]!) === size(l.input_shapes[1]!)
const widest = (l: Layer, inputs: readonly number[]): [number, number] =>
  size(l.input_shapes[0]!) > size(l.input_shapes[1]!) ? [inputs[0]!, inputs[0]!] : [inputs[1]!, inputs[1]!]

function toOp(layer: Layer, found: number[]): Op | undefined {
  const inputs = found.length > 0 ? found : [-1]
  const one = [inputs[0]!] as const
  const output = hwc(layer.output_shapes[0]!)
  const name = (layer.activation ?? 'NONE').toLowerCase()
  const activation = name === 'relu' || name === 'relu6' ? name : 'none'
  const window = {
    inputs: one,
    kernel: layer.kernel ?? ([1, 1] as const),
    stride: layer.stride ?? ([1, 1] as const),
    padding: (layer.padding ?? 'VALID').toLowerCase() as Padding,
    activation,
  } as const
  switch (layer.op) {
    case 'CONV_2D':
      return { kind: 'conv2d', channels: output[2], ...window }
    case 'DEPTHWISE_CONV_2D':
      return { kind: 'depthwise', multiplier: layer.depth_multiplier ?? 1, ...window }
    case 'FULLY_CONNECTED':
      return { kind: 'dense', inputs: one, units: output[2], activation }
    case 'AVERAGE_POOL_2D':
      return { kind: 'averagePool', ...window }
    case 'MAX_POOL_2D':
      return { kind: 'maxPool', ...window }
    case 'MEAN':
    case 'REDUCE_MAX':
      return { kind: 'mean', inputs: one }
    case 'SOFTMAX':
      return { kind: 'softmax', inputs: one }
    case 'RESHAPE':
    case 'TRANSPOSE':
      return { kind: 'reshape', inputs: one, shape: output }
    case 'ADD':
    case 'MUL':
      // a factor that is broadcast (squeeze and excite) counts as a product of two maps
      return inputs.length === 2
        ? {
            kind: layer.op === 'ADD' ? 'add' : 'mul',
            inputs: sameShape(layer) ? [inputs[0]!, inputs[1]!] : widest(layer, inputs),
            activation,
          }
        : { kind: 'quantize', inputs: one }
    case 'CONCATENATION':
      return { kind: 'concat', inputs }
    case 'PAD': {
      const input = hwc(layer.input_shapes[0]!)
      const extra = [output[0] - input[0], output[1] - input[1]] as const
      const before = [extra[0] >> 1, extra[1] >> 1] as const
      return { kind: 'pad', inputs: one, before, after: [extra[0] - before[0], extra[1] - before[1]] }
    }
    case 'QUANTIZE':
    case 'DEQUANTIZE':
    case 'LOGISTIC':
    case 'MINIMUM':
    case 'MAXIMUM':
      return { kind: 'quantize', inputs: one }
    default:
      return undefined
  }
}
