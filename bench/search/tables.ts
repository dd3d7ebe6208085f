import { hypervolume } from '../../src/search/hypervolume.ts'
import type { Mark, Run } from './run.ts'

const shares = [0.05, 0.1, 0.25, 0.5, 1]
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
const at = (m: Mark): number[] => [m.error, m.latency, m.ram, m.flash]

/** Hypervolume of the trials stored by then, as a share of the box. */
function volumeBy(run: Run, seconds: number, reference: readonly number[]): number {
  const points = run.marks.filter((m) => m.fits && m.at <= seconds).map((m) => at(m).map((x, i) => x / reference[i]!))
  return hypervolume(
    points,
    reference.map(() => 1),
  )
}

/** CPU seconds after which a run had this hypervolume; Infinity where it never had. */
function secondsTo(run: Run, volume: number, reference: readonly number[]): number {
  const [low, high] = [0, run.marks.length - 1]
  if (volumeBy(run, run.seconds, reference) < volume) return Number.POSITIVE_INFINITY
  let [a, b] = [low, high]
  while (a < b) {
    const middle = (a + b) >> 1
    if (volumeBy(run, run.marks[middle]!.at, reference) >= volume) b = middle
    else a = middle + 1
  }
  return run.marks[a]!.at
}

/** The corner of the tight box: a third of the trivial error, and a quarter of the reference in latency, RAM and flash. */
const tight = ([error, ...costs]: readonly number[]): number[] => [error! / 3, ...costs.map((c) => c / 4)]

export function printTables(runs: readonly Run[]): void {
  const sets = [...new Set(runs.map((r) => `${r.data} ${r.seconds}`))]
  for (const set of sets) {
    const of = runs.filter((r) => `${r.data} ${r.seconds}` === set)
    const seconds = of[0]!.seconds
    console.log(
      `\n${set} CPU s: hypervolume after 5, 10, 25, 50, 100 % | in the tight box | best accuracy after 10, 25, 50, 100 % | trials | s to the hypervolume of evolution`,
    )
    for (const arm of [...new Set(of.map((r) => r.arm))]) {
      const own = of.filter((r) => r.arm === arm)
      const volumes = shares.map((s) => mean(own.map((r) => volumeBy(r, s * seconds, r.reference))).toFixed(3))
      const boxes = shares.map((s) => mean(own.map((r) => volumeBy(r, s * seconds, tight(r.reference)))).toFixed(3))
      const best = shares
        .slice(1)
        .map((s) =>
          mean(
            own.map((r) => 100 - 100 * Math.min(1, ...r.marks.filter((m) => m.fits && m.at <= s * seconds).map((m) => m.error))),
          ).toFixed(1),
        )
      const reach = own.flatMap((r) => {
        const peer = of.find((o) => o.arm === 'evolution' && o.seed === r.seed)
        return peer ? [secondsTo(r, volumeBy(peer, seconds, peer.reference), r.reference)] : []
      })
      const times = reach.map((s) => s.toFixed(0)).join(' ')
      console.log(
        `${arm.padEnd(22)} ${volumes.join(' ')} | ${boxes.join(' ')} | ${best.join(' ')} | ${mean(own.map((r) => r.marks.length))
          .toFixed(0)
          .padStart(4)} | ${times}  (seeds ${own.map((r) => r.seed).join(' ')})`,
      )
    }
  }
}
