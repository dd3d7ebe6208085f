import { usageError } from '../util/errors.ts'
import { catalogue, type Item } from './catalogue.ts'
import { decodeAll, givenOf, groupIds, readLabels } from './collect.ts'
import { type Decoded, sharedFloats } from './decoded.ts'
import { defaultLogMel, type LogMel, logMel } from './log-mel.ts'
import type { Placed } from './manifest.ts'
import { BadFile, checkTotal } from './read/limits.ts'
import type { FileTree } from './read/tree.ts'
import { readWav } from './read/wav.ts'

export const audioFiles = /\.wav$/i

/** A folder of sound clips as log-mel pictures `[frames, mels, 1]`. All must have one sample rate: resampling would hide a mistake. */
export function loadAudio(tree: FileTree, placed: Placed): Decoded {
  const { audio, groupPattern, name } = placed.manifest
  const isNoise = (path: string) => path.startsWith(`${audio.background}/`)
  const clips = { root: tree.root, files: tree.files.filter((f) => !isNoise(f.path)) }
  // Google's speech commands name the speaker so; nobody should have to say it
  const speakers = clips.files.length > 0 && clips.files.every((f) => /_nohash_\d+\.wav$|^[^/]+\.(txt|md)$|LICENSE/i.test(f.path))
  const found = catalogue(
    clips,
    speakers && !groupPattern ? { ...placed, manifest: { ...placed.manifest, groupPattern: '([^/]+)_nohash_' } } : placed,
    audioFiles,
  )
  const probe = firstReadable(found.items)
  if (!probe)
    throw usageError(`${tree.root}: none of ${found.items.length} WAV files can be read`, 'check that they are PCM or float WAV')
  const rate = probe.sampleRate
  const clipSamples = Math.round((audio.seconds ?? Math.min(10, probe.samples.length / rate)) * rate)
  const front = frontEndOf(placed, rate)
  const frames = front.frames(clipSamples)
  if (frames < 1)
    throw usageError(
      `${tree.root}: clips of ${clipSamples} samples are shorter than one window`,
      'set audio.seconds or audio.windowMs',
    )
  const size = frames * audio.mels
  checkTotal(found.items.length, size * 4, tree.root)
  const samples = sharedFloats(found.items.length * size)
  const clip = new Float32Array(clipSamples)
  const kept: Item[] = []
  const unreadable = decodeAll(found, tree.root, (item) => {
    const wav = readWav(item.file.read())
    if (wav.sampleRate !== rate) throw rateError(probe.path, rate, item.file.path, wav.sampleRate)
    if (wav.samples.length === 0) throw new BadFile('WAV without a sample')
    clip.fill(0)
    clip.set(wav.samples.subarray(0, clipSamples))
    front.compute(clip, samples, kept.length * size)
    kept.push(item)
  })
  const background = backgroundOf(tree, isNoise, front, rate, audio.mels, probe.path)
  const given = givenOf(kept.map((item) => item.parts[0]!.split))
  const groups = groupIds(kept.map((item) => item.group))
  return {
    name: name ?? tree.root,
    kind: 'audio',
    shape: [frames, audio.mels, 1],
    ...readLabels(
      kept.map((item) => item.labels ?? ['']),
      placed.manifest.task,
    ),
    samples: samples.subarray(0, kept.length * size),
    ...(groups ? { groups } : {}),
    ...(given ? { given } : {}),
    ...(background ? { background } : {}),
    sources: kept.map((item) => item.file.path),
    frontEnd: { ...front.describe, clipSamples },
    unreadable,
    notes: found.notes,
  }
}

/** The first clip that decodes: its rate and length count for all. */
function firstReadable(items: readonly Item[]): { path: string; sampleRate: number; samples: Float32Array } | undefined {
  for (const { file } of items) {
    try {
      const wav = readWav(file.read())
      if (wav.samples.length > 0) return { path: file.path, ...wav }
    } catch (cause) {
      if (!(cause instanceof BadFile)) throw cause
    }
  }
  return undefined
}

const rateError = (a: string, rateA: number, b: string, rateB: number) =>
  usageError(`${a} has ${rateA} Hz, ${b} has ${rateB} Hz`, 'bring all WAV files to one sample rate')

function frontEndOf({ manifest: { audio } }: Placed, rate: number): LogMel {
  const usual = defaultLogMel(rate)
  const highHz = audio.highHz ?? usual.highHz
  if (highHz > rate / 2)
    throw usageError(`audio.highHz ${highHz} is above half the sample rate ${rate}`, `choose at most ${rate / 2}`)
  return logMel({
    sampleRate: rate,
    windowSamples: Math.round((audio.windowMs * rate) / 1000),
    hopSamples: Math.round((audio.hopMs * rate) / 1000),
    mels: audio.mels,
    lowHz: audio.lowHz ?? usual.lowHz,
    highHz,
  })
}

/** All noise recordings, one after the other, as frames `[frames, mels]`. */
function backgroundOf(
  tree: FileTree,
  isNoise: (path: string) => boolean,
  front: LogMel,
  rate: number,
  mels: number,
  probe: string,
): Float32Array | undefined {
  const tracks = tree.files.filter((f) => isNoise(f.path) && audioFiles.test(f.path))
  const parts = tracks.map((file) => {
    const wav = readWav(file.read())
    if (wav.sampleRate !== rate) throw rateError(probe, rate, file.path, wav.sampleRate)
    const out = new Float32Array(front.frames(wav.samples.length) * mels)
    front.compute(wav.samples, out, 0)
    return out
  })
  if (parts.length === 0) return undefined
  const all = sharedFloats(parts.reduce((sum, p) => sum + p.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
