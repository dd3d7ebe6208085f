import { describe, expect, it } from 'vitest'
import { haveData } from '../../bench/fit/data.ts'
import { type ModelRow, modelRows, opRows } from '../../bench/fit/rows.ts'
import { loadTarget } from '../../src/device/load.ts'
import { predict, price } from '../../src/device/predict.ts'
import type { Target } from '../../src/device/schema.ts'
import { countGraph } from '../../src/graph/count.ts'
import type { Graph } from '../../src/graph/graph.ts'

/** Published figures next to the committed coefficients (`../shared/data/latency`; skipped where absent). */
describe.skipIf(!haveData)('published operator timings (MicroNas, STM32F446)', () => {
  const rows = haveData ? opRows('STM32F446', 'TFLM+CMSIS-NN') : []
  const target = loadTarget('stm32f446')
  const predictedCycles = (graph: Graph): number => predict(graph, target).perOp[0]!.latencyMs * target.device.clockMhz * 1000
  const inputChannels = (graph: Graph): number => graph.shapes[0]![2]

  it.each(['conv2d', 'pointwise', 'add'])('%s: nine of ten within 5 %%', (kind) => {
    const errors = rows
      .filter((r) => r.kind === kind)
      .map((r) => Math.abs(predictedCycles(r.graph) / r.cycles - 1))
      .sort((a, b) => a - b)
    expect(errors.length).toBeGreaterThan(15)
    expect(errors[Math.floor(0.9 * errors.length)]).toBeLessThan(0.05)
  })

  it('a 1x1 convolution pays for 16 input channels at a time: the steps of the published rows are in the prediction', () => {
    const cycles = (channels: number, of: (r: (typeof rows)[number]) => number): number => {
      const row = rows.find(
        (r) => r.kind === 'pointwise' && inputChannels(r.graph) === channels && r.graph.shapes[1]!.join() === '16,15,8',
      )
      expect(row, `${channels} channels`).toBeDefined()
      return of(row!)
    }
    for (const of of [(r: (typeof rows)[number]) => r.cycles, (r: (typeof rows)[number]) => predictedCycles(r.graph)]) {
      // a half-filled block is as dear as a full one, the next block costs a third more
      for (const half of [8, 24, 40]) expect(Math.abs(cycles(half + 8, of) / cycles(half, of) - 1)).toBeLessThan(0.04)
      for (const full of [16, 32]) expect(cycles(full + 8, of) / cycles(full, of)).toBeGreaterThan(1.2)
    }
  })

  it('a first convolution costs many times more per MAC than an inner one, measured and predicted', () => {
    const perMac = (of: (r: (typeof rows)[number]) => number, keep: (channels: number) => boolean): number => {
      const some = rows.filter((r) => r.kind === 'conv2d' && keep(inputChannels(r.graph)))
      expect(some.length).toBeGreaterThan(10)
      return some.reduce((sum, r) => sum + of(r) / countGraph(r.graph).macs, 0) / some.length
    }
    const ratio = (of: (r: (typeof rows)[number]) => number): number => perMac(of, (c) => c === 1) / perMac(of, (c) => c >= 12)
    const measured = ratio((r) => r.cycles)
    expect(measured).toBeGreaterThan(3)
    expect(Math.abs(ratio((r) => predictedCycles(r.graph)) / measured - 1)).toBeLessThan(0.05)
  })
})

describe.skipIf(!haveData)('published operator timings, depthwise', () => {
  it.each([
    ['RP2040', 'TFLM+CMSIS-NN single core', 'rp2040'],
    ['Apollo510', 'TFLM+CMSIS-NN', 'apollo510'],
    ['ESP32-S3', 'ESP-NN optimized', 'esp32-s3'],
    ['ESP32-P4', 'ESP-NN optimized', 'esp32-p4'],
  ])('%s: a depthwise MAC costs three to eight times a pointwise one, measured and predicted', (board, runtime, spec) => {
    const rows = opRows(board, runtime)
    const target = loadTarget(spec)
    const perMac = (kind: string, cycles: (r: (typeof rows)[number]) => number): number => {
      const some = rows.filter((r) => r.kind === kind)
      expect(some.length).toBeGreaterThan(1)
      return some.reduce((sum, r) => sum + cycles(r), 0) / some.reduce((sum, r) => sum + countGraph(r.graph).macs, 0)
    }
    const ratio = (cycles: (r: (typeof rows)[number]) => number): number =>
      perMac('depthwise', cycles) / perMac('pointwise', cycles)
    const measured = ratio((r) => r.cycles)
    const predicted = ratio((r) => predict(r.graph, target).perOp[0]!.latencyMs)
    expect(measured).toBeGreaterThan(3)
    expect(measured).toBeLessThan(8)
    expect(Math.abs(predicted / measured - 1)).toBeLessThan(0.15)
  })
})

