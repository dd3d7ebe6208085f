import { expect, test } from 'vitest'
import { loadAudio } from '../../src/data/load-audio.ts'
import { guessedManifest } from '../../src/data/manifest.ts'
import { wavBytes } from './make.ts'

test('sounds are decoded once, and keep the length that their files had', async () => {
  const reads = new Map<string, number>()
  const files = Array.from({ length: 12 }, (_, i) => {
    const path = `${i % 2 ? 'yes' : 'no'}/${i}.wav`
    const values = Array.from({ length: 4000 + 400 * i }, (__, t) => Math.round(9000 * Math.sin(t * (0.1 + 0.1 * (i % 2)))))
    const bytes = wavBytes({ rate: i === 3 ? 16000 : 8000, bits: 16, code: 1, values })
    const read = () => {
      reads.set(path, (reads.get(path) ?? 0) + 1)
      return bytes
    }
    return { path, read }
  })
  const decoded = await loadAudio({ root: 'sounds', files }, guessedManifest({ kind: 'audio' }, '.'))
  expect([...reads.values()]).toEqual(files.map(() => 1))
  expect([...decoded.seconds!]).toEqual(files.map((_, i) => Math.fround((4000 + 400 * i) / (i === 3 ? 16000 : 8000))))
})
