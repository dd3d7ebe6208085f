import { z } from 'zod'
import type { Trial } from '../search/trial.ts'
import { sha256 } from '../util/hash.ts'
import { headerSchema, type StudyHeader } from './study-header.ts'

/** Version of the lines written today. Readers know every earlier one. */
export const lineVersion = 1

/** What a study remembers of a trial after the search; the rest of the payload belongs to those who write it. */
export type Note = { readonly trial: number }
/** Why a phase ended, and after how many trials. */
export type Stop = { readonly reason: string; readonly trials: number }
export type NoteType = 'polish' | 'test' | 'verify'

/** One line of the journal. `seconds` is how long the study had run by then, all runs together. */
export type Line = { readonly seconds?: number } & (
  | { readonly type: 'header'; readonly header: StudyHeader }
  | { readonly type: 'trial'; readonly trial: Trial }
  /** A front member retrained longer. */
  | { readonly type: 'polish'; readonly polish: Note }
  /** Its score on test, looked at once. */
  | { readonly type: 'test'; readonly test: Note }
  /** What a runtime or emulator said of its exported file. */
  | { readonly type: 'verify'; readonly verify: Note }
  | { readonly type: 'stop'; readonly stop: Stop }
  /** A line of a kind that this version does not know: kept, and passed over. */
  | { readonly type: 'other'; readonly other: Readonly<Record<string, unknown>> }
)

const note = z.looseObject({ trial: z.number().int().min(0) })
const schemas: Record<string, z.ZodType> = {
  header: headerSchema,
  trial: z.looseObject({
    n: z.number().int().min(0),
    genome: z.array(z.number().int().min(0)),
    text: z.string(),
    state: z.enum(['trained', 'infeasible', 'failed']),
    parents: z.array(z.number().int().min(0)),
    rung: z.int().min(0),
    recipe: z.string(),
    graphHash: z.string(),
    macs: z.number(),
    params: z.number(),
    costs: z.record(
      z.string(),
      z.looseObject({ latencyMs: z.number(), ramBytes: z.number(), flashBytes: z.number(), violation: z.number() }),
    ),
    score: z.number().nullable(),
    steps: z.array(z.looseObject({ step: z.string() })),
    weights: z.string().nullable(),
  }),
  polish: note,
  test: note,
  verify: note,
  stop: z.looseObject({ reason: z.string(), trials: z.number() }),
}

/** `{"v":1,"type":"trial","trial":{...},"sum":"0f3a..."}`: the sum is the SHA-256 (16 digits) of the text before it. */
export function formatLine(line: Line): string {
  const fields = line.type === 'other' ? line.other : { v: lineVersion, ...line }
  const text = JSON.stringify(fields).slice(0, -1)
  return `${text},"sum":"${checksum(text)}"}\n`
}

/** Reads one line without its line break. Throws an Error that says what is wrong with it. */
export function parseLine(text: string): Line {
  const match = /^(.*),"sum":"([0-9a-f]{16})"\}$/s.exec(text)
  if (!match) throw new Error('it has no checksum')
  if (checksum(match[1]!) !== match[2]) throw new Error('its checksum does not match')
  const { v, type, ...body } = JSON.parse(`${match[1]}}`) as Record<string, unknown>
  const schema = schemas[String(type)]
  if (!schema) return { type: 'other', other: { v, type, ...body } }
  if (typeof v !== 'number' || v > lineVersion)
    throw new Error(`it was written by a later version of tinyfront (line version ${v})`)
  const result = schema.safeParse(body[String(type)])
  if (!result.success) {
    const { path, message } = result.error.issues[0]!
    throw new Error(`${[type, ...path].join('.')}: ${message}`)
  }
  return { type, ...body } as Line
}

const checksum = (text: string): string => sha256(text).slice(0, 16)
