import pc from 'picocolors'
import type { Style } from '../report/table.ts'

/** stdout is data, stderr is talk. Colours follow the stream they go to; NO_COLOR (present and not empty) turns them off. */
const wantsColour = (stream: NodeJS.WriteStream): boolean =>
  !process.env.NO_COLOR && process.env.TERM !== 'dumb' && (stream.isTTY === true || Boolean(process.env.FORCE_COLOR))

export const colour = pc.createColors(wantsColour(process.stdout))
export const talkColour = pc.createColors(wantsColour(process.stderr))

export const print = (text: string): void => void process.stdout.write(`${text}\n`)
export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2))
/** One event a line, for machines. */
export const printEvent = (event: unknown): void => print(JSON.stringify(event))
export const talk = (text: string): void => void process.stderr.write(`${text}\n`)

/** Whoever reads may stop (`| head`): what is left unsaid is dropped, and the work goes on to its own end. */
export function bearClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
}

/** How tables look on this stdout: as wide as the terminal, ASCII where the locale is not UTF-8. */
export const tableStyle = (): Style => ({
  paint: colour,
  glyphs: /utf-?8/i.test(process.env.LC_ALL || process.env.LC_CTYPE || process.env.LANG || 'utf-8') ? 'unicode' : 'ascii',
  width: process.stdout.columns ?? 120,
})
