import type { Lack } from '../device/what-if.ts'
import { formatBytes, formatMicrojoules, formatMilliseconds, formatPercent, formatSeconds } from '../util/units.ts'
import type { AccuracyView, FrontMember, MetricView, StudyView } from './view.ts'

/** What stands where nothing was measured. */
export const missing = '–'

/** Bytes, milliseconds, microjoules or layers, as the resource is counted. */
export const formatResource: Readonly<Record<Lack, (x: number) => string>> = {
  ram: formatBytes,
  flash: formatBytes,
  latency: formatMilliseconds,
  energy: formatMicrojoules,
  mapping: (n) => `${n} ${n === 1 ? 'operator' : 'operators'}`,
  int4: (n) => `${n} ${n === 1 ? 'layer' : 'layers'}`,
}

/** Whether scores are printed as they are; else in percent. */
export const isPlain = ({ better, unit }: MetricView): boolean => (unit ?? (better === 'down' ? 'number' : 'share')) === 'number'

/** 0.934 -> "93.4 %", or "1.27" for an error metric. */
export function formatScore(metric: MetricView, score: number | null): string {
  if (score === null) return missing
  return isPlain(metric) ? plainNumber(score) : formatPercent(score)
}

/** "92.9 % (91.8 – 93.9)" with the interval where it is known. */
export function formatTest(metric: MetricView, accuracy: AccuracyView): string {
  const interval = testInterval(metric, accuracy)
  return `${formatScore(metric, accuracy.test)}${interval === undefined ? '' : ` (${interval})`}`
}

/** "91.8 – 93.9": the 95 % interval of the test; undefined where it is not known. */
export function testInterval(metric: MetricView, { test, testLow, testHigh }: AccuracyView): string | undefined {
  if (test === null || testLow === null || testHigh === null) return undefined
  const bare = (score: number) => formatScore(metric, score).replace(' %', '')
  return `${bare(testLow)} – ${bare(testHigh)}`
}

/** Wall time from milliseconds to hours: "140 ms", "6.3 s", "3 min 12 s". */
export const formatDuration = (ms: number): string => (ms < 1000 ? formatMilliseconds(ms) : formatSeconds(ms / 1000))

/** Three significant digits, without exponent for the sizes that occur. */
export const plainNumber = (x: number): string => String(Number(x.toPrecision(3)))

/** Score turned so that larger is better, whatever the metric; the order in which fronts are listed. */
export const goodness = (metric: MetricView, score: number): number => (metric.better === 'down' ? -score : score)

/** Whether members of these boards were tested: then the test leads, and what chose them is small print. */
export const isTested = (members: readonly { readonly accuracy: AccuracyView }[]): boolean =>
  members.some((m) => m.accuracy.test !== null)

/** "the split that chose flatters by 0.6 points (mean of 4 tested networks)" */
export function optimismText(metric: MetricView, optimism: NonNullable<StudyView['optimism']>): string {
  const { mean, networks } = optimism
  const by = isPlain(metric) ? plainNumber(Math.abs(mean)) : `${(100 * Math.abs(mean)).toFixed(1)} points`
  const told =
    mean >= 0 ? `${metric.split}, which chose, flatters by ${by}` : `test is ${by} better than ${metric.split}, which chose`
  return `${told} (mean of ${networks} tested networks)`
}

/** Best first; members without a score last; equal scores by latency, then by trial. */
export function byScore(metric: MetricView): (a: FrontMember, b: FrontMember) => number {
  const key = (m: FrontMember) => (m.accuracy.int8 === null ? Number.NEGATIVE_INFINITY : goodness(metric, m.accuracy.int8))
  return (a, b) => (key(a) === key(b) ? a.cost.latencyMs - b.cost.latencyMs || a.trial - b.trial : key(a) > key(b) ? -1 : 1)
}

/** "49x10x64" */
export const formatShape = (shape: readonly number[]): string => shape.join('×')

/** Beside every score of a study that trained nothing. */
export const fakeScores = 'scores are made up (--engine fake)'
