import { type FileHandle, open, readFile, truncate } from 'node:fs/promises'
import type { Adapter } from 'lowdb'
import { TinyfrontError } from '../util/errors.ts'
import { fileError } from '../util/faults.ts'
import { formatLine, type Line, parseLine } from './journal-lines.ts'

export type JournalData = { readonly lines: Line[] }

/**
 * lowdb adapter for a file that only grows: `write` appends the lines that are new since the last call and returns when the disk has them,
 * so that a trial costs the same whether it is the 10th or the 10,000th.
 */
export class Journal implements Adapter<JournalData> {
  readonly file: string
  /** Bytes of a half-written last line that `read` found (and, writing, cut off). */
  tornBytes = 0
  readonly #writable: boolean
  #lines = 0
  #bytes = 0

  constructor(file: string, mode: 'read' | 'write') {
    this.file = file
    this.#writable = mode === 'write'
  }

  async read(): Promise<JournalData | null> {
    const bytes = await readFile(this.file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null
      throw this.#fault('read', error)
    })
    if (bytes === null) return null
    const end = bytes.lastIndexOf(10) + 1
    this.tornBytes = bytes.length - end
    // a crash while appending: the line was never acknowledged, its trial is run again
    if (this.tornBytes > 0 && this.#writable) await truncate(this.file, end)
    const lines = bytes
      .subarray(0, end)
      .toString('utf8')
      .split('\n')
      .slice(0, -1)
      .map((text, i) => {
        try {
          return parseLine(text)
        } catch (cause) {
          throw new TinyfrontError(
            'store',
            `${this.file}: line ${i + 1} is damaged: ${(cause as Error).message}`,
            `restore the file from a copy, or keep only the ${i} lines before it`,
            { cause },
          )
        }
      })
    this.#lines = lines.length
    this.#bytes = end
    return { lines }
  }

  async write({ lines }: JournalData): Promise<void> {
    const text = lines.slice(this.#lines).map(formatLine).join('')
    let handle: FileHandle | undefined
    try {
      handle = await open(this.file, 'a')
      await handle.appendFile(text)
      await handle.datasync()
    } catch (error) {
      // half a line must not stand in the way of the next one
      await handle?.truncate(this.#bytes).catch(() => {})
      throw this.#fault('written', error)
    } finally {
      await handle?.close()
    }
    this.#lines = lines.length
    this.#bytes += Buffer.byteLength(text)
  }

  #fault(what: 'read' | 'written', error: unknown): TinyfrontError {
    return fileError('store', this.file, what, error, ', then resume the study: every trial up to here is stored')
  }
}
