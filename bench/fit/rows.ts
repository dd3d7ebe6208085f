import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { listDevices } from '../../src/device/load.ts'
import { addTerms, INVOKE, termNames } from '../../src/device/terms.ts'
import { elements, type Graph } from '../../src/graph/graph.ts'
import { packageRoot } from '../../src/util/package-root.ts'
import { type Csv, oneOp, readCsv, readStructure } from './data.ts'
import { formulaName } from './effects.ts'

/** Published latency of one network, in cycles of the clock it ran at, with the terms of its operators. */
export type ModelRow = {
  readonly device: string
  readonly core: string
  readonly runtime: string
  readonly formula: string
  /** version of the kernels, or the flags of a build that is not ours: a factor of its own in the fit */
  readonly version: string
  readonly model: string
  readonly family: string
  readonly terms: Float64Array
  readonly macs: number
  readonly cycles: number
  readonly ramBytes: number | null
  readonly flashBytes: number | null
  readonly graph: Graph
  /** one operator of the network rather than the whole of it, or a runtime that is not ours: helps to fit, is not scored */
  readonly part: boolean
}

export const targetKey = (r: Pick<ModelRow, 'device' | 'runtime'>): string => `${r.device}:${r.runtime}`

/** Published timing of one operator. */
export type OpRow = {
  readonly kind: string
  readonly shape: string
  readonly model: string
  readonly terms: Float64Array
  readonly cycles: number
  readonly graph: Graph
}

export function termsOf(graph: Graph, invoke: boolean): Float64Array {
  const x = new Float64Array(termNames.length)
  if (invoke) x[INVOKE] = 1
  for (let i = 0; i < graph.ops.length; i++) addTerms(graph, i, x)
  return x
}

/** Which of our runtimes a published row ran on; builds with other flags, caches off or memories outside the chip are left out. */
function runtimeId(row: Csv): string | undefined {
  const version = row.runtime!
  switch (row.runtime_group) {
    case 'TFLM+CMSIS-NN':
      return 'tflm-cmsis-nn'
    case 'TFLM-ref':
      return 'tflm-reference'
    case 'TFLM+ESP-NN':
      return 'tflm-esp-nn'
    case 'TinyEngine':
      return 'tinyengine'
    case 'STEdgeAI':
      return 'st-edge-ai'
    case 'X-CUBE-AI':
      return /AI (9|10)\./.test(version) ? 'st-edge-ai' : /AI 8\./.test(version) ? 'x-cube-ai' : 'x-cube-ai-7'
    default:
      return neighbours[row.runtime_group!]
  }
}

/** Runtimes that are not ours. Their kernels ran on many boards of ours: what they say is how much faster one board or core is than another. */
const neighbours: Readonly<Record<string, string>> = {
  Plumerai: 'plumerai',
  'Bosch HALE': 'hale',
  'TinyMaix-O1-CPU': 'tinymaix',
  'TinyMaix-O1-SIMD': 'tinymaix-dsp',
}
const isNeighbour = (runtime: string): boolean => Object.values(neighbours).includes(runtime)

/** Version of the kernels and how they were built, where the source says it: rows that share it share a factor. */
function versionOf(row: Csv): string {
  const build = /-Og|-Ofast|-Os/.exec(row.runtime!)?.[0] ?? ''
  const version = /(\d+\.\d+)|v?(20\d\d\.\d\d)/.exec(row.runtime!.replace(/STEdgeAI Core/, 'Core'))?.[0] ?? ''
  return `${version || 'unprinted'}${build}`
}

/** Boards that we do not list, with the core of one that we do. */
const unlisted: Readonly<Record<string, { readonly id: string; readonly core: string; readonly clockMhz: number }>> = {
  'rv32-a': { id: 'rv32-a', core: 'riscv-rv32imac', clockMhz: 336 },
}

/** Clocks that a source does not state: the maximum of the part (TinyEngine's H743 boards run at 480 MHz). */
const assumedMhz: Readonly<Record<string, number>> = { STM32H743: 480, STM32F413: 100 }

/**
 * Rows that contradict their own source: visual wake words of MLPerf rounds from 1.1 on (several submitters pruned it), the reference kernels
 * of 2020 on STM32L4R5 (faster than any C compiled since) and of STM32F413 (160 cycles a MAC: no optimisation), and MCXN947 (two values).
 */
