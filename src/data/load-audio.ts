import { usageError } from '../util/errors.ts'
import { catalogue, type Item } from './catalogue.ts'
import { type ClipLengths, clipLengths } from './clip-length.ts'
import { decodeAll, givenOf, groupIds, readLabels } from './collect.ts'
import { type Decoded, sharedFloats } from './decoded.ts'
import { defaultLogMel, type LogMel, logMel } from './log-mel.ts'
import type { Placed } from './manifest.ts'
import { BadFile, checkTotal } from './read/limits.ts'
import { readSoundFile, type Sound, soundFiles } from './read/sound.ts'
import type { FileEntry, FileTree } from './read/tree.ts'
import { resample } from './resample.ts'

/** A folder of sound clips as log-mel pictures `[frames, mels, 1]`, all at the sample rate that most of them have. */
export async function loadAudio(tree: FileTree, placed: Placed): Promise<Decoded> {
  const { audio, groupPattern, name } = placed.manifest
  const isNoise = (path: string) => path.startsWith(`${audio.background}/`)
  const clips = { root: tree.root, files: tree.files.filter((f) => !isNoise(f.path)) }
  // Google's speech commands name the speaker so; nobody should have to say it
  const speakers = clips.files.length > 0 && clips.files.every((f) => /_nohash_\d+\.wav$|^[^/]+\.(txt|md)$|LICENSE/i.test(f.path))
  const found = catalogue(
    clips,
    speakers && !groupPattern ? { ...placed, manifest: { ...placed.manifest, groupPattern: '([^/]+)_nohash_' } } : placed,
    soundFiles,
  )
  const { rate, lengths, notes, take } = await survey(found.items, tree.root)
  const seconds = audio.seconds ?? lengths.seconds()
  const clipSamples = Math.round(seconds * rate)
  const front = frontEndOf(placed, rate)
  const frames = front.frames(clipSamples)
  if (frames < 1)
    throw usageError(
      `${tree.root}: clips of ${clipSamples} samples are shorter than one window`,
      'set audio.seconds or audio.windowMs',
    )
  const size = frames * audio.mels
  checkTotal(found.items.length, size * 4, tree.root)
  const pictures = sharedFloats(found.items.length * size)
  const clip = new Float32Array(clipSamples)
  const kept: Item[] = []
  const own: number[] = []
  const unreadable = await decodeAll(found, tree.root, async (item) => {
    const sound = await take(item)
    const samples = resample(sound.samples, sound.sampleRate, rate)
    clip.fill(0)
    clip.set(samples.subarray(0, clipSamples))
    front.compute(clip, pictures, kept.length * size)
    kept.push(item)
    own.push(sound.samples.length / sound.sampleRate)
  })
  const background = await backgroundOf(tree, isNoise, front, rate, audio.mels)
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
    samples: pictures.subarray(0, kept.length * size),
    ...(groups ? { groups } : {}),
    ...(given ? { given } : {}),
    seconds: Float32Array.from(own),
    ...(background ? { background } : {}),
    sources: kept.map((item) => item.file.path),
    frontEnd: { ...front.describe, clipSamples },
    unreadable,
    notes: [...found.notes, ...notes, ...lengthNotes(lengths, seconds, audio.seconds === undefined)],
  }
}

/** Samples of decoded clips that are kept from the first walk to the second; beyond it clips are decoded twice. */
const keptBytes = 268_435_456

/** A first walk over all clips: the rate of most of them, and their lengths. `take` hands out each clip, once. */
async function survey(items: readonly Item[], root: string) {
  const rates = new Map<number, number>()
  const decoded = new Map<Item, Sound>()
  let room = keptBytes
  const lengths = clipLengths()
  let firstReason = ''
  for (const item of items) {
    const { file } = item
    try {
      const sound = await readSound(file)
      const { samples, sampleRate } = sound
      rates.set(sampleRate, (rates.get(sampleRate) ?? 0) + 1)
      lengths.add(samples, sampleRate)
      room -= samples.byteLength
      if (room >= 0) decoded.set(item, sound)
    } catch (cause) {
      if (!(cause instanceof BadFile || (cause as NodeJS.ErrnoException).syscall)) throw cause
      firstReason ||= `${file.path}: ${(cause as Error).message}`
    }
  }
  if (rates.size === 0)
    throw usageError(`${root}: none of ${items.length} sound files can be read: ${firstReason}`, 'check that they play')
  const [[rate], ...others] = [...rates].sort(([a, n], [b, m]) => m - n || a - b) as [[number, number], ...[number, number][]]
  const notes =
    others.length > 0 ? [`resampled to ${rate} Hz: ${others.map(([other, n]) => `${n} clips of ${other} Hz`).join(', ')}`] : []
  const take = async (item: Item): Promise<Sound> => {
    const sound = decoded.get(item) ?? (await readSound(item.file))
    decoded.delete(item)
    return sound
  }
  return { rate, lengths, notes, take }
}

function lengthNotes(lengths: ClipLengths, seconds: number, guessed: boolean): string[] {
  const { cut, padded } = lengths.cutAndPadded(seconds)
  if (cut + padded === 0) return []
  const why = guessed ? ', which hold 95 % of their energy (audio.seconds in dataset.json says otherwise)' : ''
  return [`clips are brought to ${Number(seconds.toFixed(2))} s${why}: ${cut} are cut, ${padded} padded with silence`]
}

async function readSound(file: FileEntry): Promise<Sound> {
  const sound = await readSoundFile(file.read())
  if (sound.samples.length === 0) throw new BadFile('a sound without a sample')
  return sound
}

/** The samples of a file at this rate. @throws BadFile where it cannot be read, or holds none */
export async function readAt(file: FileEntry, rate: number): Promise<Float32Array> {
  const { samples, sampleRate } = await readSound(file)
  return resample(samples, sampleRate, rate)
}

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
async function backgroundOf(
  tree: FileTree,
  isNoise: (path: string) => boolean,
  front: LogMel,
  rate: number,
  mels: number,
): Promise<Float32Array | undefined> {
  const tracks = tree.files.filter((f) => isNoise(f.path) && soundFiles.test(f.path))
  const parts: Float32Array[] = []
  for (const file of tracks) {
    const samples = await readAt(file, rate)
    const out = new Float32Array(front.frames(samples.length) * mels)
    front.compute(samples, out, 0)
    parts.push(out)
  }
  if (parts.length === 0) return undefined
  const all = sharedFloats(parts.reduce((sum, p) => sum + p.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
