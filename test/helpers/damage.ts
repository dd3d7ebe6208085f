import type { Random } from '../../src/util/rng.ts'

/** A copy of a file, damaged in one to eight places: bytes, bits, words, pieces copied elsewhere, or the end cut off. */
export function damage(original: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  let file = Uint8Array.from(original)
  const view = new DataView(file.buffer)
  const changes = 1 + random.int(8)
  for (let n = 0; n < changes; n++) {
    const way = random.int(5)
    const word = 4 * random.int(file.length >> 2)
    if (way === 0) file[random.int(file.length)] = random.int(256)
    else if (way === 1) file[random.int(file.length)]! ^= 1 << random.int(8)
    else if (way === 2 && word + 4 <= view.byteLength)
      view.setInt32(word, random.pick([0, -1, 1, 0x7fffffff, -0x80000000, random.int(file.length)]), true)
    else if (way === 3) file.copyWithin(random.int(file.length), random.int(file.length), random.int(file.length))
    else if (n === changes - 1) file = file.slice(0, random.int(file.length))
  }
  return file
}
