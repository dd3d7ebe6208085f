import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { detectorHeader, detectorName } from '../../src/export/c/detector.ts'
import { type DetectorSettings, detector, isQuiet, scoreStream } from '../../src/task/detector.ts'
import { rng } from '../../src/util/rng.ts'
import { hasHostCompiler } from '../helpers/host-c.ts'

const usual: DetectorSettings = { smooth: 1, threshold: 200, hits: 1, of: 1, rest: 2 }
const says = (...levels: number[]) => Int8Array.from(levels, (l) => l - 128)

test('a class is detected once it leads with enough, and then not for as long as it rests; quiet classes never', () => {
  const ear = detector(usual, [false, false, true])
  const heard = [says(220, 20, 0), says(220, 20, 0), says(0, 250, 0), says(0, 250, 0), says(0, 0, 255), says(199, 0, 0)]
  expect(heard.map((answer) => ear.push(answer))).toEqual([0, -1, -1, 1, -1, -1])
})

test('answers are averaged, and so many of so many must agree', () => {
  const averaged = detector({ ...usual, smooth: 2, threshold: 150 }, [false, false])
  expect([says(250, 0), says(100, 90), says(20, 30)].map((a) => averaged.push(a))).toEqual([-1, 0, -1])
  const agreed = detector({ ...usual, hits: 2, of: 3 }, [false, false])
  expect([says(210, 0), says(0, 210), says(211, 0), says(0, 212)].map((a) => agreed.push(a))).toEqual([-1, -1, 0, -1])
})

test('detections never come closer than the rest allows, whatever is heard', () => {
  const answers = fc.array(fc.array(fc.integer({ min: -128, max: 127 }), { minLength: 3, maxLength: 3 }), { maxLength: 60 })
  const settings = fc.record({
    smooth: fc.integer({ min: 1, max: 5 }),
    threshold: fc.integer({ min: 1, max: 255 }),
    hits: fc.integer({ min: 1, max: 3 }),
    of: fc.integer({ min: 3, max: 5 }),
    rest: fc.integer({ min: 0, max: 6 }),
  })
  fc.assert(
    fc.property(answers, settings, (heard, asked) => {
      const ear = detector(asked, [false, true, false])
      const at = heard.flatMap((a, i) => {
        const found = ear.push(Int8Array.from(a))
        expect(found).not.toBe(1)
        return found < 0 ? [] : [i]
      })
      at.slice(1).forEach((i, k) => {
        expect(i - at[k]!).toBeGreaterThan(asked.rest)
      })
    }),
  )
})

test('each stretch counts once; what is nowhere is a false alarm', () => {
  const track = [
    { start: 1, end: 2, label: 'yes' },
    { start: 5, end: 6, label: 'no' },
    { start: 5, end: 7, label: 'yes' },
  ]
  const at = (seconds: number, label: string) => ({ seconds, label })
  const found = [at(1.5, 'yes'), at(2.4, 'yes'), at(3, 'yes'), at(5.5, 'yes'), at(5.5, 'no'), at(6.6, 'no')]
  expect(scoreStream(found, track, 1800, 0.5)).toEqual({ found: 3, events: 3, falseAlarms: 2, falseAlarmsPerHour: 4 })
})

test('names of everything else are quiet', () => {
  expect(['_background_noise_', 'silence', 'Unknown', 'noise', '_silence_', 'other'].every(isQuiet)).toBe(true)
  expect(['yes', 'nothingness', 'noisy', 'otter'].some(isQuiet)).toBe(false)
})

const folder = mkdtempSync(join(tmpdir(), 'tinyfront-detector-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.skipIf(!hasHostCompiler)('the C detects the same, over 3000 answers under each of eight settings', () => {
  const labels = ['yes', 'noise', 'no', 'up']
  writeFileSync(join(folder, detectorName), detectorHeader(labels))
  writeFileSync(join(folder, 'tinyfront_meta.h'), `#include <stdint.h>\n#define TINYFRONT_LABEL_COUNT ${labels.length}\n`)
  writeFileSync(
    join(folder, 'main.c'),
    `#include <stdio.h>
#include "${detectorName}"
static tinyfront_detector ear;
int main(void) {
  int8_t answer[TINYFRONT_LABEL_COUNT];
  while (fread(answer, 1, sizeof answer, stdin) == sizeof answer) printf("%d ", (int)tinyfront_detect(&ear, answer));
  return 0;
}
`,
  )
  const random = rng('answers')
  let leader = 0
  const answers = Array.from({ length: 3000 }, () => {
    if (random.next() < 0.15) leader = random.int(labels.length)
    return Int8Array.from(labels, (_, c) => Math.round((c === leader ? 80 : -90) + 94 * (random.next() - 0.5)))
  })
  for (let n = 0; n < 8; n++) {
    const of = 1 + random.int(4)
    const asked = {
      smooth: 1 + random.int(6),
      threshold: 120 + random.int(80),
      hits: 1 + random.int(of),
      of,
      rest: random.int(8),
    }
    const flags = Object.entries({
      SMOOTH: asked.smooth,
      THRESHOLD: asked.threshold,
      HITS: asked.hits,
      HITS_OF: asked.of,
      REST: asked.rest,
    })
    const strict = ['-std=c99', '-O2', '-Wall', '-Wextra', '-Werror', ...flags.map(([k, v]) => `-DTINYFRONT_${k}=${v}`)]
    execFileSync('cc', [...strict, 'main.c', '-o', 'check'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    const said = execFileSync(join(folder, 'check'), {
      input: Buffer.concat(answers.map((a) => Buffer.from(a.buffer))),
      encoding: 'utf8',
    })
    const ear = detector(asked, labels.map(isQuiet))
    const expected = answers.map((a) => ear.push(a))
    expect(said.trim().split(' ').map(Number), JSON.stringify(asked)).toEqual(expected)
    expect(expected.filter((c) => c >= 0).length).toBeGreaterThan(5)
  }
})
