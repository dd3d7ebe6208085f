import { join } from 'node:path'
import type { AtQueue } from '../run/queue/watch.ts'
import type { StudyEvent } from '../run/record/events.ts'
import { writerOf } from '../store/lock.ts'
import { type Activity, activity } from './activity.ts'
import type { LiveStudy } from './live-study.ts'
import { stateOf } from './state.ts'
import { transcript } from './transcript.ts'

/** One study and the pages that look at it. */
export type Hub = {
  /** The study as read so far; reads what is new first. Throws where its journal is damaged. */
  study(): LiveStudy
  /**
   * Tells `send` all lines after the offset `after`, then what is new until the returned function is called. An offset at which no line ends belongs to
   * another journal: `send` is told to forget and gets everything.
   */
  follow(after: number, send: (text: string) => void): () => void
  /** What a search in this process, or one that we started, tells. */
  take(event: StudyEvent): void
  /** A search of ours begins or ends; `message` says why it ended. */
  searchBegins(): void
  searchEnded(message: string | null): void
  stopAsked(): void
  close(): void
}

/** Looked for new lines this often, while anybody looks. */
const pollMs = 250
/** States are sent at least this often while a search runs, for the clock. */
const stateSeconds = 1

export function hub(name: string, resultsDir: string, workers?: AtQueue): Hub {
  const folder = join(resultsDir, name)
  const clock = () => performance.now() / 1000
  const told = transcript(name, resultsDir, clock)
  const followers = new Set<(text: string) => void>()
  const now = { activity: undefined as Activity | undefined, message: null as string | null, starting: false, stopping: false }
  let timer: NodeJS.Timeout | undefined
  let stateAt = 0
  let lastState = ''
  let lastDamage = ''

  const everyone = (text: string) => {
    if (text !== '') for (const send of followers) send(text)
  }
  const viewText = () => sent('view', told.live()?.view())
  const damageText = () => sent('damage', told.damage())
  function stateText(): string {
    const store = told.live()?.store
    if (!store) return ''
    const writer = writerOf(folder)
    if (writer) now.starting = false
    else now.stopping = false
    const sinceLastLine = clock() - told.newestAt()
    return sent('state', stateOf({ ...now, store, writer, workers, clock, sinceLastLine }))
  }
  /** Tells everyone what is new in the journal. */
  function read(): boolean {
    const { text, reset } = told.news()
    if (reset) everyone(resetText)
    if (text !== '') everyone(text + viewText())
    return text !== ''
  }
  function tellState(): void {
    stateAt = clock()
    const before = lastState
    lastState = stateText()
    if (lastState !== before) everyone(lastState)
  }
  function poll(): void {
    const grew = read()
    if (damageText() !== lastDamage) everyone((lastDamage = damageText()))
    if (grew || clock() - stateAt >= stateSeconds) tellState()
  }

  return {
    study() {
      read()
      return told.study()
    },
    follow(after, send) {
      poll()
      send(`${told.after(after) ?? resetText + told.after(0)}${viewText()}${damageText()}${stateText()}`)
      followers.add(send)
      timer ??= setInterval(poll, pollMs)
      return () => {
        followers.delete(send)
        if (followers.size > 0) return
        clearInterval(timer)
        timer = undefined
      }
    },
    take: (event) => (now.activity ??= activity(clock)).take(event),
    searchBegins() {
      Object.assign(now, { activity: activity(clock), message: null, starting: true, stopping: false })
      tellState()
    },
    searchEnded(message) {
      Object.assign(now, { activity: undefined, message, starting: false })
      tellState()
    },
    stopAsked() {
      now.stopping = true
      tellState()
    },
    close() {
      clearInterval(timer)
      followers.clear()
    },
  }
}

const sent = (event: string, value: unknown): string =>
  value === undefined ? '' : `event: ${event}\ndata: ${JSON.stringify(value)}\n\n`
const resetText = 'event: reset\ndata: {}\n\n'
