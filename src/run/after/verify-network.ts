import { existsSync, readFileSync } from 'node:fs'
import { type BoardSpec, loadTarget } from '../../device/load.ts'
import { readTflite } from '../../export/tflite-read.ts'
import type { QuantizedModel } from '../../quant/model.ts'
import { fileError } from '../../util/faults.ts'
import { checkModel, type Hardware, hardwareOf } from '../phases/check-model.ts'
import type { Check } from '../record/notes.ts'
import { readStudy } from '../record/open.ts'
import { modelOf } from './model-of.ts'
import { pickTrial } from './pick-trial.ts'

/** Cores that a bare file is tried on: one of each instruction set that QEMU has. */
const anyCore: Hardware = { cores: ['cortex-m0plus', 'cortex-m4', 'cortex-m7', 'cortex-m33', 'cortex-m55'], accelerators: [] }

/**
 * A network of a study, or of a .tflite file, against LiteRT, emulated cores and the compilers of accelerators: what each of them said. `boards` stand
 * for those of the study.
 */
export async function verifyNetwork(
  name: string,
  trial: string | undefined,
  resultsDir: string,
  boards?: readonly BoardSpec[],
): Promise<{ readonly model: QuantizedModel; readonly checks: readonly Check[] }> {
  const { model, hardware } =
    existsSync(name) && name.endsWith('.tflite')
      ? { model: readTflite(bytesOf(name), name).model, hardware: anyCore }
      : await ofStudy(name, trial, resultsDir)
  return {
    model,
    checks: await checkModel(model, boards === undefined ? hardware : hardwareOf(boards.map((b) => loadTarget(b)))),
  }
}

function bytesOf(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw fileError('usage', file, 'read', cause)
  }
}

async function ofStudy(name: string, trial: string | undefined, results: string) {
  const store = await readStudy(results, name)
  const model = await modelOf(store, pickTrial(store, trial), results)
  return { model, hardware: hardwareOf(store.header.targets.map((t) => t.target)) }
}
