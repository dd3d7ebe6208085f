import { expect, it, vi } from 'vitest'
import { microBenchmarks } from '../../src/device/benchmarks.ts'
import { groupMs } from '../../src/device/calibrate.ts'
import { loadTarget } from '../../src/device/load.ts'
import { price } from '../../src/device/predict.ts'
import { termGroups } from '../../src/device/terms.ts'
import { benchmarkFiles, withRandomWeights } from '../../src/export/bundle/benchmark.ts'
import { goldenVector } from '../../src/export/sample.ts'
import { readTflite } from '../../src/export/tflite-read.ts'

// compilers are slow on a busy machine
vi.setConfig({ testTimeout: 120_000 })

const files = benchmarkFiles(microBenchmarks)

it('writes each network so that it is read back, and it computes something', () => {
  for (const { name, graph } of microBenchmarks) {
    const file = files.find((f) => f.path === `${name}/${name}.tflite`)!
    expect(readTflite(file.data as Uint8Array).model.graph).toEqual(graph)
    const { output } = goldenVector(withRandomWeights(graph, name))
    expect(new Set(output).size).toBeGreaterThan(1)
  }
})

it('every group of terms dominates one of them, and all of them fit small boards', () => {
  const target = loadTarget('stm32f446')
  for (const [g, group] of termGroups.entries()) {
    const share = (graph: (typeof microBenchmarks)[number]['graph']): number => {
      const x = groupMs(graph, target)
      return x[g]! / x.reduce((a, b) => a + b, 0)
    }
    // weights are streamed beside the products of a dense layer, never alone
    expect(Math.max(...microBenchmarks.map((b) => share(b.graph))), group).toBeGreaterThan(group === 'flash' ? 0.15 : 0.5)
  }
  const small = loadTarget('stm32f446:tinyfront-c')
  for (const { graph } of microBenchmarks) {
    expect(price(graph, small).ramBytes).toBeLessThanOrEqual(16_384)
    expect(price(graph, small).flashBytes).toBeLessThan(45_000)
  }
})
