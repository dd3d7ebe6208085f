import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { microBenchmarks } from '../../device/benchmarks.ts'
import { benchmarkFiles } from '../../export/bundle/benchmark.ts'
import { print, printJson, talk } from '../output.ts'
import { writeAsked } from '../write-asked.ts'

/** `tinyfront calibrate --emit DIR`: small networks to time, each as .tflite and C with a sketch; a table that was begun is left alone. */
export function emitBenchmarks(folder: string, json: boolean): number {
  const written: string[] = []
  for (const { path, data } of benchmarkFiles(microBenchmarks)) {
    const file = join(folder, path)
    if (path.endsWith('.csv') && existsSync(file)) {
      talk(`kept ${file}`)
      continue
    }
    writeAsked(file, data)
    written.push(file)
  }
  if (json) printJson({ schemaVersion: 1, files: written })
  else for (const file of written) print(file)
  return 0
}
