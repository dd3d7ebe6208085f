import type { Bounded, Columns } from './columns.ts'

/** A slider of a cost goes from the cheapest to the dearest trial in equal ratios, that of the score from the worst to the best in equal differences. */
export type Slider = Bounded | 'least'
export const sliderSteps = 400
/** Where a slider bounds nothing. */
export const freeStep = (name: Slider): number => (name === 'least' ? 0 : sliderSteps)

type Range = readonly [low: number, high: number]

/** Least and greatest value among what fits the board; of scores as they are counted, larger is better. */
export const rangeOf = ({ range }: Columns, name: Slider): Range => range[name === 'least' ? 'good' : name]

/** The bound at a step; the last step of a cost lets the dearest pass. */
export function valueAt([low, high]: Range, step: number, name: Slider, better: 'up' | 'down'): number {
  const share = step / sliderSteps
  if (name === 'least') return (better === 'down' ? -1 : 1) * (low + (high - low) * share)
  return low > 0 ? low * (high / low) ** share * (1 + 1e-12) : low + (high - low) * share
}

/** The step nearest to a bound. */
export function stepOf([low, high]: Range, value: number, name: Slider, better: 'up' | 'down'): number {
  if (!(high > low)) return freeStep(name)
  const at = name === 'least' && better === 'down' ? -value : value
  const share = name === 'least' || low <= 0 ? (at - low) / (high - low) : Math.log(at / low) / Math.log(high / low)
  return Math.round(sliderSteps * Math.max(0, Math.min(1, share)))
}
