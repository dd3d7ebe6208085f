import { join } from 'node:path'
import { journalFeed } from '../store/journal-feed.ts'
import { TinyfrontError } from '../util/errors.ts'
import { type LiveStudy, liveStudy } from './live-study.ts'

/** What pages are told of a journal: a message a line, named by the offset at which the line ends. */
export type Transcript = {
  /** Reads what is new: the text of it, for those who have all before; `reset` where another journal stands there and that is to be forgotten. */
  news(): { readonly text: string; readonly reset: boolean }
  /** All after an offset; undefined where no line of this journal ends there. */
  after(offset: number): string | undefined
  /** Throws where there is no study to look at. */
  study(): LiveStudy
  readonly live: () => LiveStudy | undefined
  readonly damage: () => string | undefined
  /** When the newest line was seen. */
  readonly newestAt: () => number
}

export function transcript(name: string, resultsDir: string, clock: () => number): Transcript {
  const folder = join(resultsDir, name)
  const file = join(folder, 'journal.jsonl')
  const empty = () => ({
    feed: journalFeed(file),
    live: undefined as LiveStudy | undefined,
    lines: [] as { readonly end: number; readonly text: string }[],
    damage: undefined as string | undefined,
    newestAt: clock(),
  })
  let told = empty()

  function news() {
    let text = ''
    let reset = false
    for (;;) {
      const found = told.feed.news()
      if (found.kind === 'replaced') {
        told = empty()
        text = ''
        reset = true
        continue
      }
      told.damage = undefined
      if (found.kind === 'gone') told.damage = `${file}: there is no journal`
      if (found.kind === 'damaged') told.damage = `${file}: damaged after byte ${found.offset}: ${found.why}`
      if (found.kind !== 'lines' || found.lines.length === 0) return { text, reset }
      for (const { line, end } of found.lines) {
        told.live ??= liveStudy(name, folder, resultsDir, line)
        const sent = `id: ${end}\nevent: line\ndata: ${JSON.stringify(told.live.take(line))}\n\n`
        told.lines.push({ end, text: sent })
        text += sent
      }
      told.newestAt = clock()
    }
  }

  return {
    news,
    after(offset) {
      if (offset > 0 && !told.lines.some((l) => l.end === offset)) return undefined
      return told.lines.flatMap((l) => (l.end > offset ? [l.text] : [])).join('')
    },
    study() {
      if (told.live && !told.damage) return told.live
      throw new TinyfrontError('store', told.damage ?? `${file}: it is empty`, 'restore the file from a copy')
    },
    live: () => told.live,
    damage: () => told.damage,
    newestAt: () => told.newestAt,
  }
}
