import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { microBenchmarks } from '../../../src/device/benchmarks.ts'
import { withRandomWeights } from '../../../src/export/bundle/benchmark.ts'
import { generateC } from '../../../src/export/c/generate.ts'
import { goldenVector } from '../../../src/export/sample.ts'
import { calibrate } from '../../../src/run/boards/calibrate.ts'
import { emitBenchmarks } from '../../../src/run/boards/emit.ts'
import { readBoard } from '../../../src/run/boards/serial.ts'
import { boardLine, timedNetworks, withTimed } from '../../../src/run/boards/serial-log.ts'
import { buildAndRun, onBareCore, writeProgram } from '../../../src/verify/bare-program.ts'
import { inputsMagic } from '../../../src/verify/baremetal/harness.ts'
import { hasArmTools } from '../../helpers/arm-tools.ts'
import { hasHostCompiler } from '../../helpers/host-c.ts'

const folder = mkdtempSync(join(tmpdir(), 'tinyfront-serial-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('lines of networks are found among all that a port prints', () => {
  expect(boardLine('{"model":"a/a.tflite","latencyMs":1.5}')).toEqual({ kind: 'timed', model: 'a/a.tflite', latencyMs: 1.5 })
  expect(boardLine('\u0000boot> [12] {"model":"a/a.tflite","latencyMs":2,"arenaBytes":900} ok')).toMatchObject({
    arenaBytes: 900,
  })
  expect(boardLine('{"model":"b/b.tflite","wrong":true}')).toEqual({ kind: 'wrong', model: 'b/b.tflite' })
  const others = [
    '',
    'ready',
    '{"model":"a/a.tfl',
    '{"model":"a/a.tflite","latencyMs":0}',
    '{"model":"../../etc/passwd","latencyMs":1}',
  ]
  for (const other of [...others, '{"model":"/a/a.tflite","latencyMs":1}', '{}{"x":']) expect(boardLine(other)).toBeUndefined()
  fc.assert(fc.property(fc.string(), (text) => void boardLine(text)))
})

test('the median of what was told; a network that computed something else is left out', () => {
  const line = (model: string, latencyMs: number) => ({ kind: 'timed' as const, model, latencyMs })
  const said = [
    line('a/a.tflite', 3),
    line('a/a.tflite', 1),
    line('b/b.tflite', 9),
    line('a/a.tflite', 2),
    { kind: 'wrong' as const, model: 'b/b.tflite' },
  ]
  expect(timedNetworks(said)).toEqual({ timed: [{ model: 'a/a.tflite', latencyMs: 2, lines: 3 }], wrong: ['b/b.tflite'] })
})

test('rows of the same network are replaced, others stay; a column of RAM comes where it is told', () => {
  const row = { model: 'a/a.tflite', latencyMs: 2, lines: 1 }
  expect(withTimed('', [row])).toBe('model,latencyMs\na/a.tflite,2\n')
  expect(withTimed('model,latencyMs\n# mine\nb/b.tflite,7\na/a.tflite,1\n', [row])).toBe(
    'model,latencyMs\n# mine\nb/b.tflite,7\na/a.tflite,2\n',
  )
  expect(withTimed('model,latencyMs\nb/b.tflite,7\n', [{ ...row, arenaBytes: 800 }])).toBe(
    'model,latencyMs,arenaBytes\nb/b.tflite,7\na/a.tflite,2,800\n',
  )
})

test('a log without a network, and one that is not there: two lines', async () => {
  const log = join(folder, 'empty.log')
  writeFileSync(log, 'hello\n')
  await expect(readBoard({ from: log, table: join(folder, 't.csv') })).rejects.toMatchObject({ kind: 'usage', remedy: /--emit/ })
  await expect(readBoard({ from: join(folder, 'no.log'), table: join(folder, 't.csv') })).rejects.toMatchObject({ kind: 'usage' })
})

