import { existsSync, readFileSync } from 'node:fs'
import { checkFile, checkModel } from '../../run/check-model.ts'
import type { Check } from '../../run/lines.ts'
import { modelOf } from '../../run/model-of.ts'
import { readStudy } from '../../run/open.ts'
import { exitCodes } from '../../util/errors.ts'
import { colour, print, printJson } from '../output.ts'
import { pickTrial } from '../pick-trial.ts'
import type { Run } from '../run.ts'

/** Cores that a bare file is tried on: one of each instruction set that QEMU has. */
const anyCore = ['cortex-m0plus', 'cortex-m4', 'cortex-m7', 'cortex-m33', 'cortex-m55']

/** `tinyfront verify STUDY [TRIAL] | FILE.tflite`. Exit code 1 where something differs, 4 where no tool could check anything. */
export const runVerify: Run = async ([name = '', trialText], options) => {
  const checks =
    existsSync(name) && name.endsWith('.tflite')
      ? await checkFile(readFileSync(name), anyCore)
      : await ofStudy(name, trialText, String(options.results))
  if (options.json) printJson({ schemaVersion: 1, checks })
  else for (const check of checks) print(`${mark(check)}  ${check.name}: ${check.status}, ${check.detail}`)
  if (checks.some((c) => c.status === 'different')) return exitCodes.bug
  return checks.some((c) => c.status === 'equal') ? exitCodes.ok : exitCodes.missingTool
}

async function ofStudy(name: string, trialText: string | undefined, results: string): Promise<Check[]> {
  const store = await readStudy(results, name)
  const n = pickTrial(store, trialText)
  const model = await modelOf(store, n, results)
  return checkModel(
    model,
    store.header.targets.map((t) => t.target.device.core),
  )
}

const mark = ({ status }: Check) =>
  status === 'equal' ? colour.green('✓') : status === 'different' ? colour.red('✗') : colour.yellow('–')
