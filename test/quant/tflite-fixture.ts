import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildGraph } from '../../src/graph/build.ts'
import { elements, type Op, type Shape } from '../../src/graph/graph.ts'
import type { LayerParams, QuantizedModel, QuantParams } from '../../src/quant/model.ts'

/** A minimal .tflite reader for the golden networks: it knows only what they contain, and shares no code with `src/export`. */
export function readGolden(bytes: Uint8Array): QuantizedModel {
  const d = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const field = (table: number, slot: number) => {
    const vtable = table - d.getInt32(table, true)
    const at = 4 + slot * 2
    const offset = at < d.getUint16(vtable, true) ? d.getUint16(vtable + at, true) : 0
    return offset ? table + offset : 0
  }
  const follow = (at: number) => at + d.getUint32(at, true)
  const child = (table: number, slot: number) => follow(field(table, slot))
  const i8 = (table: number, slot: number) => (field(table, slot) ? d.getInt8(field(table, slot)) : 0)
  const i32 = (table: number, slot: number) => (field(table, slot) ? d.getInt32(field(table, slot), true) : 0)
  const vector = <T>(table: number, slot: number, size: number, get: (at: number) => T): T[] => {
    if (!field(table, slot)) return []
    const v = child(table, slot)
    return Array.from({ length: d.getUint32(v, true) }, (_, i) => get(v + 4 + i * size))
  }
  const tables = (table: number, slot: number) => vector(table, slot, 4, follow)
  const ints = (table: number, slot: number) => vector(table, slot, 4, (at) => d.getInt32(at, true))

  const root = follow(0)
  const codes = tables(root, 1).map((c) => Math.max(i8(c, 0), i32(c, 3)))
  const main = tables(root, 2)[0]!
  const buffers = tables(root, 4)
  const tensors = tables(main, 0).map((t) => {
    const q = field(t, 4) ? child(t, 4) : 0
    const data = buffers[i32(t, 2)]!
    return {
      shape: ints(t, 0),
      data: field(data, 0) ? bytes.slice(child(data, 0) + 4, child(data, 0) + 4 + d.getUint32(child(data, 0), true)) : undefined,
      scales: q ? vector(q, 2, 4, (at) => d.getFloat32(at, true)) : [],
      zeros: q ? vector(q, 3, 8, (at) => Number(d.getBigInt64(at, true))) : [],
    }
  })
  const shapeOf = (t: number): Shape => {
    const s = tensors[t]!.shape
    return s.length === 2 ? [1, 1, s[1]!] : [s[1]!, s[2]!, s[3]!]
  }
  const paramsOf = (t: number): QuantParams => ({ scale: tensors[t]!.scales[0]!, zeroPoint: tensors[t]!.zeros[0]! })
  const [input] = ints(main, 1) as [number]
  const ids = new Map([[input, 0]])
  const ops: Op[] = []
  const layers: (LayerParams | undefined)[] = []
  const params = [paramsOf(input)]
  for (const o of tables(main, 3)) {
    const [first, second, third] = ints(o, 1)
    const [output] = ints(o, 2) as [number]
    const p = field(o, 4) ? child(o, 4) : 0
    const code = codes[i32(o, 0)]!
    const inputs = ints(o, 1).flatMap((t) => ids.get(t) ?? [])
    const window = (kernel: readonly [number, number]) => ({
      kernel,
      stride: [i32(p, 2), i32(p, 1)] as const,
      padding: i8(p, 0) === 0 ? ('same' as const) : ('valid' as const),
    })
    const activation = (slot: number) => (['none', 'relu', 'none', 'relu6'] as const)[i8(p, slot)]!
    const constant = (t: number) => tensors[t]!.data!
    const op = ((): unknown => {
      const w = second === undefined ? [] : tensors[second]!.shape
      if (code === 3) return { kind: 'conv2d', channels: w[0], ...window([w[1]!, w[2]!]), activation: activation(3) }
      if (code === 4) return { kind: 'depthwise', multiplier: i32(p, 3), ...window([w[1]!, w[2]!]), activation: activation(4) }
      if (code === 9) return { kind: 'dense', units: w[0], activation: activation(0) }
      if (code === 0 || code === 18) return { kind: code ? 'mul' : 'add', activation: activation(0) }
      if (code === 1 || code === 17)
        return { kind: code === 1 ? 'averagePool' : 'maxPool', ...window([i32(p, 4), i32(p, 3)]), activation: activation(5) }
      if (code === 40) return { kind: 'mean' }
      if (code === 25) return { kind: 'softmax' }
      if (code === 22) return { kind: 'reshape', shape: shapeOf(output) }
      if (code === 2) return { kind: 'concat' }
      if (code === 114) return { kind: 'quantize' }
      if (code === 117) return { kind: 'hardSwish' }
      if (code !== 34) throw new Error(`operator ${code}`)
      const [, t, l] = [0, 1, 2].map((row) => Array.from(new Int32Array(constant(second!).buffer, row * 8, 2)))
      return { kind: 'pad', before: [t![0], l![0]], after: [t![1], l![1]] }
    })()
    ops.push({ ...(op as Op), inputs } as Op)
    layers.push(
      [3, 4, 9].includes(code)
        ? {
            kernels: [
              {
                weights: new Int8Array(constant(second!).buffer),
                weightScales: Float32Array.from(tensors[second!]!.scales),
              },
            ],
            bias: new Int32Array(constant(third!).buffer),
          }
        : undefined,
    )
    params.push(paramsOf(output))
    ids.set(output, ops.length)
    if (first === undefined) throw new Error('operator without input')
  }
  const graph = buildGraph(shapeOf(input), ops)
  for (const [t, id] of ids)
    if (elements(graph.shapes[id]!) !== elements(shapeOf(t))) throw new Error(`shape of tensor ${t} disagrees`)
  return { graph, tensors: params, layers }
}

export type Golden = {
  readonly name: string
  readonly model: QuantizedModel
  readonly vectors: readonly { readonly input: Int8Array; readonly tflm: Int8Array; readonly litert: Int8Array }[]
}

/** Every golden network of a folder; empty where the folder is absent. */
export function goldens(folder: string): Golden[] {
  if (!existsSync(folder)) return []
  const decode = (text: string) => new Int8Array(Buffer.from(text, 'base64'))
  return readdirSync(folder)
    .filter((file) => file.endsWith('.tflite'))
    .map((file) => {
      const json = JSON.parse(readFileSync(join(folder, file.replace('.tflite', '.json')), 'utf8'))
      return {
        name: json.name,
        model: readGolden(new Uint8Array(readFileSync(join(folder, file)))),
        vectors: json.vectors.map((v: Record<string, string>) => ({
          input: decode(v.input!),
          tflm: decode(v.tflm!),
          litert: decode(v.litert!),
        })),
      }
    })
}
