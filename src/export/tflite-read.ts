import { buildGraph } from '../graph/build.ts'
import type { Graph, Op, OpKind, TensorId } from '../graph/graph.ts'
import { operators } from '../graph/operators.ts'
import type { LayerParams, QuantizedModel } from '../quant/model.ts'
import { checkModel } from '../quant/rules.ts'
import { TinyfrontError, usageError } from '../util/errors.ts'
import { rootTable, type Table } from './flatbuffer-read.ts'
import { type ExportMeta, parseMeta } from './meta.ts'
import { builtinName } from './tflite-builtins.ts'
import { asInt8, computesInFloat } from './tflite-float.ts'
import { type FileOperator, operatorReaders } from './tflite-read-ops.ts'
import { elementTypes, type FileTensor, paramsOf, readTensors, shapeOf } from './tflite-tensors.ts'
import { metadataName } from './tflite-write.ts'

export type ReadTflite = {
  readonly model: QuantizedModel
  /** what `writeTflite(model, meta)` put into the file */
  readonly meta?: ExportMeta
}

/**
 * Any int8 .tflite file over the graph's operators, one input and one output, from an untrusted source: never crashes, hangs or reads outside.
 * Float ends (QUANTIZE first, DEQUANTIZE last) are cut off. Throws a usage error that names the operator and its index where one is not
 * supported; `name` stands for the file in messages.
 */
export function readTflite(file: Uint8Array, name = 'model'): ReadTflite {
  return open(file, name, (root) => {
    const { model } = readModel(root, name, 'int8')
    checkModel(model)
    const meta = readMeta(root)
    return meta ? { model, meta } : { model }
  })
}

/** The layers of a file without their values, and the type of its activations. */
export type TfliteLayers = { readonly graph: Graph; readonly dtype: 'int8' | 'float32' }

/**
 * The layers of an int8 file, or of one that computes in float (its weights in float32, float16 or int8), as they would be once quantised to int8.
 * Throws as `readTflite` does.
 */
export const readTfliteLayers = (file: Uint8Array, name = 'model'): TfliteLayers =>
  open(file, name, (root) => {
    const { model, dtype } = readModel(root, name, 'any')
    return { graph: model.graph, dtype }
  })

function open<T>(file: Uint8Array, name: string, read: (root: Table) => T): T {
  if (file.length < 8 || String.fromCharCode(...file.subarray(4, 8)) !== 'TFL3')
    throw usageError(`${name}: not a .tflite file`, 'give the path of a TensorFlow Lite model')
  try {
    // a Buffer's slice() shares memory, a Uint8Array's copies
    return read(rootTable(new Uint8Array(file.buffer, file.byteOffset, file.byteLength)))
  } catch (cause) {
    if (cause instanceof TinyfrontError || !(cause instanceof RangeError)) throw cause
    throw usageError(
      `${name}: not a usable .tflite file: ${cause.message}`,
      'export the model again, fully quantised to int8',
      cause,
    )
  }
}

const kindOfCode = new Map<number, OpKind>(
  (Object.keys(operators) as OpKind[]).map((kind) => [operators[kind].tflite.code, kind]),
)
  .set(43, 'reshape') // SQUEEZE
  .set(70, 'reshape') // EXPAND_DIMS

const quantizeCode = operators.quantize.tflite.code
const dequantizeCode = 6

/** The only subgraph: its operators with their codes, its tensors, its one input and its one output. */
type Contents = {
  readonly operators: readonly { readonly table: Table; readonly code: number }[]
  readonly tensors: readonly FileTensor[]
  readonly input: number
  readonly output: number
  /** It computes in float, and its tensors are read as if they were quantised. */
  readonly isFloat: boolean
}

/** What the file holds, its quantisation not checked; `accepts` says whether floats are read as if they were quantised. */
function readModel(root: Table, name: string, accepts: 'int8' | 'any'): { model: QuantizedModel; dtype: TfliteLayers['dtype'] } {
  const contents = readContents(root, accepts)
  const { ops, layers, sources, tensor, ids } = readOperators(contents, name)
  if (ops.length === 0) throw new RangeError('it has no operator')
  if (ids.get(contents.output) !== ops.length) throw new RangeError('its output is not the result of its last operator')
  const graph = buildGraph(shapeOf(tensor(sources[0]!)), ops)
  sources.forEach((t, id) => {
    const shape = shapeOf(tensor(t))
    if (shape.some((n, i) => n !== graph.shapes[id]![i]))
      throw new RangeError(`tensor ${t} is declared ${shape.join('x')} but computed ${graph.shapes[id]!.join('x')}`)
  })
  const tensors = sources.map((t) => paramsOf(tensor(t)))
  return { model: { graph, tensors, layers }, dtype: contents.isFloat ? 'float32' : 'int8' }
}

