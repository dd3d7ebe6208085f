/**
 * How good the coarse figures of accelerators are: `npx tsx bench/accelerators.ts`.
 *
 * STM32N6: prices of products, bytes and operators fitted to published timings, each network left out in turn. Ethos-U: our estimate beside Vela's own,
 * where Vela is installed (VELA=path), on random networks of all spaces and the public ones.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadTarget } from '../src/device/load.ts'
import { fitNonNegative } from '../src/device/nnls.ts'
import { predict } from '../src/device/predict.ts'
import { readTflite } from '../src/export/tflite-read.ts'
import { countOp } from '../src/graph/count.ts'
import { elements, type Graph, outputOf } from '../src/graph/graph.ts'
import { plannedBytes } from '../src/graph/planned.ts'
import type { QuantizedModel } from '../src/quant/model.ts'
import { decode } from '../src/space/decode.ts'
import { openSpace, type SpaceContext } from '../src/space/genes.ts'
import { randomGenome } from '../src/space/genome.ts'
import { listSpaces, loadSpace } from '../src/space/load.ts'
import { rng } from '../src/util/rng.ts'
import { askVela } from '../src/verify/vela.ts'
import { withRandomParams } from '../test/helpers/random-model.ts'
import { dataFolder, haveData, readStructure } from './fit/data.ts'

/** STM32 model zoo (commit 6f10965e, squeezenet 7f3764d5), NPU inference time in ms and internal RAM in KiB on STM32N6570-DK, ST Edge AI Core 2.0 and 3.0. */
const n6: readonly (readonly [structure: string, ms: number, ramKib: number])[] = [
  ['stzoo__mobilenet_v1_0.25_224_int8__food-101', 2.83, 588],
  ['stzoo__mobilenet_v1_0.5_224_int8__food-101', 6.06, 588],
  ['stzoo__mobilenet_v2_0.35_128_int8__food-101', 3.33, 240],
  ['stzoo__mobilenet_v2_0.35_224_int8__food-101', 6.12, 980],
  ['stzoo__yamnet_256_64x96_int8__esc_10', 1.07, 144],
  ['stzoo__fdmobilenet_0.25_224_int8__food-101', 1.46, 294],
  ['stzoo__fdmobilenet_0.25_128_int8__food-101', 0.93, 96],
  ['stzoo__st_fdmobilenet_v1_224_tfs_int8__food-101', 1.81, 294],
  ['stzoo__st_fdmobilenet_v1_128_tfs_int8__food-101', 1.07, 96],
  ['stzoo__squeezenetv1.1_128_tfs_int8__food-101', 3.82, 240.25],
  ['stzoo__squeezenetv1.1_224_tfs_int8__food-101', 7.97, 803.52],
]

function fitNeuralArt(): void {
  const rows = n6.map(([name, ms, ramKib]) => {
    const { graph } = readStructure(name)
    return { name, ms, x: workOf(graph!), ramRatio: (ramKib * 1024) / plannedBytes(graph!, null) }
  })
  const fit = (of: typeof rows) =>
    fitNonNegative(
      of.map(({ x, ms }) => ({ x, y: ms, weight: 1 / (ms * ms) })),
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    )
  const dot = (x: readonly number[], b: Float64Array) => x.reduce((sum, v, j) => sum + v * b[j]!, 0)
  const [macs, weights, activations, ops] = fit(rows) as unknown as [number, number, number, number]
  console.log('STM32N6, cycles at 1 GHz')
  console.log(`  MACs a cycle ${(1 / macs).toFixed(1)}, for a byte of weights ${(weights * 1e3).toFixed(2)},`)
  console.log(`  for a byte of activations ${(activations * 1e3).toFixed(3)}, for an operator ${(ops * 1e6).toFixed(0)}`)
  const errors = rows.map((row) => {
    const left = dot(row.x, fit(rows.filter((r) => r !== row))) / row.ms
    console.log(
      `  ${row.name.slice(7).padEnd(44)} ${row.ms.toFixed(2)} ms, left out ${(100 * (left - 1)).toFixed(0).padStart(3)} %, RAM ${row.ramRatio.toFixed(2)} of the plan`,
    )
    return Math.abs(left - 1)
  })
  console.log(`  left out: mean ${percent(mean(errors))}, worst ${percent(Math.max(...errors))}`)
}

