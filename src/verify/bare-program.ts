import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inputsMagic } from './baremetal/harness.ts'
import { linkerScript } from './baremetal/linker.ts'
import { bareHeader, startup } from './baremetal/startup.ts'
import { type Core, type CoreName, cores } from './cores.ts'
import { runTool, type ToolRun } from './tool.ts'

export type EmulateOptions = {
  readonly compiler?: string
  readonly emulator?: string
  /** per run of the emulator (default 30) */
  readonly seconds?: number
}

const install = 'apt-get install gcc-arm-none-eabi qemu-system-arm'

/** One program for one core, in a folder of its own. */
export type Job = {
  readonly folder: string
  readonly core: Core
  readonly compiler: string
  readonly emulator: string
  readonly seconds: number
  /** one instruction is 2^shift ns of the timer */
  readonly shift: number
}

export type Outcome =
  | { readonly status: 'fault' | 'timeout' | 'does not fit' | 'failed'; readonly message: string }
  | { readonly status: 'not verified'; readonly missing: string; readonly install: string }

/** The end of a verification that found no result. */
export class Stop extends Error {
  readonly outcome: Outcome
  constructor(outcome: Outcome) {
    super(outcome.status)
    this.outcome = outcome
  }
}

/** Does `work` in a folder that is gone afterwards; what stops it becomes its outcome. */
export async function onBareCore<T>(
  core: CoreName,
  shift: number,
  options: EmulateOptions,
  work: (job: Job) => Promise<T>,
): Promise<T | Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'tinyfront-verify-'))
  const { compiler = 'arm-none-eabi-gcc', emulator = 'qemu-system-arm', seconds = 30 } = options
  try {
    return await work({ folder, core: cores[core], compiler, emulator, seconds, shift })
  } catch (cause) {
    if (cause instanceof Stop) return cause.outcome
    return { status: 'failed', message: (cause as Error).message }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Writes the program's files, and the block of inputs that the emulator puts into its memory. */
export async function writeProgram(
  { folder, core }: Job,
  files: Readonly<Record<string, string>>,
  inputs: readonly (Int8Array | Int16Array)[],
): Promise<void> {
  const bytes = inputs.map((x) => new Uint8Array(x.buffer, x.byteOffset, x.byteLength))
  const block = new Uint8Array(16 + bytes.reduce((sum, x) => sum + x.length, 0))
  new DataView(block.buffer).setUint32(0, inputsMagic, true)
  new DataView(block.buffer).setUint32(4, inputs.length, true)
  bytes.forEach((x, n) => {
    block.set(x, 16 + n * x.length)
  })
  if (block.length > core.inputs[1])
    throw new Stop({ status: 'does not fit', message: 'more inputs than the emulated board can hold' })
  const texts = { ...files, 'startup.c': startup, 'bare.h': bareHeader, 'script.ld': linkerScript(core), 'inputs.bin': block }
  await Promise.all(Object.entries(texts).map(([name, data]) => writeFile(join(folder, name), data)))
}

/** Compiles `unit` (what is under test, strictly) and `harness.c`, runs them, and gives what the program printed. */
export async function buildAndRun(job: Job, unit: string, name: string, defines: readonly string[]): Promise<string> {
  const { folder, core } = job
  const common = [...core.compilerFlags, '-O2', '-ffreestanding', '-ffunction-sections', '-fdata-sections', ...defines]
  const model = ['-std=c99', '-Wall', '-Wextra', '-Werror', '-c', unit, '-o', `${name}.o`]
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

export type Ticks = { readonly ticks: number; readonly wrapped: boolean }

/** The most over several runs; null where the timer ran over. */
export function instructionsOf(runs: readonly Ticks[], { core, shift }: Job): number | null {
  if (runs.some(({ wrapped }) => wrapped)) return null
  return Math.round((Math.max(...runs.map(({ ticks }) => ticks)) * (1000 / core.sysTickMhz)) / 2 ** shift)
}
