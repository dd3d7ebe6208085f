import { join } from 'node:path'
import { renderCompare } from '../../report/compare-html.ts'
import { coverage } from '../../report/coverage.ts'
import { compareTable } from '../../report/terminal-compare.ts'
import { type CompareEntry, type CompareView, viewSchemaVersion } from '../../report/view.ts'
import { reservations } from '../../run/after/comparable.ts'
import { emptyFronts } from '../../run/after/nearest-miss.ts'
import { repricedFronts } from '../../run/after/reprice.ts'
import { studyView } from '../../run/after/view.ts'
import { placeOf, readStudy } from '../../run/record/open.ts'
import { boundsOf } from '../../run/record/options.ts'
import { exitCodes, usageError } from '../../util/errors.ts'
import { writeAsked } from '../../util/write-whole.ts'
import type { Run } from '../options.ts'
import { print, printJson, tableStyle, talk } from '../output.ts'

/** `tinyfront compare STUDY... [--device A,B]`: overlaid fronts, hypervolumes, who covers whom; writes an HTML page beside the first study. */
export const runCompare: Run = async (args, options) => {
  const places = args.map((arg) => placeOf(arg, options.results))
  const stores = await Promise.all(places.map(({ name, results }) => readStudy(results, name)))
  const first = stores[0]!
  const notes = reservations(stores.map((s) => s.header))
  if (notes.length > 0 && !options.anyway)
    throw usageError(
      `fronts of ${args.join(' and ')} do not say which is better: ${notes.join(', and ')}`,
      'compare studies of the same data, metric and a real engine, or pass --anyway',
    )
  const devices = options.targets
  const views = stores.map((store) => {
    // --device adds boards to those of the study
    const all = devices ? [...new Set([...store.header.targets.map((t) => t.target.id), ...devices])] : undefined
    const on = all ? repricedFronts(store, all, boundsOf(options)) : undefined
    return { store, on, view: studyView(store, on ?? {}) }
  })
  const { objectives } = first.header.config
  const entries = views.flatMap(({ store, view }) =>
    view.targets.map(
      (t): CompareEntry => ({
        name: `${stores.length > 1 ? `${store.study.name} / ` : ''}${t.target}${view.metric.fake ? ' (fake)' : ''}`,
        study: store.study.name,
        target: t.target,
        facts: t.facts,
        budget: t.budget,
        reference: t.reference,
        front: t.front,
        hypervolume: t.hypervolume,
      }),
    ),
  )
  const compare: CompareView = {
    schemaVersion: viewSchemaVersion,
    title: args.join(', '),
    metric: views[0]!.view.metric,
    objectives,
    entries,
    ...(notes.length > 0 ? { notes } : {}),
  }
  if (options.json) {
    const covers = entries.flatMap((a, i) =>
      entries.flatMap((b, j) =>
        i === j ? [] : [{ front: a.name, over: b.name, share: coverage(a.front, b.front, objectives, compare.metric).share }],
      ),
    )
    printJson({ ...compare, coverage: covers })
  } else {
    print(compareTable(compare, tableStyle()))
    const page = join(first.folder, 'compare.html')
    writeAsked(page, renderCompare(compare))
    talk(`\n  ${page}`)
  }
  if (entries.every((e) => e.front.length === 0)) throw emptyFronts(first, views[0]!.on, devices ? boundsOf(options) : undefined)
  return exitCodes.ok
}
