import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { withDefaults } from '../../src/cli/options.ts'
import { interview } from '../../src/cli/project/interview.ts'
import { readProject } from '../../src/cli/project/read.ts'

const results = mkdtempSync(join(tmpdir(), 'tinyfront-interview-'))
afterAll(() => rmSync(results, { recursive: true, force: true }))

/** Somebody who gives these answers in order, and what they saw. */
function person(...answers: readonly string[]) {
  const questions: string[] = []
  const refused: string[] = []
  const said: string[] = []
  return {
    questions,
    refused,
    said,
    ask: async (question: string) => {
      questions.push(question)
      return answers[questions.length - 1] ?? ''
    },
    again: ({ message, remedy }: { message: string; remedy: string }) => void refused.push(`${message} | ${remedy}`),
    say: (text: string) => void said.push(text),
  }
}

test('five questions; a wrong answer is explained and asked for again; the answers are a project file', async () => {
  const by = person(
    ...['builtin:gesturs', 'builtin:gestures?count=200'],
    'macro-f1',
    ...['stm32f44', 'rp2040, esp32-s3'],
    ...['latency', 'ram=64', 'colour=red', 'latency=20ms max-ram=64kB'],
    ...['20', '20m'],
  )
  const project = await interview(withDefaults({ results }), by)
  expect(project).toEqual({
    data: 'builtin:gestures?count=200',
    metric: 'macro-f1',
    targets: ['rp2040', 'esp32-s3'],
    maxLatencyMs: '20ms',
    maxRamBytes: '64kB',
    seconds: '20m',
  })
  expect(readProject(project, 'f').shared).toMatchObject({ maxLatencyMs: 20, maxRamBytes: 64000, seconds: 1200 })
  expect(new Set(by.questions.map((q) => q.slice(0, 3)))).toEqual(new Set(['1/5', '2/5', '3/5', '4/5', '5/5']))
  expect(by.refused).toHaveLength(6)
  expect(by.refused[1]).toMatch(/stm32f44.*did you mean/)
  expect(by.refused[3]).toMatch(/size "64" has no unit/)
  expect(by.said[0]).toMatch(/found gestures: \d+ series examples of 128 x 1 x 6, 8 classes/)
})

test('empty answers are the usual ones; what flags say is not asked', async () => {
  const by = person()
  const given = withDefaults({ results, data: 'builtin:gestures?count=200', maxRamBytes: 64000, study: 'mine' })
  const project = await interview(given, by)
  expect(project).toEqual({
    study: 'mine',
    data: 'builtin:gestures?count=200',
    targets: ['stm32f446', 'esp32-s3', 'rp2040'],
    maxRamBytes: '64000B',
    seconds: '2m',
  })
  expect(by.questions.map((q) => q.slice(0, 3))).toEqual(['2/5', '3/5', '5/5'])
})
