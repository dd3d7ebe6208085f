import type { QuantizedModel } from '../../quant/model.ts'
import { instructionTable } from '../../report/terminal-network.ts'
import { verifyNetwork } from '../../run/after/verify-network.ts'
import type { Check } from '../../run/record/notes.ts'
import { exitCodes } from '../../util/errors.ts'
import type { Run } from '../options.ts'
import { colour, print, printJson, tableStyle } from '../output.ts'

/** `tinyfront verify STUDY [TRIAL] | FILE.tflite`. Exit code 1 where something differs, 4 where no tool could check anything. */
export const runVerify: Run = async ([name = '', trialText], options) => {
  const { model, checks } = await verifyNetwork(name, trialText, options.results, options.targets)
  if (options.json) printJson({ schemaVersion: 1, checks })
  else print([...checks.map(line), ...instructions(model, checks)].join('\n'))
  if (checks.some((c) => c.status === 'different')) return exitCodes.bug
  return checks.some((c) => c.status === 'equal') ? exitCodes.ok : exitCodes.missingTool
}

const line = (check: Check): string => `${mark(check)}  ${check.name}: ${check.status}, ${check.detail}`

function instructions({ graph }: QuantizedModel, checks: readonly Check[]): string[] {
  const cores = checks.flatMap(({ emulated }) => emulated ?? [])
  if (cores.length === 0) return []
  return [
    '',
    instructionTable(
      graph.ops.map((op) => op.kind),
      cores,
      tableStyle(),
    ),
  ]
}

const mark = ({ status }: Check) =>
  status === 'equal' ? colour.green('✓') : status === 'different' ? colour.red('✗') : colour.yellow('–')
