import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { microBenchmarks } from '../../device/benchmarks.ts'
import { benchmarkFiles } from '../../export/bundle/benchmark.ts'
import { writeAsked } from '../../util/write-whole.ts'

/** Small networks to time on a board, each as .tflite and C with a sketch. A table of measurements that was begun is kept. */
export function emitBenchmarks(folder: string): { readonly written: readonly string[]; readonly kept: readonly string[] } {
  const written: string[] = []
  const kept: string[] = []
  for (const { path, data } of benchmarkFiles(microBenchmarks)) {
    const file = join(folder, path)
    if (path.endsWith('.csv') && existsSync(file)) kept.push(file)
    else {
      writeAsked(file, data)
      written.push(file)
    }
  }
  return { written, kept }
}
