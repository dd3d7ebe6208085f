import { metricRows } from '../../task/metric.ts'
import { metricText } from '../../task/schema.ts'
import { usageError } from '../../util/errors.ts'
import type { OpenHeader } from '../record/header.ts'

type Compared = Pick<OpenHeader, 'config'> & { readonly data: { readonly name: string; readonly fingerprint: string } }

/**
 * Why the scores of these studies do not say which front is better; empty = they do. Studies whose fronts have no axes in common are refused.
 * @throws TinyfrontError where objectives, or the direction or unit of the metric, differ.
 */
export function reservations(studies: readonly Compared[]): string[] {
  const [first, ...others] = studies
  if (first === undefined) return []
  for (const other of others) checkAxes(first, other)
  const name = ({ config }: Compared) => config.study
  const found: string[] = []
  if (others.some((s) => otherData(first, s)))
    found.push(
      `their data differ (${studies.map((s) => `${name(s)}: ${s.data.name}, ${s.data.fingerprint.slice(0, 8)}`).join('; ')})`,
    )
  if (others.some((s) => metricText(s.config.metric) !== metricText(first.config.metric)))
    found.push(`their metrics differ (${studies.map((s) => `${name(s)}: ${metricText(s.config.metric)}`).join('; ')})`)
  const fake = studies.filter((s) => s.config.engine === 'fake').map(name)
  if (others.length > 0 && fake.length > 0) found.push(`the scores of ${fake.join(', ')} are made up (--engine fake)`)
  return found
}

function checkAxes(a: Compared, b: Compared): void {
  const axes = ({ config }: Compared) => {
    const { better, unit } = metricRows[config.metric.kind]!
    return `${config.objectives.join()} ${better} ${unit}`
  }
  if (axes(a) !== axes(b))
    throw usageError(
      `${b.config.study} and ${a.config.study} differ in metric or objectives`,
      'compare studies with the same --metric and --objectives',
    )
}

/** The fingerprint covers the splits, which the seed draws: seeds of the same data may be compared. */
const otherData = (a: Compared, b: Compared): boolean =>
  a.data.fingerprint !== b.data.fingerprint && (a.config.data !== b.config.data || a.config.seed === b.config.seed)
