import { appendFileSync, copyFileSync, mkdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hub } from '../../src/ui/hub.ts'
import { emptyModel, takeLine } from '../../src/ui/page/model.ts'
import { eventParser, type Sent } from '../../src/ui/page/sse.ts'
import type { LineMessage } from '../../src/ui/wire.ts'
import { fakeStudy, scratch } from './studies.ts'

const lineOf = ({ id, event, data }: Sent): [number, LineMessage][] => (event === 'line' ? [[Number(id), JSON.parse(data)]] : [])

/** A page that hears in portions, breaks off anywhere and comes back with the last id that it has. */
function page() {
  const model = emptyModel()
  const heard: string[] = []
  return {
    model,
    heard,
    /** Hears a text up to where the connection breaks. */
    hear(text: string, parse = eventParser()) {
      for (const message of parse(text)) {
        if (message.event === 'reset') heard.push('reset')
        for (const [end, line] of lineOf(message)) {
          heard.push(`${end} ${JSON.stringify(line)}`)
          takeLine(model, end, line)
        }
      }
    },
  }
}

test('however a journal grows and a connection breaks, a page hears every line once, in order', async () => {
  const results = scratch()
  await fakeStudy(results, 'whole', 12)
  const bytes = readFileSync(join(results, 'whole', 'journal.jsonl'))
  const told = page()
  hub('whole', results).follow(0, (text) => told.hear(text))()
  expect(told.model.trials).toHaveLength(told.heard.filter((h) => h.includes('"type":"trial"')).length)

  let run = 0
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(bytes.length), fc.boolean(), fc.double({ min: 0, max: 1, noNaN: true })), { maxLength: 12 }),
      (steps) => {
        const name = `grows${run++}`
        const file = join(results, name, 'journal.jsonl')
        mkdirSync(join(results, name))
        writeFileSync(file, '')
        const studyHub = hub(name, results)
        const listener = page()
        let written = 0
        const cuts = [
          ...steps.map(([at, breaks, share]) => ({ at, breaks, share })).sort((a, b) => a.at - b.at),
          { at: bytes.length, breaks: false, share: 1 },
        ]
        for (const { at, breaks, share } of cuts) {
          appendFileSync(file, bytes.subarray(written, at))
          written = at
          // a connection: all that it says, or the first part of that
          let said = ''
          studyHub.follow(listener.model.last, (text) => (said += text))()
          listener.hear(breaks ? said.slice(0, Math.floor(said.length * share)) : said)
        }
        studyHub.close()
        expect(listener.heard).toEqual(told.heard)
      },
    ),
    { numRuns: 40 },
  )
})

test('a page that stays open hears a torn line when it is whole, and forgets when another study takes the name', async () => {
  const results = scratch()
  await fakeStudy(results, 'one', 4)
  await fakeStudy(results, 'other', 3)
  const file = join(results, 'one', 'journal.jsonl')
  const bytes = readFileSync(file)
  const last = bytes.lastIndexOf(10, bytes.length - 2) + 1
  truncateSync(file, last + 20)
  const studyHub = hub('one', results)
  const open = page()
  const leave = studyHub.follow(0, (text) => open.hear(text))
  const before = open.heard.length
  // the writer was killed there; the next one cuts the torn line off and writes it anew
  truncateSync(file, last)
  appendFileSync(file, bytes.subarray(last))
  studyHub.study()
  expect(open.heard).toHaveLength(before + 1)
  // --fresh: the folder is put aside, a new journal appears
  renameSync(join(results, 'one'), join(results, 'one~1'))
  mkdirSync(join(results, 'one'))
  copyFileSync(join(results, 'other', 'journal.jsonl'), file)
  studyHub.study()
  const at = open.heard.indexOf('reset')
  expect(at).toBe(before + 1)
  expect(open.heard.slice(at + 1)).toHaveLength(readFileSync(file, 'utf8').trim().split('\n').length)
  leave()
})

test('an id of another journal is answered with everything, from the beginning', async () => {
  const results = scratch()
  await fakeStudy(results, 'one', 3)
  const stranger = page()
  hub('one', results).follow(12345, (text) => stranger.hear(text))()
  expect(stranger.heard[0]).toBe('reset')
  expect(stranger.heard).toHaveLength(
    1 +
      readFileSync(join(results, 'one', 'journal.jsonl'), 'utf8')
        .trim()
        .split('\n').length,
  )
})

test('a damaged line is said, and what stands before it is shown', async () => {
  const results = scratch()
  await fakeStudy(results, 'one', 3)
  const file = join(results, 'one', 'journal.jsonl')
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  lines[2] = lines[2]!.replace('"macs":', '"macs":1')
  writeFileSync(file, `${lines.join('\n')}\n`)
  let said = ''
  hub('one', results).follow(0, (text) => (said += text))()
  const messages = eventParser()(said)
  expect(messages.filter((m) => m.event === 'line')).toHaveLength(2)
  expect(messages.find((m) => m.event === 'damage')!.data).toContain('checksum')
})
