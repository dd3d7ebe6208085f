import { usageError } from '../../util/errors.ts'

const gib = 1_073_741_824

/** Data is untrusted: what a file says about its own size is checked against these before anything is allocated. */
export const limits = {
  /** files in one data set */
  files: 500_000,
  /** folders in folders */
  depth: 24,
  /** bytes of one file, unpacked */
  fileBytes: gib,
  /** bytes of one archive, unpacked */
  archiveBytes: 4 * gib,
  /** pixels of one picture, before it is made small */
  pixels: 50_000_000,
  /** cells of one table */
  cells: 200_000_000,
  /** bytes of all examples together, decoded */
  sampleBytes: 4 * gib,
} as const

/** Bytes as GiB, for messages. */
export const inGib = (bytes: number): string => `${bytes / gib} GiB`

/** A broken or forged file. Readers throw it; whoever reads many files lists it and goes on. */
export class BadFile extends Error {
  override readonly name = 'BadFile'
}

/** The size that a picture claims, before anything is allocated for it. */
export function checkPixels(height: number, width: number): void {
  if (!(height >= 1 && width >= 1 && height * width <= limits.pixels)) throw new BadFile(`picture of ${height} x ${width} pixels`)
}

/** What a person sees when a single, indispensable file is broken. */
export const asUsageError = (file: string, cause: unknown) =>
  usageError(`${file}: ${(cause as Error).message}`, 'the file is damaged or of another format: fetch or make it again', cause)

/** Throws the two-line error when the decoded examples would not fit. */
export function checkTotal(count: number, bytesEach: number, what: string): void {
  if (count * bytesEach > limits.sampleBytes)
    throw usageError(
      `${what}: ${count} examples of ${bytesEach} bytes are more than ${inGib(limits.sampleBytes)}`,
      'choose a smaller image size or a longer hop, or fewer examples',
    )
}
