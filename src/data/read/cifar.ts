import { BadFile } from './limits.ts'

const pixels = 1024
export const cifarRecord = 1 + 3 * pixels

/**
 * CIFAR-10's binary version (cs.toronto.edu/~kriz/cifar.html): records of a label byte and 3072 bytes, red plane, green plane, blue plane,
 * row by row. Appends to `images` as 32 x 32 x 3, channels last, from example `at`. @throws BadFile for a torn record or a label above 9.
 */
export function readCifar(bytes: Uint8Array, images: Uint8Array, labels: Int32Array, at: number): void {
  for (let r = 0; r < bytes.length / cifarRecord; r++) {
    const base = r * cifarRecord
    const label = bytes[base]!
    if (label > 9) throw new BadFile(`record ${r} has label ${label}`)
    labels[at + r] = label
    const to = (at + r) * 3 * pixels
    for (let p = 0; p < pixels; p++) for (let c = 0; c < 3; c++) images[to + 3 * p + c] = bytes[base + 1 + c * pixels + p]!
  }
}

export function cifarCount(bytes: Uint8Array): number {
  if (bytes.length === 0 || bytes.length % cifarRecord !== 0)
    throw new BadFile(`${bytes.length} bytes are not whole CIFAR-10 records of ${cifarRecord}`)
  return bytes.length / cifarRecord
}
