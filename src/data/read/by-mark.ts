import { TinyfrontError } from '../../util/errors.ts'
import { BadFile } from './limits.ts'

/** A kind of file: its name for people, its first bytes (as Latin-1), and its decoder. */
export type Kind<T> = {
  readonly name: string
  readonly mark: RegExp
  readonly read: (bytes: Uint8Array) => T | Promise<T>
}

/** No mark is longer. */
const markBytes = 12

/** Decodes a file by its first bytes, whatever its name. @throws BadFile; TinyfrontError where a decoder is not installed */
export async function readByMark<T>(bytes: Uint8Array, kinds: readonly Kind<T>[]): Promise<T> {
  const start = String.fromCharCode(...bytes.subarray(0, markBytes))
  const kind = kinds.find(({ mark }) => mark.test(start))
  if (!kind) throw new BadFile(`none of ${kinds.map(({ name }) => name).join(', ')}`)
  try {
    return await kind.read(bytes)
  } catch (cause) {
    throw cause instanceof BadFile || cause instanceof TinyfrontError
      ? cause
      : new BadFile(`broken ${kind.name} (${firstLine(cause)})`)
  }
}

const firstLine = (cause: unknown): string => String((cause as Error)?.message ?? cause).split('\n')[0]!
