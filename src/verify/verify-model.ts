import { isDeepStrictEqual } from 'node:util'
import type { Accelerator } from '../device/accelerator/schema.ts'
import { sampleInputs } from '../export/sample.ts'
import { readTflite } from '../export/tflite-read.ts'
import { writeTflite } from '../export/tflite-write.ts'
import type { QuantizedModel } from '../quant/model.ts'
import type { EmulateOptions } from './bare-program.ts'
import { compareLitert, type LitertReport } from './compare-litert.ts'
import { type CoreName, coreNames } from './cores.ts'
import { type CoreReport, emulate } from './emulate.ts'
import { askVela, isVelas, type VelaReport } from './vela.ts'

export type VerifyReport = {
  /** `verified`: something ran and nothing disagreed. `not verified`: no tool was there to run anything. */
  readonly status: 'verified' | 'failed' | 'not verified'
  /** the .tflite file, written and read again, is the same network */
  readonly file: 'equal' | 'different'
  readonly litert: LitertReport
  readonly cores: readonly CoreReport[]
  /** Of each accelerator that Vela compiles for: whether it places every operator where the mapping check does. */
  readonly vela: readonly VelaReport[]
}

export type VerifyOptions = EmulateOptions & {
  /** default: all six */
  readonly cores?: readonly CoreName[]
  readonly accelerators?: readonly Accelerator[]
  /** int8 inputs; default: `sampleInputs(model)` */
  readonly inputs?: readonly Int8Array[]
}

/**
 * Runs what is exported and compares it, tensor by tensor, with the evaluator whose accuracy was reported: the .tflite file in LiteRT, the
 * generated C on emulated Cortex-M cores. A tool that is not installed makes its part `not verified` and says how to install it. Never rejects.
 */
export async function verifyModel(model: QuantizedModel, options: VerifyOptions = {}): Promise<VerifyReport> {
  const inputs = options.inputs ?? sampleInputs(model)
  const file = isDeepStrictEqual(readTflite(writeTflite(model)).model, model) ? 'equal' : 'different'
  const litert = await compareLitert(model, inputs)
  const reports: CoreReport[] = []
  for (const core of options.cores ?? coreNames) reports.push(await emulate(model, core, inputs, options))
  const vela: VelaReport[] = []
  for (const accelerator of options.accelerators ?? []) if (isVelas(accelerator)) vela.push(await askVela(model, accelerator))
  return { status: verdict(file, [litert, ...reports, ...vela]), file, litert, cores: reports, vela }
}

/** A board too small for the network, or a tool that is absent, says nothing against it. */
function verdict(file: 'equal' | 'different', parts: readonly { readonly status: string }[]): VerifyReport['status'] {
  const silent = ['equal', 'not verified', 'does not fit']
  if (file === 'different' || parts.some((part) => !silent.includes(part.status))) return 'failed'
  return parts.some((part) => part.status === 'equal') ? 'verified' : 'not verified'
}
