import { evenly } from '../../report/svg/scatter.ts'
import type { FrontMember, TargetView } from '../../report/view.ts'

/** A network in full takes about 25 kB of a page. Fronts of polished networks stay below this; longer ones are opened evenly. */
const mostOpened = 30

/** The networks to open and the boards that each is opened for, recommended ones first. */
export function toOpen(
  targets: readonly Pick<TargetView, 'target' | 'front'>[],
  which: 'recommended' | 'front',
): (readonly [trial: number, targets: readonly string[]])[] {
  const isPick = (m: FrontMember) => m.recommended !== undefined
  const on = (wanted: (m: FrontMember) => boolean) => {
    const found = new Map<number, string[]>()
    for (const { target, front } of targets)
      for (const m of front) if (wanted(m)) found.set(m.trial, [...(found.get(m.trial) ?? []), target])
    return [...found]
  }
  const picks = on(isPick)
  if (which === 'recommended') return picks
  const first = new Set(picks.map(([n]) => n))
  const all = on(() => true)
  return [
    ...all.filter(([n]) => first.has(n)),
    ...evenly(
      all.filter(([n]) => !first.has(n)),
      Math.max(0, mostOpened - first.size),
    ),
  ]
}
