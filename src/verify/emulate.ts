import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateC } from '../export/c/generate.ts'
import { countGraph } from '../graph/count.ts'
import type { QuantizedModel } from '../quant/model.ts'
import { evaluateReference } from '../quant/reference.ts'
import {
  buildAndRun,
  type EmulateOptions,
  instructionsOf,
  type Job,
  type Outcome,
  onBareCore,
  type Ticks,
  writeProgram,
} from './bare-program.ts'
import { harness } from './baremetal/harness.ts'
import type { CoreName } from './cores.ts'
import { sectionBytes } from './elf.ts'

/** What an emulated core found out about the generated C of a network. */
export type CoreReport = { readonly core: CoreName } & (
  | {
      /** every tensor of every input has the evaluator's bits */
      readonly status: 'equal'
      readonly inputs: number
      /** kernels of the network, and its weights and tables: sections of its object file, with what it takes from the compiler's library left out */
      readonly codeBytes: number
      readonly constantBytes: number
      /** the arena */
      readonly ramBytes: number
      /** deepest stack below the caller of `tinyfront_invoke`, by painting */
      readonly stackBytes: number
      /** instructions of one inference (the most over the inputs), exact to a few; null where the timer ran over */
      readonly instructions: number | null
      /** the same of each operator */
      readonly layerInstructions: readonly (number | null)[]
    }
  | { readonly status: 'different'; readonly input: number; readonly op: number; readonly kind: string }
  | Outcome
)

/** Compiles the generated C for one core, runs it on the inputs under QEMU and compares every tensor with the evaluator. Never rejects. */
export async function emulate(
  model: QuantizedModel,
  core: CoreName,
  inputs: readonly Int8Array[],
  options: EmulateOptions = {},
): Promise<CoreReport> {
  const files = generateC(model)
  const report = await onBareCore(core, timerShift(model), options, async (job) => {
    const texts = { [files.headerName]: files.header, 'model.c': files.source, 'harness.c': harness(files) }
    await writeProgram(job, texts, inputs)
    const [checked, timed] = await Promise.all([
      buildAndRun(job, 'model.c', 'checked', ['-DTINYFRONT_ON_LAYER=on_layer', '-DCHECK_LAYERS']),
      buildAndRun(job, 'model.c', 'timed', []),
    ])
    const layers = layersOf(checked)
    const difference = firstDifference(model, inputs, layers)
    if (difference) return { status: 'different', ...difference } as const
    const layerInstructions = model.graph.ops.map((_, op) =>
      instructionsOf(
        layers.filter((layer) => layer.op === op),
        job,
      ),
    )
    const bytes = await modelBytes(join(job.folder, 'timed.o'))
    return { status: 'equal', inputs: inputs.length, ...bytes, ...measurements(timed, job), layerInstructions } as const
  })
  return { core, ...report }
}

/** The timer has 24 bits: fine ticks for small networks, coarse ones for large. 12 instructions a MAC is generous. */
const timerShift = (model: QuantizedModel): number => (countGraph(model.graph).macs * 12 > 40e6 ? 0 : 3)

type LayerLine = Ticks & { readonly input: number; readonly op: number; readonly sum: number }

const layersOf = (output: string): LayerLine[] =>
  [...output.matchAll(/^L (\d+) (\d+) (\d+) (\d+) (\d)$/gm)].map((m) => {
    const [input, op, sum, ticks, wrapped] = m.slice(1).map(Number) as [number, number, number, number, number]
    return { input, op, sum, ticks, wrapped: wrapped === 1 }
  })

function firstDifference(model: QuantizedModel, inputs: readonly Int8Array[], layers: readonly LayerLine[]) {
  const sums = new Map(layers.map(({ input, op, sum }) => [`${input} ${op}`, sum]))
  for (let input = 0; input < inputs.length; input++) {
    const tensors = evaluateReference(model, inputs[input]!, 'tflm')
    for (let op = 0; op < model.graph.ops.length; op++)
      if (sums.get(`${input} ${op}`) !== checksum(tensors[op + 1]!)) return { input, op, kind: model.graph.ops[op]!.kind }
  }
  return undefined
}

/** FNV-1a, as the harness computes it. */
export function checksum(values: Int8Array): number {
  let hash = 2166136261
  for (let i = 0; i < values.length; i++) hash = Math.imul(hash ^ (values[i]! & 255), 16777619)
  return hash >>> 0
}

async function modelBytes(object: string) {
  const { code, constants, data, zeroed } = sectionBytes(await readFile(object))
  return { codeBytes: code, constantBytes: constants + data, ramBytes: data + zeroed }
}

function measurements(output: string, job: Job) {
  const rows = [...output.matchAll(/^V \d+ (\d+) (\d+) (\d)$/gm)].map((m) => m.slice(1).map(Number) as [number, number, number])
  return {
    stackBytes: Math.max(...rows.map(([stack]) => stack)),
    instructions: instructionsOf(
      rows.map(([, ticks, wrapped]) => ({ ticks, wrapped: wrapped === 1 })),
      job,
    ),
  }
}
