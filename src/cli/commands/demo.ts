import type { Run } from '../options.ts'
import { talk } from '../output.ts'
import { runExport } from './export.ts'
import { runSearch } from './search.ts'

/** What the demo asks for; the rest is as in every study. */
const demo = {
  study: 'demo',
  data: 'builtin:gestures',
  targets: ['stm32f446', 'esp32-s3', 'rp2040'],
  seed: '1',
  trials: 48,
  polish: 4,
  workers: 2,
  fresh: true,
} as const

/** `tinyfront demo`: a real search on embedded data for three boards of different families, then the recommended network exported. */
export const runDemo: Run = async (_args, options) => {
  const code = await runSearch([], { ...demo, ...options, fresh: demo.fresh })
  if (code !== 0) return code
  for (const format of ['tflite', 'c'] as const) await runExport([demo.study], { ...options, format })
  talk('  next    tinyfront show demo · tinyfront compare demo · open results/demo/report.html')
  return 0
}