function readContents(root: Table, accepts: 'int8' | 'any'): Contents {
  const subgraphs = root.tables(2)
  if (subgraphs.length !== 1) throw new RangeError(`${subgraphs.length} subgraphs`)
  const subgraph = subgraphs[0]!
  const codes = root.tables(1).map((code) => Math.max(code.i8(0, 0), code.i32(3, 0)))
  const operatorTables = subgraph.tables(3)
  const codeOf = (operator: Table): number | undefined => codes[operator.i32(0, 0)]
  const declared = readTensors(root, subgraph)
  const changesType = (operator: Table): boolean => [quantizeCode, dequantizeCode].includes(codeOf(operator) ?? -1)
  const isFloat = accepts === 'any' && computesInFloat(operatorTables, changesType, declared)
  const [input, ...moreInputs] = subgraph.int32s(1)
  const [output, ...moreOutputs] = subgraph.int32s(2)
  if (input === undefined || output === undefined || moreInputs.length + moreOutputs.length > 0)
    throw new RangeError('it must have one input and one output')
  const operators = operatorTables.map((table, index) => {
    const code = codeOf(table)
    if (code === undefined) throw new RangeError(`operator ${index} has no code`)
    return { table, code }
  })
  return { operators, tensors: isFloat ? declared.map(asInt8) : declared, input, output, isFloat }
}

/** The operators of the graph. `sources`: the file's tensor of each graph tensor; `ids`: the graph tensor of each file tensor that has a value. */
function readOperators({ operators, tensors, input, output, isFloat }: Contents, name: string) {
  /** Constants behind a change of type (weights in float16), by its result. */
  const constants = new Map<number, FileTensor>()
  const ids = new Map<number, TensorId>([[input, 0]])
  const sources = [input]
  const ops: Op[] = []
  const layers: (LayerParams | undefined)[] = []
  const tensor = (t: number): FileTensor => {
    const found = constants.get(t) ?? tensors[t]
    if (found === undefined) throw new RangeError(`tensor ${t} of ${tensors.length}`)
    return found
  }
  /** Whether an operator only changes the type, at an end of the network or of a constant. */
  function isChangeOfType(code: number, first: number, result: number): boolean {
    const from = ids.get(first)
    if (isFloat && code === dequantizeCode && tensor(first).data !== undefined) constants.set(result, tensor(first))
    else if (code === quantizeCode && from === 0 && ops.length === 0 && tensor(input).type === elementTypes.float32) {
      ids.set(result, 0)
      sources[0] = result
    } else if (code === dequantizeCode && from !== undefined && result === output) ids.set(result, from)
    else return false
    return true
  }
  operators.forEach(({ table, code }, index) => {
    try {
      const inputs = Array.from(table.int32s(1))
      const [result, ...more] = table.int32s(2)
      if (result === undefined || more.length > 0) throw new RangeError('it must have one output')
      if (isChangeOfType(code, inputs[0]!, result)) return
      const kind = kindOfCode.get(code)
      if (!kind) throw new RangeError('there is no such operator here')
      const at: FileOperator = {
        options: table.table(4),
        inputs: inputs.map((t) => (t < 0 ? undefined : tensor(t))),
        ids: inputs.map((t) => ids.get(t)),
        output: tensor(result),
      }
      if (at.inputs[0] === undefined) throw new RangeError('it has no input')
      const read = operatorReaders[kind](at)
      ops.push(read.op)
      layers.push(read.layer)
      ids.set(result, ops.length)
      sources.push(result)
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause
      throw unsupported(name, index, code, cause)
    }
  })
  return { ops, layers, sources, ids, tensor }
}

const unsupported = (name: string, index: number, code: number, cause: RangeError): TinyfrontError =>
  usageError(
    `${name}: operator ${index} (${builtinName(code)}) is not supported: ${cause.message}`,
    `use a model of ${[...new Set(Object.values(operators).map((row) => row.tflite.name))].join(', ')}`,
    cause,
  )

function readMeta(root: Table): ExportMeta | undefined {
  const entry = root.tables(6).find((e) => e.text(0) === metadataName)
  const json = entry && root.tables(4)[entry.i32(1, 0)]?.bytes(0)
  return json && parseMeta(json)
}
