import { readTflite, readTfliteLayers } from '../../src/export/tflite-read.ts'
import { writeTflite } from '../../src/export/tflite-write.ts'
import { TinyfrontError } from '../../src/util/errors.ts'
import { rng } from '../../src/util/rng.ts'
import { damage } from './damage.ts'
import { floatTflite } from './float-tflite.ts'
import { randomModel } from './random-model.ts'

const originals = [{}, { int4: 'some' } as const].flatMap((bits) =>
  Array.from({ length: 12 }, (_, seed) => writeTflite(randomModel(`mutate/${seed}`, { maxOps: 6, ...bits }))),
)
const inFloat = originals.slice(0, 4).map((file) => floatTflite(file))

/** Damages a file and reads it. Throws where reading does anything but return or explain. */
export function mutate(seed: number): 'read' | 'refused' {
  const random = rng(seed, 'mutate')
  const float = seed % 4 === 3
  const file = damage(random.pick(float ? inFloat : originals), random)
  try {
    if (float) readTfliteLayers(file)
    else readTflite(file)
    return 'read'
  } catch (error) {
    if (!(error instanceof TinyfrontError)) throw new Error(`seed ${seed}: ${(error as Error).stack}`)
    return 'refused'
  }
}
