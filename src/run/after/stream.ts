import { readAt } from '../../data/load-audio.ts'
import { logMel } from '../../data/log-mel.ts'
import { BadFile } from '../../data/read/limits.ts'
import { openTree } from '../../data/read/tree.ts'
import { logMelOf } from '../../data/seen-as.ts'
import {
  type Detection,
  type DetectorSettings,
  detector,
  type Heard,
  isQuiet,
  type StreamScore,
  scoreStream,
} from '../../task/detector.ts'
import { usageError } from '../../util/errors.ts'
import type { StudyStore } from '../record/study-store.ts'
import { modelOf } from './model-of.ts'
import { pickTrial } from './pick-trial.ts'
import { type Prediction, predictAll } from './predict.ts'

export type StreamAsked = {
  readonly file: string
  /** What can be heard when, to count what is found and what is not there. */
  readonly track?: readonly Heard[]
  /** The network runs once in so many hops of the front end. */
  readonly every: number
  readonly settings: DetectorSettings
  /** With a track: the least threshold with at most so many false alarms an hour takes the place of the one in `settings`. */
  readonly falseAlarmsPerHour?: number
}

export type Streamed = {
  readonly trial: number
  readonly seconds: number
  readonly inferences: number
  readonly settings: DetectorSettings
  readonly detections: readonly Detection[]
  readonly score?: StreamScore
}

/**
 * A recording as firmware hears it: features hop by hop, the network every few hops, detections over time. The integers are those that are flashed, so that
 * an export with these settings detects the same at the same hops.
 */
export async function streamTrial(
  store: StudyStore,
  trial: string | undefined,
  asked: StreamAsked,
  resultsDir: string,
): Promise<Streamed> {
  const { data } = store.header
  const front = logMelOf(data.frontEnd)
  if (!front || data.classes.length === 0)
    throw usageError(
      `study ${store.study.name} does not name sounds: there is no stream to listen to`,
      'stream works on classes of WAV, FLAC, Ogg or MP3 files; predict takes other files',
    )
  const n = pickTrial(store, trial)
  const model = await modelOf(store, n, resultsDir)
  const samples = await recordingAt(asked.file, front.sampleRate)
  const { windowSamples, hopSamples, mels, clipSamples, sampleRate } = front
  // a stream's windows end where its hops end
  const from = Math.ceil(windowSamples / hopSamples) * hopSamples - windowSamples
  const mel = logMel(front)
  const rows = new Float32Array(mel.frames(samples.length - from) * mels)
  mel.compute(samples.subarray(from), rows, 0)
  const frames = mel.frames(clipSamples)
  const inferences: { readonly row: number; readonly values: Float32Array }[] = []
  for (let row = frames; row <= rows.length / mels; row += asked.every)
    inferences.push({ row, values: rows.subarray((row - frames) * mels, row * mels) })
  if (inferences.length === 0)
    throw usageError(
      `${asked.file}: ${(samples.length / sampleRate).toFixed(2)} s are less than one clip of ${(clipSamples / sampleRate).toFixed(2)} s`,
      'give a longer recording',
    )
  const predicted = inBatches(inferences, (batch) =>
    predictAll(
      model,
      data,
      batch.map(({ values }) => ({ source: '', values })),
    ),
  )
  const answers = predicted.map(({ integers }) => Int8Array.from(integers))
  const times = inferences.map(({ row }) => (from + (row - 1) * hopSamples + windowSamples) / sampleRate)
  const quiet = data.classes.map(isQuiet)
  const seconds = samples.length / sampleRate
  const detect = (threshold: number): Detection[] => {
    const ear = detector({ ...asked.settings, threshold }, quiet)
    return answers.flatMap((answer, i) => {
      const found = ear.push(answer)
      return found < 0 ? [] : [{ seconds: times[i]!, label: data.classes[found]! }]
    })
  }
  const scored = (detections: readonly Detection[]) => scoreStream(detections, asked.track!, seconds, clipSamples / sampleRate)
  const threshold = asked.falseAlarmsPerHour === undefined ? asked.settings.threshold : least(asked, (t) => scored(detect(t)))
  const detections = detect(threshold)
  return {
    ...{ trial: n, seconds, inferences: inferences.length, settings: { ...asked.settings, threshold }, detections },
    ...(asked.track ? { score: scored(detections) } : {}),
  }
}

/** The least threshold that keeps to the false alarms; the highest one where none does. */
function least({ falseAlarmsPerHour, track }: StreamAsked, score: (threshold: number) => StreamScore): number {
  if (!track) throw usageError('--false-alarms needs to know what can be heard', 'pass --track with lines of start, end, label')
  for (let threshold = 1; threshold < 255; threshold++)
    if (score(threshold).falseAlarmsPerHour <= falseAlarmsPerHour!) return threshold
  return 255
}

async function recordingAt(path: string, rate: number): Promise<Float32Array> {
  const [file, ...others] = openTree(path).files
  if (!file || others.length > 0) throw usageError(`${path}: not one recording`, 'name one sound file')
  try {
    return await readAt(file, rate)
  } catch (cause) {
    if (!(cause instanceof BadFile)) throw cause
    throw usageError(`${path}: ${cause.message}`, 'check the file', cause)
  }
}

/** Windows overlap: a long recording is taken in parts, so that memory stays small. */
function inBatches<T>(all: readonly T[], run: (batch: readonly T[]) => readonly Prediction[]): Prediction[] {
  const said: Prediction[] = []
  for (let i = 0; i < all.length; i += 512) said.push(...run(all.slice(i, i + 512)))
  return said
}
