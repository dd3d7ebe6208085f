import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type FrontEndC, frontEndNames } from '../export/c/log-mel.ts'
import { buildAndRun, type EmulateOptions, instructionsOf, type Outcome, onBareCore, writeProgram } from './bare-program.ts'
import { frontEndHarness } from './baremetal/front-end-harness.ts'
import type { CoreName } from './cores.ts'
import { sectionBytes } from './elf.ts'

/** What an emulated core made of windows of samples. */
export type FrontEndReport =
  | {
      readonly status: 'ran'
      /** one row a window */
      readonly rows: readonly Int8Array[]
      /** instructions of one window (the most of them); null where the timer ran over */
      readonly instructions: number | null
      readonly codeBytes: number
      readonly constantBytes: number
      readonly ramBytes: number
    }
  | Outcome

/** Compiles the C of a front end for one core and runs it on windows of samples under QEMU. Never rejects. */
export const emulateFrontEnd = (
  front: FrontEndC,
  core: CoreName,
  windows: readonly Int16Array[],
  options: EmulateOptions = {},
): Promise<FrontEndReport> =>
  onBareCore(core, 3, options, async (job) => {
    const texts = {
      [frontEndNames.header]: front.header,
      [frontEndNames.source]: front.source,
      'harness.c': frontEndHarness(frontEndNames.header),
    }
    await writeProgram(job, texts, windows)
    const said = await buildAndRun(job, frontEndNames.source, 'front', [])
    const { code, constants, data, zeroed } = sectionBytes(await readFile(join(job.folder, 'front.o')))
    const lines = [...said.matchAll(/^R (\S+) (\d+) (\d)$/gm)]
    const ticks = lines.map(([, , t, wrapped]) => ({ ticks: Number(t), wrapped: wrapped === '1' }))
    return {
      status: 'ran',
      rows: lines.map(([, hex]) => Int8Array.from(Buffer.from(hex!, 'hex'))),
      instructions: instructionsOf(ticks, job),
      codeBytes: code,
      constantBytes: constants + data,
      ramBytes: zeroed + data,
    } as const
  })
