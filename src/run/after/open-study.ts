import type { BoardSpec } from '../../device/load.ts'
import type { NetworkView, StudyView } from '../../report/view.ts'
import type { Trial } from '../../search/trial.ts'
import { placeOf, readStudy } from '../record/open.ts'
import { type Bounds, boundsOf, type StudyConfig } from '../record/options.ts'
import { setupOf } from '../record/setup.ts'
import { networkView } from './network-view.ts'
import { pickTrial } from './pick-trial.ts'
import { type Repriced, reprice, repricedFronts } from './reprice.ts'
import { studyView } from './view.ts'

/** Boards to look at the study on instead of its own; their bounds instead of the study's. Nothing is trained for it. */
export type Look = Bounds & { readonly targets?: readonly BoardSpec[] }

/** A study to look at. */
export type OpenStudy = {
  readonly config: StudyConfig
  readonly trials: readonly Trial[]
  /** The front of every board with its recommended network, counters, and what another machine needs for the same bits. */
  view(look?: Look): StudyView
  /** A network layer by layer, with the RAM over time; without `trial` the recommended one of the first board. */
  network(trial?: number, look?: Look): NetworkView
}

/**
 * Opens a study for looking at, also while it runs.
 *
 * ```ts
 * const study = await openStudy('gestures')
 * for (const { target, front } of study.view().targets) console.log(target, front.length)
 * ```
 * @throws TinyfrontError where there is no study of this name, or its journal is damaged.
 */
export async function openStudy(name: string, options: { readonly results?: string } = {}): Promise<OpenStudy> {
  const place = placeOf(name, options.results ?? 'results')
  const store = await readStudy(place.results, place.name)
  const { config } = store.header
  const looked = ({ targets, ...more }: Look, price: typeof reprice): Partial<Repriced> => {
    const bounds = boundsOf(more)
    return targets === undefined && Object.keys(bounds).length === 0 ? {} : price(store, targets ?? config.targets, bounds)
  }
  return {
    config,
    trials: store.trials(),
    view: (look = {}) => studyView(store, looked(look, repricedFronts)),
    network(trial, look = {}) {
      const n = pickTrial(store, trial === undefined ? undefined : String(trial))
      const { targets = store.header.targets, trials = store.trials() } = looked(look, reprice)
      const tests = store.tests()
      return networkView(
        store,
        setupOf(store.header),
        trials[n]!,
        targets,
        tests.find((t) => t.trial === n),
      )
    },
  }
}
