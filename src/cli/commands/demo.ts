import { defaultInt8Tolerance } from '../../run/record/config.ts'
import { talk } from '../output.ts'
import type { Run } from '../run.ts'
import { runExport } from './export.ts'
import { runSearch } from './search.ts'

/** `tinyfront demo`: a real search on embedded data for three boards of different families, then the recommended network exported. */
export const runDemo: Run = async (_args, options) => {
  const demo = {
    ...options,
    data: 'builtin:gestures',
    device: ['stm32f446', 'esp32-s3', 'rp2040'],
    study: 'demo',
    trials: 24,
    polish: 4,
    workers: options.workers ?? 2,
    seed: '1',
    strategy: 'evolution',
    engine: 'wasm',
    teacher: 'auto',
    int8Tolerance: defaultInt8Tolerance,
    fresh: true,
  }
  const code = await runSearch([], demo)
  if (code !== 0) return code
  for (const format of ['tflite', 'c']) await runExport(['demo'], { ...options, format })
  talk('  next    tinyfront show demo · tinyfront compare demo · open results/demo/report.html')
  return 0
}