describe.skipIf(!haveData)('published whole networks', () => {
  const rows = haveData ? modelRows().filter((r) => !r.part) : []
  const targets = new Map<string, Target>()
  const targetOf = (r: ModelRow): Target => {
    const spec = `${r.device}:${r.runtime}`
    const target = targets.get(spec) ?? loadTarget(spec)
    targets.set(spec, target)
    return target
  }

  it('one network (MCUNet, visual wake words) on one chip (STM32H743): 27 to 587 ms by the runtime alone, each within 10 %', () => {
    const published = { tinyengine: 27, 'x-cube-ai-7': 32, 'tflm-cmsis-nn': 53, 'tflm-reference': 587 }
    for (const [runtime, ms] of Object.entries(published)) {
      const mine = (r: ModelRow) => r.device === 'stm32h743' && r.runtime === runtime && r.model === 'mcunet__mcunet-10fps_vww'
      const row = rows.find(mine)!
      const target = targetOf(row)
      expect(row.cycles / (target.device.clockMhz * 1000)).toBeCloseTo(ms, 6)
      expect(Math.abs(price(row.graph, target).latencyMs / ms - 1)).toBeLessThan(0.1)
    }
  })

  it('lie inside the 90 % interval nine times out of ten where the target is calibrated', () => {
    const calibrated = rows.filter((r) => targetOf(r).latency.calibrated)
    const inside = calibrated.filter((r) => {
      const target = targetOf(r)
      const ms = r.cycles / (target.device.clockMhz * 1000)
      const { latencyLowMs, latencyHighMs } = price(r.graph, target)
      return ms >= latencyLowMs && ms <= latencyHighMs
    })
    expect(calibrated.length).toBeGreaterThan(150)
    expect(inside.length / calibrated.length).toBeGreaterThan(0.88)
  })

  const memory = (keep: (r: ModelRow) => boolean): { need: number; published: number }[] =>
    rows
      .filter((r) => r.ramBytes !== null && keep(r))
      .map((r) => ({ need: price(r.graph, targetOf(r)).ramBytes, published: r.ramBytes! }))
  const meanError = (list: readonly { need: number; published: number }[]): number =>
    list.reduce((sum, { need, published }) => sum + Math.abs(need / published - 1), 0) / list.length

  it('TinyEngine: RAM within 7 % each', () => {
    const nine = memory((r) => r.runtime === 'tinyengine')
    expect(nine.length).toBe(9)
    for (const { need, published } of nine) expect(Math.abs(need / published - 1)).toBeLessThan(0.07)
  })

  it.each([
    ['x-cube-ai-7', 0.12],
    ['x-cube-ai', 0.1],
    ['st-edge-ai', 0.1],
  ])('%s: RAM within %d on average', (runtime, bound) => {
    const published = memory((r) => r.runtime === runtime)
    expect(published.length).toBeGreaterThan(15)
    expect(meanError(published)).toBeLessThan(bound)
  })

  it('TFLM: the RAM of a whole EdgeMark program is our arena and the same 4-5 KiB for every network', () => {
    const programs = memory((r) => r.runtime === 'tflm-cmsis-nn' && r.device === 'stm32l4r5')
    expect(programs.length).toBe(17)
    for (const { need, published } of programs) {
      expect(published - need).toBeGreaterThan(4000)
      expect(published - need).toBeLessThan(5800)
    }
  })
})
