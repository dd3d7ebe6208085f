import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { generateC } from '../../src/export/c/generate.ts'
import { metaHeader } from '../../src/export/c/meta-header.ts'
import { quantiseInput } from '../../src/quant/input.ts'
import { rng } from '../../src/util/rng.ts'
import { buildAndRun, onBareCore, writeProgram } from '../../src/verify/bare-program.ts'
import { hasArmTools } from '../helpers/arm-tools.ts'
import { hasHostCompiler } from '../helpers/host-c.ts'
import { randomModel } from '../helpers/random-model.ts'

vi.setConfig({ testTimeout: 120_000 })
const folder = mkdtempSync(join(tmpdir(), 'tinyfront-quantise-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const model = Array.from({ length: 60 }, (_, i) => randomModel(`q${i}`, { maxSide: 6 })).find((m) => m.graph.shapes[0]![2] > 2)!
const input = model.tensors[0]!
const channels = model.graph.shapes[0]![2]
const random = rng('quantise')
const offset = Array.from({ length: channels }, (_, c) => (c === 0 ? 0 : random.normal() * 10 ** (4 * c - 5)))
const scale = Array.from({ length: channels }, (_, c) => Math.exp(random.normal()) * 10 ** (2 - 2 * c))
const header = metaHeader(model, { name: 'q', labels: [], normalisation: { offset, scale }, frontEnd: {} })

/** float32 values around the border of every int8 value, up to four of their smallest steps away, and values of every size. */
function values(c: number): Float32Array {
  const near = Array.from({ length: 257 }, (_, i) => offset[c]! + ((i - 128.5 - input.zeroPoint) * input.scale) / scale[c]!)
  const step = (x: number, by: number) => {
    const bits = new Int32Array(Float32Array.of(x).buffer)
    bits[0]! += by
    return new Float32Array(bits.buffer)[0]!
  }
  const borders = near.flatMap((x) => [-4, -3, -2, -1, 0, 1, 2, 3, 4].map((by) => step(x, by)))
  const any = Array.from({ length: 500 }, () => random.normal() * 10 ** (random.int(60) - 30))
  return Float32Array.from([...borders, ...any, 0, -0, 1e-45, -1e-40, 3e38, -3e38, offset[c]!])
}
const all = Array.from({ length: channels }, (_, c) => values(c))
const expected = all.map((raw, c) =>
  quantiseInput(
    raw.map((v) => (v - offset[c]!) * scale[c]!),
    input,
  ),
)
const files = { [generateC(model).headerName]: generateC(model).header, 'tinyfront_meta.h': header }
const unit =
  '#include "tinyfront_meta.h"\nint8_t quantise(float raw, int32_t channel);\nint8_t quantise(float raw, int32_t channel) { return tinyfront_quantise(raw, channel); }\n'
const wanted = expected.flatMap((row) => Array.from(row))

test.skipIf(!hasHostCompiler)('on this machine: what training quantised, at the border of every int8 value', () => {
  const main = `#include <stdio.h>\n#include "tinyfront_meta.h"\nint main(void) { float v; for (int c = 0; c < ${channels}; c++) for (int i = 0; i < ${all[0]!.length}; i++) { if (fread(&v, 4, 1, stdin) != 1) return 1; putchar(tinyfront_quantise(v, c) & 255); } return 0; }\n`
  for (const [name, text] of Object.entries({ ...files, 'main.c': main })) writeFileSync(join(folder, name), text)
  execFileSync('cc', ['-std=c99', '-O2', '-Wall', '-Wextra', '-Werror', 'main.c', '-o', 'check'], { cwd: folder })
  const bytes = Buffer.concat(all.map((v) => Buffer.from(v.buffer)))
  expect(Array.from(new Int8Array(execFileSync(join(folder, 'check'), { input: bytes })))).toEqual(wanted)
  expect(new Set(wanted).size).toBe(256)
})

describe.skipIf(!hasArmTools)('emulated', () => {
  test.each(['cortex-m0', 'cortex-m4', 'cortex-m33'] as const)('%s: the same, without arithmetic on doubles', async (core) => {
    const harness = `#include "bare.h"
int8_t quantise(float raw, int32_t channel);
int run(void) {
  const uint32_t *const block = (const uint32_t *)INPUTS;
  const float *value = (const float *)(block + 4);
  for (int32_t c = 0; c < ${channels}; c++)
    for (int32_t i = 0; i < ${all[0]!.length}; i++) {
      put_number((uint8_t)quantise(*value++, c));
      put_text(" ");
    }
  put_text("\\nDONE\\n");
  return 0;
}
`
    let symbols = ''
    const said = await onBareCore(core, 0, { seconds: 60 }, async (job) => {
      const inputs = all.map((v) => new Int8Array(v.buffer))
      await writeProgram(job, { ...files, 'unit.c': unit, 'harness.c': harness }, inputs)
      const text = await buildAndRun(job, 'unit.c', 'unit', [])
      symbols = execFileSync('arm-none-eabi-nm', ['unit.elf'], { cwd: job.folder, encoding: 'utf8' })
      return text
    })
    if (typeof said !== 'string') throw new Error(JSON.stringify(said))
    expect(Array.from(new Int8Array(Uint8Array.from(said.split('\n')[0]!.trim().split(' '), Number).buffer))).toEqual(wanted)
    expect(symbols).not.toMatch(/__aeabi_(d|f2d|i2d|ui2d|l2d)/)
  })
})
