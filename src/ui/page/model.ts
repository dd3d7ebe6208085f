import type { AccuracyView } from '../../report/view.ts'
import type { LineMessage, StateMessage, StudyFacts, TrialRow, ViewMessage } from '../wire.ts'

export type TestFacts = Extract<LineMessage, { type: 'test' }>
export type PolishFacts = Extract<LineMessage, { type: 'polish' }>
export type Entry = {
  readonly at: number | null
  readonly what: 'trial' | 'polish' | 'test' | 'verify' | 'stop'
  readonly trial: number
}

/** What a page knows of a study: the lines so far, and what the server says follows from them. */
export type Model = {
  /** Offset of the last line; what a reconnect names. */
  last: number
  facts: StudyFacts | undefined
  readonly trials: TrialRow[]
  readonly polishes: Map<number, PolishFacts>
  readonly tests: Map<number, TestFacts>
  readonly verified: Map<number, boolean>
  stopReason: string | undefined
  /** Seconds that the study had run at the last line. */
  at: number
  /** The newest last. */
  readonly log: Entry[]
  view: ViewMessage | undefined
  state: StateMessage | undefined
  damage: string | undefined
}

export const emptyModel = (): Model => ({
  last: 0,
  facts: undefined,
  trials: [],
  polishes: new Map(),
  tests: new Map(),
  verified: new Map(),
  stopReason: undefined,
  at: 0,
  log: [],
  view: undefined,
  state: undefined,
  damage: undefined,
})

/** A test as the report's formats read it. */
export const testScores = ({ int8, low, high }: TestFacts): AccuracyView => ({
  float32: null,
  int8: null,
  test: int8,
  testLow: low,
  testHigh: high,
})

/** So many of the last lines are listed. */
const logged = 40

/** Takes one line; lines come in order, each once. */
export function takeLine(model: Model, end: number, line: LineMessage): void {
  model.last = end
  if (line.at !== null) model.at = line.at
  switch (line.type) {
    case 'header':
      model.facts = line.study
      break
    case 'trial':
      model.trials.push(line.trial)
      model.stopReason = undefined
      note(model, line, line.trial.n)
      break
    case 'polish':
      model.polishes.set(line.trial, line)
      note(model, line, line.trial)
      break
    case 'test':
      model.tests.set(line.trial, line)
      note(model, line, line.trial)
      break
    case 'verify':
      model.verified.set(
        line.trial,
        line.checks.every((c) => c.status !== 'different'),
      )
      note(model, line, line.trial)
      break
    case 'stop':
      model.stopReason = line.reason
      note(model, line, line.trials)
      break
  }
}

function note(model: Model, { at, type }: LineMessage & { readonly type: Entry['what'] }, trial: number): void {
  model.log.push({ at, what: type, trial })
  if (model.log.length > logged) model.log.shift()
}
