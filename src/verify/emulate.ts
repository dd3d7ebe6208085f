import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CFiles, generateC } from '../export/c/generate.ts'
import { countGraph } from '../graph/count.ts'
import type { QuantizedModel } from '../quant/model.ts'
import { evaluateReference } from '../quant/reference.ts'
import { harness, inputsMagic } from './baremetal/harness.ts'
import { linkerScript } from './baremetal/linker.ts'
import { bareHeader, startup } from './baremetal/startup.ts'
import { type Core, type CoreName, cores } from './cores.ts'
import { sectionBytes } from './elf.ts'
import { runTool, type ToolRun } from './tool.ts'

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
  | { readonly status: 'fault' | 'timeout' | 'does not fit' | 'failed'; readonly message: string }
  | { readonly status: 'not verified'; readonly missing: string; readonly install: string }
)

export type EmulateOptions = {
  readonly compiler?: string
  readonly emulator?: string
  /** per run of the emulator (default 30) */
  readonly seconds?: number
}

const install = 'apt-get install gcc-arm-none-eabi qemu-system-arm'

/** Compiles the generated C for one core, runs it on the inputs under QEMU and compares every tensor with the evaluator. Never rejects. */
export async function emulate(
  model: QuantizedModel,
  core: CoreName,
  inputs: readonly Int8Array[],
  options: EmulateOptions = {},
): Promise<CoreReport> {
  const folder = await mkdtemp(join(tmpdir(), 'tinyfront-verify-'))
  try {
    const job: Job = {
      folder,
      core: cores[core],
      compiler: options.compiler ?? 'arm-none-eabi-gcc',
      emulator: options.emulator ?? 'qemu-system-arm',
      seconds: options.seconds ?? 30,
      shift: timerShift(model),
    }
    await writeProgram(job, generateC(model), inputs)
    const [checked, timed] = await Promise.all([
      buildAndRun(job, 'checked', ['-DTINYFRONT_ON_LAYER=on_layer', '-DCHECK_LAYERS']),
      buildAndRun(job, 'timed', []),
    ])
    const layers = layersOf(checked)
    const difference = firstDifference(model, inputs, layers)
    if (difference) return { core, status: 'different', ...difference }
    const layerInstructions = model.graph.ops.map((_, op) =>
      instructionsOf(
        layers.filter((layer) => layer.op === op),
        job,
      ),
    )
    const bytes = await modelBytes(join(folder, 'timed.o'))
    return { core, status: 'equal', inputs: inputs.length, ...bytes, ...measurements(timed, job), layerInstructions }
  } catch (cause) {
    if (cause instanceof Stop) return { core, ...cause.outcome }
    return { core, status: 'failed', message: (cause as Error).message }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

type Job = {
  readonly folder: string
  readonly core: Core
  readonly compiler: string
  readonly emulator: string
  readonly seconds: number
  /** one instruction is 2^shift ns of the timer */
  readonly shift: number
}

type Outcome =
  | { readonly status: 'fault' | 'timeout' | 'does not fit' | 'failed'; readonly message: string }
  | { readonly status: 'not verified'; readonly missing: string; readonly install: string }

/** The end of a verification that found no result. */
class Stop extends Error {
  readonly outcome: Outcome
  constructor(outcome: Outcome) {
    super(outcome.status)
    this.outcome = outcome
  }
}

/** The timer has 24 bits: fine ticks for small networks, coarse ones for large. 12 instructions a MAC is generous. */
const timerShift = (model: QuantizedModel): number => (countGraph(model.graph).macs * 12 > 40e6 ? 0 : 3)

async function writeProgram({ folder, core }: Job, files: CFiles, inputs: readonly Int8Array[]): Promise<void> {
  const block = new Uint8Array(16 + inputs.reduce((sum, x) => sum + x.length, 0))
  new DataView(block.buffer).setUint32(0, inputsMagic, true)
  new DataView(block.buffer).setUint32(4, inputs.length, true)
  inputs.forEach((x, n) => {
    block.set(new Uint8Array(x.buffer, x.byteOffset, x.length), 16 + n * x.length)
  })
  if (block.length > core.inputs[1])
    throw new Stop({ status: 'does not fit', message: 'more inputs than the emulated board can hold' })
  const texts: Record<string, string | Uint8Array> = {
    [files.headerName]: files.header,
    'model.c': files.source,
    'startup.c': startup,
    'bare.h': bareHeader,
    'harness.c': harness(files),
    'script.ld': linkerScript(core),
    'inputs.bin': block,
  }
  await Promise.all(Object.entries(texts).map(([name, data]) => writeFile(join(folder, name), data)))
}

async function buildAndRun(job: Job, name: string, defines: readonly string[]): Promise<string> {
  const { folder, core } = job
  const common = [...core.compilerFlags, '-O2', '-ffreestanding', '-ffunction-sections', '-fdata-sections', ...defines]
  const model = ['-std=c99', '-Wall', '-Wextra', '-Werror', '-c', 'model.c', '-o', `${name}.o`]
  await compile(job, [...common, ...model])
  const own = [
    '-std=gnu11',
    '-fno-tree-loop-distribute-patterns',
    `-DINPUTS=${core.inputs[0]}u`,
    'startup.c',
    'harness.c',
    `${name}.o`,
  ]
  const link = ['-nostdlib', '-nostartfiles', '-Wl,--gc-sections', '-T', 'script.ld', '-lgcc', '-o', `${name}.elf`]
  await compile(job, [...common, ...own, ...link])
  const run = await runTool(job.emulator, emulatorArgs(job, `${name}.elf`), folder, job.seconds)
  return guestOutput(run, job)
}

async function compile(job: Job, args: readonly string[]): Promise<void> {
  const run = await runTool(job.compiler, args, job.folder, 120)
  if (run.missing) throw new Stop({ status: 'not verified', missing: job.compiler, install })
  if (run.code === 0) return
  const overflow = /region `(CODE|RAM)' overflowed by (\d+) bytes/.exec(run.stderr)
  if (overflow)
    throw new Stop({
      status: 'does not fit',
      message: `${overflow[2]} bytes too many for the ${overflow[1] === 'CODE' ? 'flash' : 'RAM'} of the emulated board`,
    })
  throw new Stop({
    status: 'failed',
    message: `the C does not compile: ${firstLine(run.stderr, /error|undefined/) ?? 'no message'}`,
  })
}

function emulatorArgs({ core, shift }: Job, program: string): string[] {
  return [
    ...['-M', core.machine, ...core.machineArgs, '-nodefaults', '-display', 'none', '-monitor', 'none', '-serial', 'none'],
    // semihosting can run commands on the host: the sandbox forbids it
    ...['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'],
    ...['-icount', `shift=${shift}`],
    ...['-chardev', 'stdio,id=out', '-semihosting-config', 'enable=on,target=native,chardev=out'],
    ...['-device', `loader,file=inputs.bin,addr=${core.inputs[0]},force-raw=on`, '-kernel', program],
  ]
}

/** What the program printed, if it came to its end. */
function guestOutput(run: ToolRun, job: Job): string {
  if (run.missing) throw new Stop({ status: 'not verified', missing: job.emulator, install })
  if (run.timedOut) throw new Stop({ status: 'timeout', message: `no end after ${job.seconds} s of emulation` })
  const fault = firstLine(run.stdout, /^FAULT/)
  if (fault) throw new Stop({ status: 'fault', message: fault })
  if (run.signal)
    throw new Stop({ status: 'fault', message: `the emulator stopped with ${run.signal}: ${firstLine(run.stderr, /./) ?? ''}` })
  if (run.code !== 0 || !/^DONE$/m.test(run.stdout))
    throw new Stop({ status: 'failed', message: `exit code ${run.code}: ${firstLine(run.stderr, /./) ?? 'no message'}` })
  return run.stdout
}

const firstLine = (text: string, like: RegExp): string | undefined => text.split('\n').find((line) => like.test(line))

type Ticks = { readonly ticks: number; readonly wrapped: boolean }
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

/** The most over several runs; null where the timer ran over. */
function instructionsOf(runs: readonly Ticks[], { core, shift }: Job): number | null {
  if (runs.some(({ wrapped }) => wrapped)) return null
  return Math.round((Math.max(...runs.map(({ ticks }) => ticks)) * (1000 / core.sysTickMhz)) / 2 ** shift)
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
