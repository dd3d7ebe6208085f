import { readTflite, readTfliteLayers } from '../../src/export/tflite-read.ts'
import { writeTflite } from '../../src/export/tflite-write.ts'
import { TinyfrontError } from '../../src/util/errors.ts'
import { rng } from '../../src/util/rng.ts'
import { floatTflite } from './float-tflite.ts'
import { randomModel } from './random-model.ts'

const originals = Array.from({ length: 12 }, (_, seed) => writeTflite(randomModel(`mutate/${seed}`, { maxOps: 6 })))
const inFloat = originals.slice(0, 4).map((file) => floatTflite(file))

/** Damages a file in one of five ways and reads it. Throws where reading does anything but return or explain. */
export function mutate(seed: number): 'read' | 'refused' {
  const random = rng(seed, 'mutate')
  const float = seed % 4 === 3
  let file = random.pick(float ? inFloat : originals).slice()
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
  try {
    if (float) readTfliteLayers(file)
    else readTflite(file)
    return 'read'
  } catch (error) {
    if (!(error instanceof TinyfrontError)) throw new Error(`seed ${seed}: ${(error as Error).stack}`)
    return 'refused'
  }
}
