import { usageError } from '../../util/errors.ts'

/** Decoders that are no part of the smallest install: loaded when the first file of their kind is read. */
export async function optional<T>(what: string, name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    throw usageError(
      `${what} files are read by ${name}, which is not installed`,
      `npm install ${name}, or convert the files`,
      cause,
    )
  }
}
