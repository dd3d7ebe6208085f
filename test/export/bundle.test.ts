import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { defaultLogMel, logMel } from '../../src/data/log-mel.ts'
import { exportModel } from '../../src/export/bundle/bundle.ts'
import type { ExportFile } from '../../src/export/bundle/file.ts'
import { exportFormats } from '../../src/export/bundle/formats.ts'
import type { ExportMeta } from '../../src/export/meta.ts'
import { goldenVector } from '../../src/export/sample.ts'
import { readTflite } from '../../src/export/tflite-read.ts'
import { quantiseInput } from '../../src/quant/input.ts'
import { evaluateReference } from '../../src/quant/reference.ts'
import { hasHostCompiler, strictFlags } from '../helpers/host-c.ts'
import { randomModel } from '../helpers/random-model.ts'

// compilers and runtimes are slow on a busy machine
vi.setConfig({ testTimeout: 120_000 })

const model = randomModel('bundle', { kinds: ['conv2d', 'depthwise', 'add', 'mean'], maxOps: 6 })
const channels = model.graph.shapes[0]![2]
const outputs = model.graph.shapes.at(-1)!.reduce((a, b) => a * b)
const meta: ExportMeta = {
  name: 'Wake "word" 1*/',
  labels: Array.from({ length: outputs }, (_, i) => `lábel "${i}"?`),
  normalisation: { offset: Array(channels).fill(0.25), scale: Array(channels).fill(1.5) },
  frontEnd: { kind: 'log-mel', sampleRate: 16000, bands: { low: 20.5, mel: true }, axes: ['x', 'y'] },
}
const text = (files: readonly ExportFile[], path: string): string => {
  const file = files.find((f) => f.path === path)
  if (!file) throw new Error(`no ${path} among ${files.map((f) => f.path).join(', ')}`)
  return typeof file.data === 'string' ? file.data : new TextDecoder('latin1').decode(file.data)
}

test.each(exportFormats)('%s describes itself in model.json, with a sample that is right', (format) => {
  const files = exportModel(model, meta, format)
  expect(new Set(files.map((f) => f.path)).size).toBe(files.length)
  const json = JSON.parse(text(files, 'model.json'))
  expect(json).toMatchObject({
    schemaVersion: 1,
    name: meta.name,
    output: { labels: meta.labels },
    input: { frontEnd: meta.frontEnd },
  })
  expect(evaluateReference(model, Int8Array.from(json.sample.input), 'tflm').at(-1)).toEqual(Int8Array.from(json.sample.output))
})

test('the .tflite file of a bundle is the model', () => {
  const file = exportModel(model, meta, 'tflite').find((f) => f.path === 'wake-word-1.tflite')
  expect(readTflite(file!.data as Uint8Array).model).toEqual(model)
})

test('c-array: the bytes of the file, one registration an operator', () => {
  const files = exportModel(model, meta, 'c-array')
  const bytes = [...text(files, 'model_data.cc').matchAll(/ (\d+),/g)].map((m) => Number(m[1]))
  expect(readTflite(Uint8Array.from(bytes)).model).toEqual(model)
  const runner = text(files, 'model_runner.cc')
  const kinds = new Set(model.graph.ops.map((op) => op.kind))
  expect(runner).toContain(`MicroMutableOpResolver<${kinds.size}>`)
  expect(runner.match(/resolver\.Add\w+\(\)/g)?.length).toBe(kinds.size)
})

test('c-array: kernels for int8 alone are left to operators without weights in 4 bits', () => {
  const narrow = randomModel(4, { kinds: ['conv2d', 'depthwise'], maxOps: 5, int4: 'all' })
  expect(new Set(narrow.graph.ops.map((op) => op.kind)).size).toBe(2)
  expect(text(exportModel(narrow, meta, 'c-array'), 'model_runner.cc')).not.toContain('_INT8()')
  expect(text(exportModel(model, meta, 'c-array'), 'model_runner.cc')).toContain('_INT8()')
})