function contradicted(row: Csv): boolean {
  return (
    (row.layers_file === 'mlperf__vww_96_int8' && /tiny_results_v1\.[1-9]/.test(row.source!)) ||
    (row.runtime_group === 'TFLM-ref' && /STM32L4R5|STM32F413/.test(row.device!)) ||
    row.device === 'MCXN947'
  )
}

/** Every usable whole-model row: int8, structure known, not marked bad or of low confidence, a board we list. */
export function modelRows(): ModelRow[] {
  const byName = new Map(listDevices().map((d) => [d.name.replace(/ \(.*/, '').toLowerCase(), d]))
  const structures = new Map<string, ReturnType<typeof readStructure>>()
  const rows: ModelRow[] = []
  for (const row of readCsv('latency/measurements.csv')) {
    const runtime = runtimeId(row)
    const name = row.device!.replace(/ \(.*/, '').toLowerCase()
    const device = byName.get(name) ?? unlisted[name]
    const model = row.layers_file!
    if (!runtime || !device || !model || row.dtype !== 'int8' || !row.latency_ms || /bad|low/.test(row.confidence!)) continue
    if (contradicted(row)) continue
    if (!structures.has(model)) structures.set(model, readStructure(model))
    const { graph, totalMacs } = structures.get(model)!
    if (!graph) continue
    const mhz = Number(row.clock_mhz) || assumedMhz[row.device!] || device.clockMhz
    // ST and MIT print KiB under the name of kB
    const kilo = (text: string | undefined): number | null => (text ? Number(text) * 1024 : null)
    rows.push({
      device: device.id,
      core: device.core,
      runtime,
      formula: formulaName(runtime, device.core),
      version: versionOf(row),
      model,
      family: row.family!,
      terms: termsOf(graph, true),
      macs: totalMacs,
      cycles: Number(row.latency_ms) * mhz * 1000,
      ramBytes: kilo(row.ram_total_kb) ?? kilo(row.ram_activations_kb),
      flashBytes: kilo(row.flash_total_kb),
      graph,
      part: isNeighbour(runtime) || !byName.has(name),
    })
  }
  return rows
}

/** Single operators of networks on boards that publish few whole networks, as rows of their networks. */
export function partRows(): ModelRow[] {
  const published = [
    ['RP2040', 'TFLM+CMSIS-NN single core', 'tflm-cmsis-nn'],
    ['Apollo510', 'TFLM+CMSIS-NN', 'tflm-cmsis-nn'],
    ['EFR32MG24', 'TFLM+CMSIS-NN', 'tflm-cmsis-nn'],
    ['ESP32-S3', 'ESP-NN optimized', 'tflm-esp-nn'],
    ['ESP32-P4', 'ESP-NN optimized', 'tflm-esp-nn'],
  ] as const
  const devices = listDevices()
  return published.flatMap(([name, group, runtime]) => {
    const device = devices.find((d) => d.name === name)!
    return opRows(name, group).map((r) => ({
      device: device.id,
      core: device.core,
      runtime,
      formula: formulaName(runtime, device.core),
      version: '',
      model: r.model,
      family: 'operators',
      terms: r.terms,
      macs: 0,
      cycles: r.cycles,
      ramBytes: null,
      flashBytes: null,
      graph: r.graph,
      part: true,
    }))
  })
}

const opKinds = {
  CONV_2D: 'conv2d',
  DEPTHWISE_CONV_2D: 'depthwise',
  FULLY_CONNECTED: 'dense',
  ADD: 'add',
  AVERAGE_POOL_2D: 'averagePool',
  MAX_POOL_2D: 'maxPool',
  MEAN: 'mean',
  SOFTMAX: 'softmax',
  convolution: 'conv2d',
  'depthwise conv': 'depthwise',
} as const

/** Operator timings of one board (MicroNas: TFLM + CMSIS-NN, single-operator networks). Rows marked BAD are 46x off their neighbours. */
export function opRows(deviceName: string, runtime: string): OpRow[] {
  return readCsv('latency/layer_measurements.csv')
    .filter((r) => r.device === deviceName && r.runtime === runtime && r.op! in opKinds && r.input_shape && !/BAD/.test(r.notes!))
    .map((r) => {
      const kind = opKinds[r.op as keyof typeof opKinds]
      const kernel = r.kernel ? pair(r.kernel) : ([1, 1] as const)
      const stride = r.stride ? pair(r.stride) : ([1, 1] as const)
      const input = shape(r.input_shape!)
      const output = shape(r.output_shape!)
      const same = Math.ceil(input[0] / stride[0]) === output[0] && Math.ceil(input[1] / stride[1]) === output[1]
      const graph = oneOp({ kind, input, output, kernel, stride, padding: same ? 'same' : 'valid' })
      const group = kind === 'conv2d' && kernel[0] * kernel[1] === 1 ? 'pointwise' : kind
      const mhz = Number.parseFloat(r.clock_mhz!)
      const cycles = r.cycles ? Number(r.cycles) : Number(r.time_us) * mhz
      return { kind: group, shape: `${r.kernel}`, model: r.model!, terms: termsOf(graph, false), cycles, graph }
    })
    .filter((r) => r.cycles > 0)
}

const pair = (text: string): [number, number] => text.split('x').map(Number) as [number, number]
const shape = (text: string): [number, number, number] => {
  const d = text.split('x').map(Number)
  return d.length === 3 ? [d[0]!, d[1]!, d[2]!] : d.length === 2 ? [d[0]!, 1, d[1]!] : [1, 1, d[0]!]
}

const sweepKinds = {
  pw: 'conv2d',
  conv: 'conv2d',
  dw: 'depthwise',
  fc: 'dense',
  add: 'add',
  avg: 'averagePool',
  maxp: 'maxPool',
} as const

/** Instruction counts of one kernel set on one core (QEMU, exact), as rows of "cycles" to be scaled by cycles per instruction. */
export function sweepRows(file: 'cmsis_nn' | 'own_kernel' | 'tflm_reference', core: string, set: RegExp): OpRow[] {
  return readCsv(`instructions/${file}_instruction_sweep.csv`)
    .filter((r) => r.core === core && r.opt === '-O2' && set.test(r.cmsis_nn!))
    .map((r) => {
      const n = (key: string): number => Number(r[key])
      const graph = oneOp({
        kind: sweepKinds[r.kind as keyof typeof sweepKinds],
        input: [n('in_h'), n('in_w'), n('in_c')],
        output: [n('out_h'), n('out_w'), n('out_c')],
        kernel: [n('k_h') || 1, n('k_w') || 1],
        stride: [n('stride') || 1, n('stride') || 1],
        padding: n('pad_h') || n('pad_w') ? 'same' : 'valid',
      })
      const group = r.kind === 'pw' ? 'pointwise' : sweepKinds[r.kind as keyof typeof sweepKinds]
      return { kind: group, shape: r.tag!, model: '', terms: termsOf(graph, false), cycles: n('instructions'), graph }
    })
}

/** Instructions a byte with which `invoke` copies the input in and the output out: once a network, not once a layer. Counted on chains of hard swishes. */
const copyInstructions = { 'cortex-m4': 4, 'cortex-m0': 5 } as const

/** Instruction counts of the C that tinyfront generates (bench/sweep-c.ts), copies left out: our own figures, part of the project. */
export function generatedRows(core: 'cortex-m4' | 'cortex-m0'): OpRow[] {
  const text = readFileSync(join(packageRoot, 'bench/fit/tinyfront-c-instructions.csv'), 'utf8')
  const rows = parse(text, { columns: true }) as Csv[]
  return rows
    .filter((r) => r.core === core)
    .map((r) => {
      const kind = r.kind as Parameters<typeof oneOp>[0]['kind']
      const kernel = r.kernel ? pair(r.kernel) : ([1, 1] as const)
      const stride = r.stride ? pair(r.stride) : ([1, 1] as const)
      const input = shape(r.input!)
      const size: [number, number] = ['dense', 'mean'].includes(kind)
        ? [1, 1]
        : [Math.ceil(input[0] / stride[0]), Math.ceil(input[1] / stride[1])]
      const graph = oneOp({ kind, input, output: [...size, Number(r.channels)], kernel, stride, padding: 'same' })
      const group = kind === 'conv2d' && kernel[0] * kernel[1] === 1 ? 'pointwise' : kind
      const copied = copyInstructions[core] * graph.shapes.reduce((sum, s) => sum + elements(s), 0)
      return {
        kind: group,
        shape: r.input!,
        model: '',
        terms: termsOf(graph, false),
        cycles: Number(r.instructions) - copied,
        graph,
      }
    })
}
