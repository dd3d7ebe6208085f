import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readSoundFile } from '../../src/data/read/sound.ts'
import { openTree } from '../../src/data/read/tree.ts'
import { detectorHeader, detectorName } from '../../src/export/c/detector.ts'
import { generateC } from '../../src/export/c/generate.ts'
import { frontEndC, frontEndNames } from '../../src/export/c/log-mel.ts'
import { metaHeader } from '../../src/export/c/meta-header.ts'
import { search } from '../../src/index.ts'
import { metaOf, modelOf } from '../../src/run/after/model-of.ts'
import { streamTrial } from '../../src/run/after/stream.ts'
import { readStudy } from '../../src/run/record/open.ts'
import { buildAndRun, onBareCore, writeProgram } from '../../src/verify/bare-program.ts'
import { inputsMagic } from '../../src/verify/baremetal/harness.ts'
import { wavBytes } from '../data/make.ts'
import { hasArmTools } from '../helpers/arm-tools.ts'

const manifest = new URL('../../bench/datasets/kws-arabic8.json', import.meta.url).pathname
const words = new URL('../../../shared/datasets/kws-arabic8/kws-arabic8.tar.gz', import.meta.url).pathname
const hasWords = existsSync(words)
const results = mkdtempSync(join(tmpdir(), 'tinyfront-stream-'))
afterAll(() => rmSync(results, { recursive: true, force: true }))

const every = 4
const settings = { smooth: 2, threshold: 150, hits: 1, of: 2, rest: 6 }

/** The firmware of a keyword spotter on a bare core: samples in, detections out. */
const program = (model: string) => `#include "bare.h"
#include "${frontEndNames.header}"
#include "${detectorName}"
#include "${model}"
static tinyfront_stream ear;
static tinyfront_detector mind;
static int8_t input[TINYFRONT_INPUT_BYTES], output[TINYFRONT_OUTPUT_BYTES];

int run(void) {
  const uint32_t *const block = (const uint32_t *)INPUTS;
  const int16_t *samples = (const int16_t *)(block + 4);
  uint32_t hop, ready = 0;
  if (block[0] != 0x${inputsMagic.toString(16)}u) return 3;
  for (hop = 0; hop < block[1]; hop++, samples += TINYFRONT_HOP_SAMPLES) {
    if (!tinyfront_push(&ear, samples, input) || ready++ % ${every} != 0) continue;
    tinyfront_invoke(input, output);
    const int32_t heard = tinyfront_detect(&mind, output);
    if (heard < 0) continue;
    put_text("D ");
    put_number(hop + 1);
    put_text(" ");
    put_text(tinyfront_label(heard));
    put_text("\\n");
  }
  put_text("DONE\\n");
  return 0;
}
`

describe.skipIf(!hasWords || !hasArmTools)('half a minute of spoken words', () => {
  let recording: Int16Array
  const track: { start: number; end: number; label: string }[] = []
  beforeAll(async () => {
    const asked = {
      data: manifest,
      targets: ['stm32f446'],
      seed: '1',
      trials: 6,
      polish: 1,
      teacher: 'none',
      maxRamBytes: 30_000,
    } as const
    for await (const _ of search({ ...asked, study: 'words', results }));
    const { files: all } = openTree(words)
    const files = all.filter((f) => /\.wav$/i.test(f.path) && !f.path.includes('_background_'))
    const parts: Int16Array[] = []
    let at = 0
    for (let i = 0; i < 20; i++) {
      const { path, read } = files[Math.floor((i * files.length) / 20)]!
      const { samples, sampleRate } = await readSoundFile(read())
      const label = path.split('/').at(-2)!
      track.push({ start: at / sampleRate, end: (at + samples.length) / sampleRate, label })
      parts.push(
        Int16Array.from(samples, (s) => Math.round(s * 32768)),
        new Int16Array(sampleRate / 2),
      )
      at += samples.length + sampleRate / 2
    }
    recording = new Int16Array(at)
    // over the noise of a boiler
    const { samples: boiler } = await readSoundFile(all.find((f) => f.path.endsWith('boiler_20s.wav'))!.read())
    let to = 0
    for (const part of parts)
      for (const value of part)
        recording[to] = Math.max(-32768, Math.min(32767, value + Math.round(3000 * boiler[to++ % boiler.length]!)))
    writeFileSync(join(results, 'words.wav'), wavBytes({ rate: 16000, bits: 16, code: 1, values: recording }))
  })

  test('the emulated firmware detects what stream says, at the same hops; most words are found', async () => {
    const store = await readStudy(results, 'words')
    const file = join(results, 'words.wav')
    const said = await streamTrial(store, undefined, { file, every, settings, track }, results)
    const model = await modelOf(store, said.trial, results)
    const meta = metaOf(store, said.trial)
    const front = frontEndC(model, meta)!
    const c = generateC(model)
    const hopSamples = Number(store.header.data.frontEnd.hopSamples)
    const hops = Array.from({ length: Math.floor(recording.length / hopSamples) }, (_, i) =>
      recording.slice(i * hopSamples, (i + 1) * hopSamples),
    )
    const heard = await onBareCore('cortex-m4', 0, { seconds: 120 }, async (job) => {
      const files = {
        ...{ [c.headerName]: c.header, [c.sourceName]: c.source },
        ...{ [frontEndNames.header]: front.header, [frontEndNames.source]: front.source },
        ...{
          'tinyfront_meta.h': metaHeader(model, meta),
          [detectorName]: detectorHeader(meta.labels),
          'harness.c': program(c.sourceName),
        },
      }
      await writeProgram(job, files, hops)
      const { smooth, threshold, hits, of, rest } = settings
      const flags = { SMOOTH: smooth, THRESHOLD: threshold, HITS: hits, HITS_OF: of, REST: rest }
      return buildAndRun(
        job,
        frontEndNames.source,
        'firmware',
        Object.entries(flags).map(([k, v]) => `-DTINYFRONT_${k}=${v}`),
      )
    })
    if (typeof heard !== 'string') throw new Error(JSON.stringify(heard))
    const detections = [...heard.matchAll(/^D (\d+) (.*)$/gm)].map(([, hop, label]) => ({ hop: Number(hop), label }))
    expect(detections).toEqual(
      said.detections.map(({ seconds, label }) => ({ hop: Math.round((seconds * 16000) / hopSamples), label })),
    )
    expect(said.score!.found).toBeGreaterThan(said.score!.events / 2)
  })

  test('what is no recording, or shorter than a clip, is told in two lines', async () => {
    const store = await readStudy(results, 'words')
    const stream = (file: string) => streamTrial(store, undefined, { file, every, settings }, results)
    const [broken, short] = [join(results, 'broken.wav'), join(results, 'short.wav')]
    writeFileSync(broken, 'hello')
    writeFileSync(short, wavBytes({ rate: 16000, bits: 16, code: 1, values: recording.slice(0, 4000) }))
    await expect(stream(broken)).rejects.toMatchObject({ kind: 'usage', message: /broken\.wav: none of WAV/ })
    await expect(stream(short)).rejects.toMatchObject({ kind: 'usage', message: /0\.25 s are less than one clip of 1\.00 s/ })
    await expect(stream(join(results, 'none.wav'))).rejects.toMatchObject({ kind: 'usage' })
  })
})
