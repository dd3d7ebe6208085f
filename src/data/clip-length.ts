/** What is looked at of a clip, in hops of so many seconds. */
const hopSeconds = 0.01
/** No guessed clip is longer. */
const mostSeconds = 10
/** Share of the clips' energy that a guessed length holds. */
const held = 0.95

/** Lengths of clips, and where in them their energy lies. */
export type ClipLengths = {
  add(samples: Float32Array, rate: number): void
  /** Seconds that hold at least 95 % of the energy, each clip counted alike; the length of the clips where all have one, 10 s at most. */
  seconds(): number
  /** Clips longer and shorter than this. */
  cutAndPadded(seconds: number): { readonly cut: number; readonly padded: number }
}

export function clipLengths(): ClipLengths {
  const lengths: number[] = []
  const energy = new Float64Array(mostSeconds / hopSeconds + 1)
  return {
    add(samples, rate) {
      lengths.push(samples.length / rate)
      const parts = partsOf(samples, Math.max(1, Math.round(hopSeconds * rate)))
      const total = parts.reduce((a, b) => a + b, 0)
      if (total > 0) for (const [i, part] of parts.entries()) energy[Math.min(i, energy.length - 1)]! += part / total
    },
    seconds() {
      const longest = lengths.reduce((a, b) => Math.max(a, b), 0)
      const shortest = lengths.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
      const total = energy.reduce((a, b) => a + b, 0)
      if (longest === shortest || total === 0) return Math.min(mostSeconds, longest)
      let sum = 0
      let hops = 0
      while (hops < energy.length && sum < held * total) sum += energy[hops++]!
      return Math.min(mostSeconds, longest, hops * hopSeconds)
    },
    cutAndPadded: (seconds) => ({
      cut: lengths.filter((length) => length > seconds).length,
      padded: lengths.filter((length) => length < seconds).length,
    }),
  }
}

/** Energy of each hop, the constant part of the clip taken out. */
function partsOf(samples: Float32Array, hop: number): number[] {
  let mean = 0
  for (const x of samples) mean += x / samples.length
  return Array.from({ length: Math.ceil(samples.length / hop) }, (_, i) => {
    let sum = 0
    for (let k = i * hop; k < Math.min(samples.length, (i + 1) * hop); k++) sum += (samples[k]! - mean) * (samples[k]! - mean)
    return sum
  })
}
