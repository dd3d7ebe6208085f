import type { BoardSpec } from '../../device/load.ts'
import { coverage } from '../../report/coverage.ts'
import { type CompareEntry, type CompareView, viewSchemaVersion } from '../../report/view.ts'
import { usageError } from '../../util/errors.ts'
import { placeOf, readStudy } from '../record/open.ts'
import { type Bounds, boundsOf } from '../record/options.ts'
import type { StudyStore } from '../record/study-store.ts'
import { reservations } from './comparable.ts'
import { emptyFronts } from './nearest-miss.ts'
import { repricedFronts } from './reprice.ts'
import { studyView } from './view.ts'

export type CompareOptions = Bounds & {
  readonly results?: string
  /** Boards beside those of the studies. */
  readonly targets?: readonly BoardSpec[]
  /** Compare although their data, metrics or engines differ. */
  readonly anyway?: boolean
}

/** Fronts side by side, and which share of which front another one covers. */
export type Comparison = CompareView & {
  readonly coverage: readonly { readonly front: string; readonly over: string; readonly share: number | null }[]
}

/** With what the command line needs beside it: where the first study lies, and what to say where every front is empty. */
export type Compared = { readonly view: CompareView; readonly folder: string; readonly empty: () => Error | undefined }

/** Boards of a study, or several studies: their fronts side by side. @throws TinyfrontError where scores do not say which is better. */
export async function compareStudies(names: readonly string[], options: CompareOptions): Promise<Compared> {
  const { results = 'results', targets: devices } = options
  const places = names.map((name) => placeOf(name, results))
  const stores = await Promise.all(places.map((place) => readStudy(place.results, place.name)))
  const [first] = stores
  if (!first) throw usageError('no study to compare', 'name one or more')
  const notes = reservations(stores.map((s) => s.header))
  if (notes.length > 0 && !options.anyway)
    throw usageError(
      `fronts of ${names.join(' and ')} do not say which is better: ${notes.join(', and ')}`,
      'compare studies of the same data, metric and a real engine, or pass --anyway',
    )
  const bounds = boundsOf(options)
  const views = stores.map((store) => {
    // boards are added to those of the study
    const all = devices ? [...new Set([...store.header.targets.map((t) => t.target.id), ...devices])] : undefined
    const on = all ? repricedFronts(store, all, bounds) : undefined
    return { store, on, view: studyView(store, on ?? {}) }
  })
  const entries = views.flatMap(({ store, view }) => entriesOf(store, view, stores.length > 1))
  return {
    folder: first.folder,
    view: {
      schemaVersion: viewSchemaVersion,
      title: names.join(', '),
      metric: views[0]!.view.metric,
      objectives: first.header.config.objectives,
      entries,
      ...(notes.length > 0 ? { notes } : {}),
    },
    empty: () =>
      entries.every((e) => e.front.length === 0) ? emptyFronts(first, views[0]!.on, devices ? bounds : undefined) : undefined,
  }
}

const entriesOf = (store: StudyStore, view: ReturnType<typeof studyView>, several: boolean): CompareEntry[] =>
  view.targets.map((t) => ({
    name: `${several ? `${store.study.name} / ` : ''}${t.target}${view.metric.fake ? ' (fake)' : ''}`,
    study: store.study.name,
    target: t.target,
    facts: t.facts,
    budget: t.budget,
    reference: t.reference,
    front: t.front,
    hypervolume: t.hypervolume,
  }))

/** The view as a document: with the coverage of every pair. */
export function comparisonOf(view: CompareView): Comparison {
  const { entries, objectives, metric } = view
  const pairs = entries.flatMap((a, i) =>
    entries.flatMap((b, j) =>
      i === j ? [] : [{ front: a.name, over: b.name, share: coverage(a.front, b.front, objectives, metric).share }],
    ),
  )
  return { ...view, coverage: pairs }
}