/** Millions of MACs, thousands of bytes of weights and of activations, operators that move data. */
function workOf(graph: Graph): number[] {
  const x = [0, 0, 0, 0]
  graph.ops.forEach((op, i) => {
    const { macs, weights, biases } = countOp(graph, i)
    x[0]! += macs / 1e6
    x[1]! += (weights + 4 * biases) / 1e3
    x[2]! += [outputOf(i), ...op.inputs].reduce((sum, t) => sum + elements(graph.shapes[t]!), 0) / 1e3
    x[3]! += op.kind === 'reshape' ? 0 : 1
  })
  return x
}

async function compareVela(configuration: string): Promise<void> {
  const target = loadTarget(`mps3:${configuration}`)
  const accelerator = target.runtime.accelerator!
  const ratios: { readonly cycles: number; readonly ram: number; readonly flash: number }[] = []
  let different = 0
  for (const model of networks()) {
    const report = await askVela(model, accelerator)
    if (report.status === 'not verified') return console.log(`${configuration}: ${report.missing} is missing: ${report.install}`)
    if (report.status === 'failed') throw new Error(report.message)
    if (report.status === 'different') different++
    if (report.onCpu.length > 0) continue
    const { perOp, ramBytes, flashBytes } = predict(model.graph, target)
    const cycles = perOp.reduce((sum, op) => sum + op.latencyMs, 0) * target.device.clockMhz * 1000
    const { code, driverBytes = 0, ram } = target.runtime
    ratios.push({
      cycles: report.cycles / cycles,
      ram: report.sramBytes / (ramBytes - ram.extraBytes),
      flash: report.flashBytes / (flashBytes - code.core - driverBytes),
    })
  }
  console.log(
    `${configuration}: Vela / ours over ${ratios.length} networks all of whose operators map; ${different} placed differently`,
  )
  for (const of of ['cycles', 'ram', 'flash'] as const) {
    const sorted = ratios.map((r) => r[of]).sort((a, b) => a - b)
    const at = (q: number) => sorted[Math.floor(q * (sorted.length - 1))]!.toFixed(2)
    console.log(`  ${of.padEnd(6)} 5 % ${at(0.05)}  25 % ${at(0.25)}  median ${at(0.5)}  75 % ${at(0.75)}  95 % ${at(0.95)}`)
  }
}

const inputs: readonly (readonly [readonly [number, number, number], NonNullable<SpaceContext['kind']>])[] = [
  [[96, 96, 3], 'image'],
  [[28, 28, 1], 'image'],
  [[49, 10, 1], 'audio'],
  [[128, 1, 6], 'series'],
]

/** Three random networks of every space and kind of input, and the public ones. */
function networks(): QuantizedModel[] {
  const drawn = listSpaces().flatMap((name) =>
    inputs.flatMap(([input, kind]) => {
      const space = openSpace(loadSpace(name), { input, outputs: 7, task: 'classification', kind })
      return [0, 1, 2].map((i) => {
        const seed = `${name}/${input.join('x')}/${i}`
        return withRandomParams(decode(space, randomGenome(space, rng('vela', seed))).graph, seed)
      })
    }),
  )
  const files = haveData ? ['ad01', 'hello_world_int8', 'ic_resnet', 'kws', 'micro_speech', 'vww96'] : []
  return [...drawn, ...files.map((name) => readTflite(readFileSync(join(dataFolder, 'models', `${name}.tflite`)), name).model)]
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

if (haveData) fitNeuralArt()
else console.log('STM32N6: ../shared/data is absent')
for (const id of process.argv.slice(2).length > 0 ? process.argv.slice(2) : ['ethos-u55-128']) await compareVela(id)
