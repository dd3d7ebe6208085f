import { existsSync, readFileSync } from 'node:fs'
import { readTflite } from '../../export/tflite-read.ts'
import type { QuantizedModel } from '../../quant/model.ts'
import { instructionTable } from '../../report/terminal-network.ts'
import { modelOf } from '../../run/after/model-of.ts'
import { pickTrial } from '../../run/after/pick-trial.ts'
import { checkModel } from '../../run/phases/check-model.ts'
import type { Check } from '../../run/record/notes.ts'
import { readStudy } from '../../run/record/open.ts'
import { exitCodes } from '../../util/errors.ts'
import { fileError } from '../../util/faults.ts'
import type { Run } from '../options.ts'
import { colour, print, printJson, tableStyle } from '../output.ts'

/** Cores that a bare file is tried on: one of each instruction set that QEMU has. */
const anyCore = ['cortex-m0plus', 'cortex-m4', 'cortex-m7', 'cortex-m33', 'cortex-m55']

/** `tinyfront verify STUDY [TRIAL] | FILE.tflite`. Exit code 1 where something differs, 4 where no tool could check anything. */
export const runVerify: Run = async ([name = '', trialText], options) => {
  const { model, cores } =
    existsSync(name) && name.endsWith('.tflite')
      ? { model: readTflite(bytesOf(name), name).model, cores: anyCore }
      : await ofStudy(name, trialText, options.results)
  const checks = await checkModel(model, cores)
  if (options.json) printJson({ schemaVersion: 1, checks })
  else print([...checks.map(line), ...instructions(model, checks)].join('\n'))
  if (checks.some((c) => c.status === 'different')) return exitCodes.bug
  return checks.some((c) => c.status === 'equal') ? exitCodes.ok : exitCodes.missingTool
}

function bytesOf(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw fileError('usage', file, 'read', cause)
  }
}

async function ofStudy(name: string, trialText: string | undefined, results: string) {
  const store = await readStudy(results, name)
  const model = await modelOf(store, pickTrial(store, trialText), results)
  return { model, cores: store.header.targets.map((t) => t.target.device.core) }
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
