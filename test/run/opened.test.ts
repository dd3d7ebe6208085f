import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { filesOf } from '../../src/run/after/files.ts'
import { learningCurve } from '../../src/run/after/learning-curve.ts'
import { toOpen } from '../../src/run/after/to-open.ts'
import type { StepRecord } from '../../src/task/step.ts'
import { writeAsked } from '../../src/util/write-whole.ts'
import { madeUpStudy } from '../helpers/study-view.ts'

const step = (name: StepRecord['step'], score: number | null, milliseconds: number): StepRecord => ({
  step: name,
  score,
  bytes: 1,
  macs: 1,
  milliseconds,
})

test('a learning curve adds up the time of every step, and leaves out what was not scored', () => {
  const trial = { steps: [step('float', 0.5, 1000), step('pruned', null, 500), step('int8', 0.6, 500)] }
  const rounds = [
    { round: 0, steps: [step('tuned', 0.7, 3000)] },
    { round: 1, steps: [step('tuned', 0.8, 3000)] },
    // a warm restart that scored worse keeps the polish before it
    { round: 2, steps: [step('tuned', 0.8, 3000)] },
  ]
  expect(learningCurve(trial, rounds)).toEqual([
    { seconds: 1, score: 0.5, split: 'search-validation', step: 'float', round: null },
    { seconds: 2, score: 0.6, split: 'search-validation', step: 'int8', round: null },
    { seconds: 5, score: 0.7, split: 'selection-validation', step: 'tuned', round: 0 },
    { seconds: 8, score: 0.8, split: 'selection-validation', step: 'tuned', round: 1 },
  ])
})

test('the report opens every member of a front of usual length, recommended ones first and each for all its boards', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 4 }), (trials, boards) => {
      const { targets } = madeUpStudy({ trials, boards })
      const members = new Set(targets.flatMap((t) => t.front.map((m) => m.trial)))
      const opened = toOpen(targets, 'front')
      expect(opened).toHaveLength(Math.min(30, members.size))
      const picks = toOpen(targets, 'recommended').map(([n]) => n)
      expect(opened.slice(0, picks.length).map(([n]) => n)).toEqual(expect.arrayContaining(picks))
      for (const [n, on] of opened)
        expect(on).toEqual(targets.filter((t) => t.front.some((m) => m.trial === n)).map((t) => t.target))
    }),
    { numRuns: 20 },
  )
})

test('files of a trial are its own, and none is invented', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tinyfront-files-'))
  expect(filesOf(folder, 1)).toEqual([])
  for (const path of ['models/trial-1.tflite', 'export/trial-1-c/main.c', 'export/trial-11-c/main.c', 'models/trial-11.tflite'])
    writeAsked(join(folder, path), 'x')
  expect(filesOf(folder, 1).map((f) => f.path)).toEqual(['models/trial-1.tflite', 'export/trial-1-c/main.c'])
})
