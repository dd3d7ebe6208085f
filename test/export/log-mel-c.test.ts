import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { defaultLogMel, type LogMelOptions, logMel, logMelTables } from '../../src/data/log-mel.ts'
import { frontEndWork } from '../../src/data/seen-as.ts'
import { logMelCost } from '../../src/device/front-end.ts'
import { frontEndNames, logMelC } from '../../src/export/c/log-mel.ts'
import { quantiseInput } from '../../src/quant/input.ts'
import { rng } from '../../src/util/rng.ts'
import { emulateFrontEnd } from '../../src/verify/emulate-front-end.ts'
import { hasArmTools } from '../helpers/arm-tools.ts'
import { hasHostCompiler, strictFlags } from '../helpers/host-c.ts'

vi.setConfig({ testTimeout: 120_000 })
const folder = mkdtempSync(join(tmpdir(), 'tinyfront-front-end-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const input = { scale: Math.fround(0.0271), zeroPoint: -17 }
const normalisation = { offset: [-6.25], scale: [0.31] }

/** Sounds of every kind that firmware meets: noise at every loudness, tones, clicks, silence, full scale, and samples stuck at one end. */
function clip(samples: number, seed: number): Int16Array {
  const random = rng('clip', seed)
  const loud = 2 ** (16 * random.next())
  const kind = seed % 6
  const step = random.next()
  return Int16Array.from({ length: samples }, (_, i) => {
    if (kind === 0) return Math.round(loud * (random.next() - 0.5))
    if (kind === 1) return Math.round((loud / 2 - 0.5) * Math.sin(i * step * 3))
    if (kind === 2) return i % Math.ceil(step * 300 + 1) === 0 ? 32767 : 0
    if (kind === 3) return seed % 12 === 3 ? 0 : -32768
    if (kind === 4) return random.next() < 0.5 ? -32768 : 32767
    return Math.round((32767 / samples) * i * Math.sin(i * i * step * 0.001))
  })
}

/** The int8 input that training and evaluation compute from a clip. */
function seenByTraining(options: LogMelOptions, samples: Int16Array): Int8Array {
  const front = logMel(options)
  const values = new Float32Array(front.frames(samples.length) * options.mels)
  front.compute(
    Float32Array.from(samples, (s) => s / 32768),
    values,
    0,
  )
  return quantiseInput(
    values.map((v) => (v - normalisation.offset[0]!) * normalisation.scale[0]!),
    input,
  )
}

const fronts: readonly (readonly [string, LogMelOptions, number])[] = [
  ['the usual one at 16 kHz', defaultLogMel(16000), 16000],
  ['8 kHz, few bands', { ...defaultLogMel(8000), mels: 10 }, 4000],
  [
    'short windows with gaps between',
    { sampleRate: 4000, windowSamples: 30, hopSamples: 50, mels: 8, lowHz: 20, highHz: 1999 },
    400,
  ],
  [
    'long windows at 48 kHz',
    { sampleRate: 48000, windowSamples: 2048, hopSamples: 1000, mels: 64, lowHz: 0, highHz: 24000 },
    5048,
  ],
]

describe.skipIf(!hasHostCompiler)('C on this machine', () => {
  test.each(fronts)('%s: the int8 input that training saw, of 260 clips; and the same as a stream', (name, options, samples) => {
    const front = logMelC(logMelTables(options), samples, input, normalisation)
    const cwd = mkdtempSync(join(folder, 'host-'))
    writeFileSync(join(cwd, frontEndNames.header), front.header)
    writeFileSync(join(cwd, frontEndNames.source), front.source)
    writeFileSync(
      join(cwd, 'main.c'),
      `#include <stdio.h>
#include "tinyfront_features.h"
static int16_t clip[TINYFRONT_CLIP_SAMPLES];
static int8_t input[TINYFRONT_FRAMES * TINYFRONT_MELS], row[TINYFRONT_FRAMES * TINYFRONT_MELS];
static tinyfront_stream stream, fresh;
int main(void) {
  while (fread(clip, 2, TINYFRONT_CLIP_SAMPLES, stdin) == TINYFRONT_CLIP_SAMPLES) {
    int32_t i, heard = 0, first = 0, rows = 0, m, wrong = 0;
    tinyfront_features(clip, input);
    fwrite(input, 1, sizeof input, stdout);
    stream = fresh;
    for (i = 0; i + TINYFRONT_HOP_SAMPLES <= TINYFRONT_CLIP_SAMPLES; i += TINYFRONT_HOP_SAMPLES) {
      tinyfront_push(&stream, clip + i, row);
      heard = i + TINYFRONT_HOP_SAMPLES;
      if (stream.rows == rows && heard < TINYFRONT_WINDOW_SAMPLES) continue;
      rows = stream.rows;
      first = heard - TINYFRONT_WINDOW_SAMPLES;
      tinyfront_frame(clip + first, input);
      for (m = 0; m < TINYFRONT_MELS; m++) wrong += input[m] != row[(TINYFRONT_FRAMES - 1) * TINYFRONT_MELS + m];
    }
    if (wrong) return 1;
  }
  return 0;
}
`,
    )
    execFileSync('cc', [...strictFlags, '-c', frontEndNames.source, '-o', 'features.o'], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    execFileSync('cc', ['-O2', 'features.o', 'main.c', '-o', 'check'], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    const clips = Array.from({ length: 260 }, (_, seed) => clip(samples, seed))
    const bytes = Buffer.concat(clips.map((c) => Buffer.from(c.buffer)))
    const said = execFileSync(join(cwd, 'check'), { input: bytes, maxBuffer: 1e9 })
    const expected = clips.map((c) => seenByTraining(options, c))
    const size = expected[0]!.length
    expect(said.length, name).toBe(size * clips.length)
    clips.forEach((_, n) => {
      expect(Int8Array.from(said.subarray(n * size, (n + 1) * size)), `clip ${n}`).toEqual(expected[n])
    })
    expect(new Set(expected.flatMap((e) => Array.from(e))).size).toBeGreaterThan(100)
  })
})

describe.skipIf(!hasArmTools)('C on emulated cores', () => {
  test.each(['cortex-m0', 'cortex-m4', 'cortex-m33'] as const)(
    '%s: the rows that training saw, of 60 windows; no float in the object',
    async (core) => {
      const options = defaultLogMel(16000)
      const { windowSamples } = options
      const windows = Array.from({ length: 60 }, (_, seed) => clip(windowSamples, seed))
      const report = await emulateFrontEnd(logMelC(logMelTables(options), windowSamples, input, normalisation), core, windows)
      if (report.status !== 'ran') throw new Error(JSON.stringify(report))
      expect(report.rows).toEqual(windows.map((w) => seenByTraining(options, w)))
      // what a board is said to take for it
      const price = logMelCost(frontEndWork({ ...logMel(options).describe, clipSamples: windowSamples })!, {
        core,
        clockMhz: 1e-3,
        features: [],
      })
      expect(price.windowMs / 1.3 / report.instructions!).toBeCloseTo(1, 1)
      expect([price.ramBytes, price.flashBytes]).toEqual([
        report.ramBytes + 2 * windowSamples + 8,
        expect.toSatisfy((n: number) => Math.abs(n - report.codeBytes - report.constantBytes) < 120),
      ])
    },
  )
})
