import type { Accelerator } from '../../device/accelerator/schema.ts'
import type { Target } from '../../device/schema.ts'
import { readTflite } from '../../export/tflite-read.ts'
import type { Shape } from '../../graph/graph.ts'
import type { QuantizedModel, QuantParams } from '../../quant/model.ts'
import { formatBytes, formatCount } from '../../util/units.ts'
import type { LitertReport } from '../../verify/compare-litert.ts'
import { emulatedCore } from '../../verify/cores.ts'
import type { CoreReport } from '../../verify/emulate.ts'
import type { VelaReport } from '../../verify/vela.ts'
import { verifyModel } from '../../verify/verify-model.ts'
import type { Check } from '../record/notes.ts'

/** Quantised examples for a network of this input. */
export type Examples = (shape: Shape, params: QuantParams) => Int8Array[]

/** What a network is checked for: cores that may be emulated, accelerators whose compiler may be asked. */
export type Hardware = { readonly cores: readonly string[]; readonly accelerators: readonly Accelerator[] }

export const hardwareOf = (targets: readonly Target[]): Hardware => ({
  cores: targets.map((t) => t.device.core),
  accelerators: [
    ...new Map(targets.flatMap(({ runtime: { accelerator: a } }) => (a === undefined ? [] : [[a.id, a] as const]))).values(),
  ],
})

/** The file that is offered, read again and run again on whatever there is: LiteRT, the emulated core of each board, and the accelerators' compiler. */
export async function checkFile(file: Uint8Array, hardware: Hardware, examples?: Examples): Promise<Check[]> {
  const { model } = readTflite(file)
  return checkModel(model, hardware, examples)
}

/** The same for a network in hand; without examples inputs are made up. */
export async function checkModel(
  model: QuantizedModel,
  { cores: named, accelerators }: Hardware,
  examples?: Examples,
): Promise<Check[]> {
  const cores = [...new Set(named.flatMap((core) => emulatedCore(core) ?? []))]
  const report = await verifyModel(model, {
    cores,
    accelerators,
    ...(examples ? { inputs: examples(model.graph.shapes[0]!, model.tensors[0]!) } : {}),
  })
  return [
    { name: '.tflite read again', status: report.file, detail: 'the same network' },
    litertCheck(report.litert),
    ...report.cores.map(coreCheck),
    ...report.vela.map(velaCheck),
  ]
}

function litertCheck(report: LitertReport): Check {
  const name = 'LiteRT'
  switch (report.status) {
    case 'equal':
      return { name, status: 'equal', detail: `every tensor of ${report.inputs} examples` }
    case 'not verified':
      return { name, status: 'not verified', detail: `not installed: ${report.install}` }
    case 'different':
      return { name, status: 'different', detail: `operator ${report.op} (${report.kind}) of example ${report.input}` }
    default:
      return { name, status: 'different', detail: report.message }
  }
}

function coreCheck(report: CoreReport): Check {
  const name = `generated C on emulated ${report.core}`
  switch (report.status) {
    case 'equal': {
      const flash = formatBytes(report.codeBytes + report.constantBytes)
      const instructions = report.instructions === null ? '' : `, ${formatCount(report.instructions)} instructions`
      return {
        name,
        status: 'equal',
        detail: `every tensor of ${report.inputs} examples; ${flash} flash, ${formatBytes(report.ramBytes)} arena, ${formatBytes(report.stackBytes)} stack${instructions}`,
        emulated: { core: report.core, layerInstructions: report.layerInstructions },
      }
    }
    case 'not verified':
      return { name, status: 'not verified', detail: `${report.missing} is missing: ${report.install}` }
    case 'does not fit':
      return { name, status: 'not verified', detail: `does not fit the emulated board: ${report.message}` }
    case 'different':
      return { name, status: 'different', detail: `operator ${report.op} (${report.kind}) of example ${report.input}` }
    default:
      return { name, status: 'different', detail: `${report.status}: ${report.message}` }
  }
}

function velaCheck(report: VelaReport): Check {
  const name = `Vela for ${report.configuration}`
  switch (report.status) {
    case 'not verified':
      return { name, status: 'not verified', detail: `${report.missing} is missing: ${report.install}` }
    case 'failed':
      return { name, status: 'different', detail: report.message }
    case 'different': {
      const [first] = report.ops
      return { name, status: 'different', detail: `operator ${first!.op} (${first!.kind}) goes to the ${first!.vela}, says Vela` }
    }
    case 'equal': {
      const { onCpu, cycles, sramBytes, flashBytes } = report
      const left =
        onCpu.length === 0 ? 'every operator on the accelerator' : `operators ${onCpu.map((o) => o.op).join(', ')} on the CPU`
      const says = `${formatCount(cycles)} cycles, ${formatBytes(sramBytes)} SRAM, ${formatBytes(flashBytes)} weights and commands`
      return { name, status: 'equal', detail: `${left}; its estimate: ${says}` }
    }
  }
}
