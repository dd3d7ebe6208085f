/**
 * How answers over time become detections. All in integers, so that firmware (`export/c/detector.ts`) decides alike.
 *
 * The last `smooth` answers are summed. Where the largest sum is of a class that counts and reaches `threshold` in the mean, that class is a candidate. It is
 * detected once it was the candidate in `hits` of the last `of` answers, and nothing is detected for `rest` answers after that.
 */
export type DetectorSettings = {
  readonly smooth: number
  /** Least mean of the summed answers, 0 to 255 above the lowest an output can be. */
  readonly threshold: number
  readonly hits: number
  readonly of: number
  readonly rest: number
}

export type Detector = {
  /** One answer of the network; gives the class that is detected now, and otherwise -1. */
  push(answer: Int8Array): number
}

/** `quiet`: classes that are never a detection, such as noise. */
export function detector({ smooth, threshold, hits, of, rest }: DetectorSettings, quiet: readonly boolean[]): Detector {
  const classes = quiet.length
  const answers = new Uint8Array(smooth * classes)
  const sums = new Int32Array(classes)
  const candidates = new Int32Array(of).fill(-1)
  let [at, seen, resting] = [0, 0, 0]
  return {
    push(answer) {
      for (let c = 0; c < classes; c++) {
        const level = answer[c]! + 128
        sums[c] = sums[c]! + level - answers[at * classes + c]!
        answers[at * classes + c] = level
      }
      at = (at + 1) % smooth
      let best = 0
      for (let c = 1; c < classes; c++) if (sums[c]! > sums[best]!) best = c
      const candidate = !quiet[best] && sums[best]! >= threshold * smooth ? best : -1
      candidates[seen] = candidate
      seen = (seen + 1) % of
      if (resting > 0) {
        resting--
        return -1
      }
      let count = 0
      for (const other of candidates) if (other === candidate) count++
      if (candidate < 0 || count < hits) return -1
      resting = rest
      candidates.fill(-1)
      return candidate
    },
  }
}

/** Names that people give to the class of everything else. */
const quietNames = /^_?(background|noise|silence|silent|unknown|other|others|nothing|none|idle|negative)(_?noise_?)?_?$/i

export const isQuiet = (name: string): boolean => quietNames.test(name)

/** A stretch of a recording in which something can be heard, in seconds. */
export type Heard = { readonly start: number; readonly end: number; readonly label: string }
export type Detection = { readonly seconds: number; readonly label: string }

export type StreamScore = {
  /** Stretches that were detected, of all. */
  readonly found: number
  readonly events: number
  /** Detections of nothing that is there. */
  readonly falseAlarms: number
  readonly falseAlarmsPerHour: number
}

/** A detection is right within its stretch, or as long after it as the network still hears it; each stretch counts once, further ones of it not at all. */
export function scoreStream(
  detections: readonly Detection[],
  track: readonly Heard[],
  seconds: number,
  after: number,
): StreamScore {
  const found = new Set<Heard>()
  let falseAlarms = 0
  for (const { seconds: at, label } of detections) {
    const heard = track.filter((e) => e.label === label && at >= e.start && at <= e.end + after)
    if (heard.length === 0) falseAlarms++
    else found.add(heard.find((e) => !found.has(e)) ?? heard[0]!)
  }
  return { found: found.size, events: track.length, falseAlarms, falseAlarmsPerHour: (falseAlarms * 3600) / seconds }
}
