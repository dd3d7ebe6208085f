import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import type { Graph, Op, Padding } from '../../src/graph/graph.ts'
import { structureGraph, structureSchema } from '../../src/graph/structure.ts'
import { packageRoot } from '../../src/util/package-root.ts'

/** The measurements live beside the project (`../shared/data`), never in it: several of their sources carry no licence. */
export const dataFolder: string = join(packageRoot, '../shared/data')
export const haveData: boolean = existsSync(join(dataFolder, 'latency/measurements.csv'))

export type Csv = Readonly<Record<string, string>>
export const readCsv = (path: string): Csv[] => parse(readFileSync(join(dataFolder, path), 'utf8'), { columns: true }) as Csv[]

/** A graph of one operator, as the sweeps and operator timings describe them. */
export function oneOp(row: {
  kind: 'conv2d' | 'depthwise' | 'dense' | 'add' | 'averagePool' | 'maxPool' | 'mean' | 'softmax' | 'mul' | 'hardSwish'
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
    mul: { kind: 'mul', inputs: [0, 0], activation: 'none' },
    hardSwish: { kind: 'hardSwish', inputs: [0] },
  }
  // shapes are taken from the table: some describe only the output
  return { ops: [ops[kind]], shapes: [row.input, row.output] }
}

/** With what only the fit reads. */
const measuredSchema = structureSchema.extend({ total_macs: z.number() })

/** A measured network, and its graph where it holds nothing that a graph cannot express. */
export function readStructure(name: string): { readonly graph: Graph | undefined; readonly totalMacs: number } {
  const file = join(dataFolder, 'latency/layers', `${name}.json`)
  const parsed = measuredSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')))
  if (!parsed.success) return { graph: undefined, totalMacs: 0 }
  try {
    return { graph: structureGraph(parsed.data), totalMacs: parsed.data.total_macs }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return { graph: undefined, totalMacs: parsed.data.total_macs }
  }
}