test.skipIf(!hasHostCompiler)('the sketch that --emit writes prints what --serial reads', async () => {
  const at = join(folder, 'sketches')
  emitBenchmarks(at)
  const { name } = microBenchmarks[0]!
  const arduino = `#include <stdio.h>
static unsigned long now; static int left = 3;
struct Port { void begin(int) {} operator bool() { return true; } void print(const char *s) { printf("%s", s); } void print(double v, int d) { printf("%.*f", d, v); } void println(const char *s) { puts(s); } };
static Port Serial;
static unsigned long micros() { return now += 1000; }
static unsigned long millis() { return 0; }
static void delay(int) { left--; }
#include "${name}.ino"
int main() { puts("rst:0x1 (POWERON)"); setup(); while (left) loop(); }
`
  writeFileSync(join(at, name, 'main.cpp'), arduino)
  const cwd = join(at, name)
  execFileSync('cc', ['-O2', '-c', 'tinyfront_model.c', '-o', 'model.o'], { cwd })
  execFileSync('c++', ['-O2', 'main.cpp', 'model.o', '-o', 'board'], { cwd })
  writeFileSync(join(at, 'port.log'), execFileSync(join(cwd, 'board')))
  const { timed } = await readBoard({ from: join(at, 'port.log'), table: join(at, 'measurements.csv') })
  expect(timed).toEqual([{ model: `${name}/${name}.tflite`, latencyMs: 1, lines: 3 }])
  expect(readFileSync(join(at, 'measurements.csv'), 'utf8')).toBe(`model,latencyMs\n${name}/${name}.tflite,1\n`)
})

/** A board that times a network by its own counter and prints the line, as the sketch does. */
const simulated = (name: string, header: string, sample: Int8Array) => `#include "bare.h"
#include "${header}"
#define REGISTER(address) (*(volatile uint32_t *)(address))
static const int8_t sample[] = {${sample.join(',')}};
int run(void) {
  if (((const uint32_t *)INPUTS)[0] != 0x${inputsMagic.toString(16)}u) return 3;
  REGISTER(0xE000E014u) = 0xFFFFFFu;
  REGISTER(0xE000E018u) = 0u;
  REGISTER(0xE000E010u) = 5u;
  const uint32_t from = REGISTER(0xE000E018u);
  tinyfront_invoke(sample, 0);
  const uint32_t us = ((from - REGISTER(0xE000E018u)) & 0xFFFFFFu) / 25u; /* SysTick counts 25 MHz */
  put_text("{\\"model\\":\\"${name}/${name}.tflite\\",\\"latencyMs\\":");
  put_number(us / 1000u);
  put_text(".");
  put_number(1000u + us % 1000u);
  put_text("}\\nDONE\\n");
  return 0;
}
`

describe.skipIf(!hasArmTools)('a board that QEMU simulates', () => {
  test('prints its times, --serial takes them down, and the fit predicts it better than the published coefficients', async () => {
    const at = join(folder, 'simulated')
    emitBenchmarks(at)
    const log: string[] = []
    for (const { name, graph } of microBenchmarks) {
      const model = withRandomWeights(graph, name)
      const c = generateC(model)
      const said = await onBareCore('cortex-m4', 3, {}, async (job) => {
        const files = {
          [c.headerName]: c.header,
          'model.c': c.source,
          'harness.c': simulated(name, c.headerName, goldenVector(model).input),
        }
        await writeProgram(job, files, [])
        return buildAndRun(job, 'model.c', 'board', [])
      })
      if (typeof said !== 'string') throw new Error(`${name}: ${JSON.stringify(said)}`)
      // milliseconds come as 12.1345: the 1 stands before three digits
      log.push(said.replace(/(\d+)\.1(\d{3})\}/, '$1.$2}'))
    }
    writeFileSync(join(at, 'port.log'), log.join('some noise\n'))
    const table = join(at, 'measurements.csv')
    const { timed } = await readBoard({ from: join(at, 'port.log'), table })
    expect(timed).toHaveLength(microBenchmarks.length)
    const { mape } = calibrate({ target: 'stm32f446:tinyfront-c', measurements: table, out: join(at, 'fitted.json') })
    expect(mape.leftOut).toBeLessThan(mape.before)
    expect(mape.leftOut).toBeLessThan(0.3)
  })
})