describe.skipIf(!hasHostCompiler)('what is exported compiles and tests itself', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tinyfront-bundle-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  const write = (name: string, files: readonly ExportFile[]): string => {
    for (const { path, data } of files) {
      const to = join(folder, name, path)
      mkdirSync(dirname(to), { recursive: true })
      writeFileSync(to, data)
    }
    return join(folder, name)
  }
  const build = (compiler: string, cwd: string, args: readonly string[]) =>
    execFileSync(compiler, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' })

  test('c, with labels, names and comments that try to break out', () => {
    const cwd = write('c', exportModel(model, meta, 'c'))
    build('cc', cwd, [...strictFlags, 'tinyfront_model.c', 'main.c', '-o', 'check'])
    expect(spawnSync(join(cwd, 'check')).status).toBe(0)
  })

  test('two networks under prefixes of their own in one program; a label that reads like a symbol stays', () => {
    const other = randomModel('prefix', { maxSide: 8 })
    const labels = ['tinyfront_cat', 'say "tinyfront_x" \\', ...(meta.labels ?? [])].slice(0, meta.labels.length)
    const files = [
      ...exportModel(model, { ...meta, labels }, 'c', 'voice'),
      ...exportModel(other, { ...meta, labels: [] }, 'c', 'Motion'),
    ]
    const text = files.filter((f) => f.path !== 'model.json').map((f) => (f.path === 'voice_meta.h' ? '' : f.data))
    expect(text.join('\n')).not.toMatch(/tinyfront_/i)
    const main = `#include <string.h>
#include "voice_meta.h"
#include "voice_sample.h"
#include "Motion_meta.h"
#include "Motion_sample.h"
int main(void) { return voice_self_test() != 0 || Motion_self_test() != 0 || strcmp(voice_label(0), "tinyfront_cat") != 0; }
`
    const cwd = write('two', [...files.filter((f) => f.path !== 'main.c'), { path: 'main.c', data: main }])
    build('cc', cwd, ['-std=c99', '-O2', 'voice_model.c', 'Motion_model.c', 'main.c', '-o', 'check'])
    expect(spawnSync(join(cwd, 'check')).status).toBe(0)
  })

  test('every format with code takes a prefix, the others refuse it', () => {
    for (const format of exportFormats) {
      const make = () => exportModel(model, meta, format, 'voice')
      if (format === 'tflite' || format === 'onnx') expect(make).toThrow(/has no symbols/)
      else expect(make().some((f) => /voice_/.test(f.path) || /voice_/.test(String(f.data)))).toBe(true)
    }
  })

  test('a wrong expectation is noticed', () => {
    const files = exportModel(model, meta, 'c').map((f) =>
      f.path === 'tinyfront_sample.h' ? { ...f, data: (f.data as string).replace(/(output\[\d+\] = \{\s+)-?\d+/, '$199') } : f,
    )
    const cwd = write('c-wrong', files)
    build('cc', cwd, [...strictFlags, 'tinyfront_model.c', 'main.c', '-o', 'check'])
    expect(spawnSync(join(cwd, 'check')).status).toBe(1)
  })

  test('tinyfront_quantise is quantiseInput, for float and for byte inputs', () => {
    const raw = Array.from({ length: 256 }, (_, i) => i)
    const check = (name: string, m: ExportMeta, values: readonly number[]) => {
      const files = exportModel(model, m, 'c').filter((f) => f.path !== 'main.c')
      const main = `#include <stdio.h>\n#include "tinyfront_meta.h"\nstatic const float raw[] = {${values.map((v) => `${v.toPrecision(9)}f`).join(',')}};\nint main(void) { for (int i = 0; i < ${values.length}; i++) printf("%d ", tinyfront_quantise(raw[i], 0)); return tinyfront_label(0)[0] == 0; }\n`
      const cwd = write(name, [...files, { path: 'main.c', data: main }])
      build('cc', cwd, ['-std=c99', '-O2', 'tinyfront_model.c', 'main.c', '-o', 'check'])
      const got = execFileSync(join(cwd, 'check'), { encoding: 'utf8' }).trim().split(' ').map(Number)
      const { offset, scale } = m.normalisation
      const real = Float32Array.from(values, (v) => (Math.fround(v) - offset[0]!) * scale[0]!)
      expect(got).toEqual(Array.from(quantiseInput(real, model.tensors[0]!)))
    }
    check('float', meta, [...raw.map((v) => Math.fround(v / 40 - 3)), -1e9, 1e9])
    const images = { offset: Array(channels).fill(127.5), scale: Array(channels).fill(1 / 64) }
    check('bytes', { ...meta, normalisation: images, frontEnd: { range: '0..255' } }, raw)
  })

  test('front end parameters are constants', () => {
    const header = text(exportModel(model, meta, 'c'), 'tinyfront_meta.h')
    expect(header).toContain('#define TINYFRONT_FRONT_END_SAMPLE_RATE 16000\n')
    expect(header).toContain('#define TINYFRONT_FRONT_END_BANDS_LOW 20.5f\n')
    expect(header).toContain('#define TINYFRONT_FRONT_END_BANDS_MEL 1\n')
    expect(header).toContain('#define TINYFRONT_FRONT_END_AXES {"x", "y"}\n')
  })

  // The frameworks themselves are not here: their few functions are stood in for, and the programs run to their end.
  test('arduino: the sketch compiles against the library and says right', () => {
    const files = exportModel(model, meta, 'arduino')
    const library = files.find((f) => f.path.endsWith('library.properties'))!.path.split('/')[0]!
    const arduino = `#include <stdio.h>\nstruct { void begin(int) {} operator bool() { return true; } void print(const char *s) { printf("%s", s); } void println(const char *s) { puts(s); } void println(unsigned long) {} } Serial;\nunsigned long micros() { return 0; }\nunsigned long millis() { return 0; }\nvoid setup();\nint main() { setup(); }\n`
    const cwd = write('arduino', [...files, { path: 'Arduino.h', data: arduino }])
    build('cc', cwd, ['-c', '-O2', `${library}/src/tinyfront_model.c`, '-o', 'model.o'])
    const sketch = `${library}/examples/self_test/self_test.ino`
    build('g++', cwd, [
      '-x',
      'c++',
      '-Wall',
      '-Werror',
      '-include',
      'Arduino.h',
      `-I${library}/src`,
      sketch,
      '-x',
      'none',
      'model.o',
      '-o',
      'check',
    ])
    expect(execFileSync(join(cwd, 'check'), { encoding: 'utf8' })).toContain('self test: right')
  })

  test('platformio: the program compiles against its library and says right', () => {
    const files = exportModel(model, meta, 'platformio', 'voice')
    expect(text(files, 'platformio.ini')).toContain('[env:')
    const library = files.find((f) => f.path.endsWith('library.properties'))!.path.replace('/library.properties', '')
    const arduino = `#include <stdio.h>\nstatic struct { void begin(int) {} operator bool() { return true; } void print(const char *s) { printf("%s", s); } void println(const char *s) { puts(s); } void println(unsigned long) {} } Serial;\nstatic unsigned long micros() { return 0; }\nstatic unsigned long millis() { return 0; }\nvoid setup();\n`
    const cwd = write('pio', [
      ...files,
      { path: 'stub/Arduino.h', data: arduino },
      { path: 'stub/run.cpp', data: 'void setup();\nint main() { setup(); }\n' },
    ])
    build('cc', cwd, ['-c', '-O2', `${library}/src/voice_model.c`, '-o', 'model.o'])
    build('g++', cwd, ['-O2', '-Wall', '-Istub', `-I${library}/src`, 'src/main.cpp', 'stub/run.cpp', 'model.o', '-o', 'check'])
    expect(execFileSync(join(cwd, 'check'), { encoding: 'utf8' })).toContain('self test: right')
  })

  test('esp-idf: the application says right', () => {
    const files = exportModel(model, meta, 'esp-idf')
    const timer = '#include <stdint.h>\nstatic int64_t esp_timer_get_time(void) { return 0; }\n'
    const cwd = write('esp', [
      ...files,
      { path: 'stub/esp_timer.h', data: timer },
      { path: 'stub/main.c', data: 'void app_main(void);\nint main(void) { app_main(); return 0; }\n' },
    ])
    const component = ['components/tinyfront/tinyfront_model.c', '-Icomponents/tinyfront/include']
    build('cc', cwd, ['-O2', '-Wall', '-Werror', ...component, '-Istub', 'main/main.c', 'stub/main.c', '-o', 'check'])
    expect(execFileSync(join(cwd, 'check'), { encoding: 'utf8' })).toContain('self test: right')
  })

  test('zephyr: the application says right', () => {
    const kernel = '#include <stdint.h>\nstatic uint32_t k_cycle_get_32(void) { return 0; }\n#define k_cyc_to_us_floor32(n) (n)\n'
    const cwd = write('zephyr', [
      ...exportModel(model, meta, 'zephyr'),
      { path: 'stub/zephyr/kernel.h', data: kernel },
      { path: 'stub/zephyr/sys/printk.h', data: '#include <stdio.h>\n#define printk printf\n' },
    ])
    build('cc', cwd, ['-O2', '-Wall', '-Werror', '-Istub', 'src/main.c', 'src/tinyfront_model.c', '-o', 'check'])
    expect(execFileSync(join(cwd, 'check'), { encoding: 'utf8' })).toContain('self test: right')
  })

  test('c-array: the data compile', () => {
    const cwd = write('c-array', exportModel(model, meta, 'c-array'))
    build('g++', cwd, ['-std=c++17', '-Wall', '-Wextra', '-Werror', '-c', 'model_data.cc'])
  })
})

test('the README of sounds names the detector only where there are classes to detect', () => {
  const options = defaultLogMel(8000)
  const heard = randomModel('sounds', { maxSide: 8 })
  const clipSamples = options.windowSamples + (heard.graph.shapes[0]![0] - 1) * options.hopSamples
  const frontEnd = { ...logMel({ ...options, mels: heard.graph.shapes[0]![1] }).describe, clipSamples }
  const sounds = { ...meta, normalisation: { offset: [0], scale: [1] }, frontEnd }
  const [named, sought] = [['a', 'b'], []].map((labels) => exportModel(heard, { ...sounds, labels }, 'c'))
  expect(text(named!, 'README.md')).toContain('tinyfront_detector.h')
  expect(sought!.some((f) => f.path === 'tinyfront_features.c')).toBe(true)
  expect(text(sought!, 'README.md')).not.toMatch(/detect/)
  expect(text(sought!, 'README.md')).toContain('tinyfront_value(output)')
})

test('the sample is the same every time', () => {
  expect(goldenVector(model)).toEqual(goldenVector(model))
})
