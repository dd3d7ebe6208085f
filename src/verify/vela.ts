import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { mapOperators } from '../device/accelerator/mapping.ts'
import type { Accelerator } from '../device/accelerator/schema.ts'
import { writeTflite } from '../export/tflite-write.ts'
import type { QuantizedModel } from '../quant/model.ts'
import { runTool } from './tool.ts'

/** What Arm's compiler for Ethos-U says about an exported network on one configuration. All figures are Vela's own estimates. */
export type VelaReport =
  /** Vela places every operator where the mapping check does. */
  | ({ readonly status: 'equal' } & VelaFacts)
  | ({ readonly status: 'different'; readonly ops: readonly PlacedElsewhere[] } & VelaFacts)
  | { readonly status: 'failed'; readonly configuration: string; readonly message: string }
  | { readonly status: 'not verified'; readonly configuration: string; readonly missing: string; readonly install: string }

export type VelaFacts = {
  readonly configuration: string
  /** Of the accelerator, for one inference. */
  readonly cycles: number
  readonly sramBytes: number
  /** Weights as Vela compresses them, and commands, in flash or DRAM. */
  readonly flashBytes: number
  /** Operators that Vela leaves to the CPU. */
  readonly onCpu: readonly { readonly op: number; readonly reason: string }[]
}
type PlacedElsewhere = { readonly op: number; readonly kind: string; readonly vela: 'accelerator' | 'cpu' }

/** Whether an accelerator is one that Vela compiles for. */
export const isVelas = ({ compiler }: Accelerator): boolean => compiler === 'Vela'

const install = 'pip install ethos-u-vela, and put it on the PATH or its path into VELA'
const seconds = 120

/**
 * Runs Vela on the .tflite file of a network and compares where it places each operator with `mapOperators`. The program is `VELA`, or `vela` on the
 * PATH. Never rejects.
 */
export async function askVela(model: QuantizedModel, accelerator: Accelerator): Promise<VelaReport> {
  const configuration = accelerator.id
  const folder = mkdtempSync(join(tmpdir(), 'tinyfront-vela-'))
  try {
    writeFileSync(join(folder, 'model.tflite'), writeTflite(model))
    const program = programOf(process.env.VELA)
    const run = await runTool(
      program,
      ['model.tflite', '--accelerator-config', configuration, '--output-dir', 'out'],
      folder,
      seconds,
    )
    if (run.missing) return { status: 'not verified', configuration, missing: program, install }
    if (run.code !== 0)
      return {
        status: 'failed',
        configuration,
        message: run.timedOut ? `no answer in ${seconds} s` : lastLine(run.stderr || run.stdout),
      }
    const facts = { configuration, ...summaryIn(join(folder, 'out')), onCpu: leftIn(run.stdout) }
    const ops = placedElsewhere(model, accelerator, new Set(facts.onCpu.map(({ op }) => op)))
    return ops.length === 0 ? { status: 'equal', ...facts } : { status: 'different', ...facts, ops }
  } catch (cause) {
    return { status: 'failed', configuration, message: cause instanceof Error ? cause.message : String(cause) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A path is one from where the person stands: Vela runs in a folder of its own. */
const programOf = (named = 'vela'): string => (/[\\/]/.test(named) ? resolve(named) : named)

function placedElsewhere({ graph }: QuantizedModel, accelerator: Accelerator, left: ReadonlySet<number>): PlacedElsewhere[] {
  return mapOperators(graph, accelerator).flatMap(({ on }, op) => {
    const vela = left.has(op) ? 'cpu' : 'accelerator'
    return on === vela ? [] : [{ op, kind: graph.ops[op]!.kind, vela }]
  })
}

/** `Warning (supported operators) operator: CONV_2D, ofm: 't3_act'` and its reason: our writer names the output of operator i `t${i + 1}`. */
function leftIn(text: string): VelaFacts['onCpu'] {
  const left = new Map<number, string>()
  for (const [, tensor, reason] of text.matchAll(/^Warning \([^)]*\) operator: \w+, ofm: 't(\d+)[^']*'\r?\n(.*)$/gm))
    left.set(Number(tensor) - 1, (reason ?? '').replace(/^Reason: /, '').trim())
  return [...left].sort(([a], [b]) => a - b).map(([op, reason]) => ({ op, reason }))
}

/** The one line of figures that Vela writes beside the file. */
function summaryIn(folder: string): Pick<VelaFacts, 'cycles' | 'sramBytes' | 'flashBytes'> {
  const name = readdirSync(folder).find((file) => file.includes('_summary_') && file.endsWith('.csv'))
  if (name === undefined) throw new Error('Vela wrote no summary')
  const [titles = [], values = []] = readFileSync(join(folder, name), 'utf8')
    .trim()
    .split(/\r?\n/)
    .map((row) => row.split(','))
  const of = (title: string): number => {
    const value = Number(values[titles.indexOf(title)])
    if (!Number.isFinite(value)) throw new Error(`the summary of Vela has no number for ${title}`)
    return value
  }
  return {
    cycles: of('cycles_total'),
    sramBytes: 1024 * of('sram_memory_used'),
    flashBytes: 1024 * (of('off_chip_flash_memory_used') + of('on_chip_flash_memory_used') + of('dram_memory_used')),
  }
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? ''
