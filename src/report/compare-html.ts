import { formatPercent } from '../util/units.ts'
import { extremes, referenceNote } from './compare.ts'
import { coverage } from './coverage.ts'
import { missing, plainNumber } from './format.ts'
import { htmlTable } from './html-table.ts'
import { type Content, type Markup, markup } from './markup.ts'
import { htmlPage } from './page.ts'
import { markRecommended } from './recommend.ts'
import { frontLegend, overlay } from './sections/fronts.ts'
import { shareBar } from './svg/bars.ts'
import { legendMarker } from './svg/marks.ts'
import type { CompareView } from './view.ts'

/** Fronts of several devices or studies over each other: one self-contained HTML file. */
export function renderCompare(comparison: CompareView): string {
  const { metric } = comparison
  const entries = comparison.entries.map((e) => ({ ...e, title: e.name, front: markRecommended(e.front, e.budget, metric) }))
  const view = { ...comparison, entries }
  return htmlPage({
    title: view.title,
    lede: markup`<p class="lede">${String(entries.length)} Pareto fronts compared</p><ul class="facts"><li>metric <b>${metric.name}</b> on ${metric.split}</li>${(comparison.notes ?? []).map((note) => markup`<li><b>${note}</b></li>`)}</ul>`,
    sections: [
      { id: 'overview', name: 'Overview', body: overview(view) },
      {
        id: 'fronts',
        name: 'Fronts',
        body: markup`<div class="card">${frontLegend(entries)}${overlay(entries, metric)}<p class="note">Step lines: the best attainable at each cost in the two dimensions shown. Rings: the recommended network of each front.</p></div>`,
      },
      { id: 'coverage', name: 'Coverage', body: entries.length > 1 && matrix(view) },
      { id: 'domination', name: 'Who dominates whom', body: entries.length > 1 && domination(view) },
    ],
    footer: 'tinyfront · a front dominates another where it is no worse in every objective and better in one',
  })
}

function overview(view: CompareView): Markup {
  const most = Math.max(1e-12, ...view.entries.map((e) => e.hypervolume ?? 0))
  const table = htmlTable(
    [
      { title: 'front' },
      { title: 'study' },
      { title: 'networks', kind: 'n' },
      { title: `best ${view.metric.name}`, kind: 'n' },
      { title: 'fastest', kind: 'n' },
      { title: 'least RAM', kind: 'n' },
      { title: 'least flash', kind: 'n' },
      { title: 'hypervolume', kind: 'bar' },
    ],
    view.entries.map((e, i) => {
      const ends = extremes(e, view.metric)
      const bar = e.hypervolume === null ? missing : shareBar(e.hypervolume / most, plainNumber(e.hypervolume))
      return {
        cells: [
          markup`${legendMarker(i)} <b>${e.name}</b><br><span class="range">${e.facts.join(' · ')}</span>`,
          e.study,
          String(e.front.length),
          ends.best,
          ends.fastest,
          ends.smallestRam,
          ends.smallestFlash,
          bar,
        ],
      }
    }),
  )
  return markup`<div class="card">${table}<p class="note">Hypervolume, larger is better: ${referenceNote(view)}.</p></div>`
}

/** C(row, column), tinted by its size. */
function matrix(view: CompareView): Markup {
  const table = htmlTable(
    [{ title: 'covers' }, ...view.entries.map((e) => ({ title: e.name, kind: 'n' as const }))],
    view.entries.map((a, i) => ({
      cells: [
        markup`${legendMarker(i)} ${a.name}`,
        ...view.entries.map((b, j): Content => {
          const { share } = coverage(a.front, b.front, view.objectives, view.metric)
          return i === j || share === null
            ? missing
            : markup`<span class="tint" style="--share:${share * 70}%">${formatPercent(share, 0)}</span>`
        }),
      ],
    })),
  )
  return markup`<div class="card">${table}<p class="note">Share of the column's front that the row's front equals or beats in ${view.objectives.join(', ')}. The two directions do not add up to 100 %.</p></div>`
}

function domination(view: CompareView): Markup {
  const pairs = view.entries.flatMap((a, i) => view.entries.slice(i + 1).map((b) => ({ a, b })))
  const rows = pairs.map(({ a, b }) => {
    const ab = coverage(a.front, b.front, view.objectives, view.metric)
    const ba = coverage(b.front, a.front, view.objectives, view.metric)
    return {
      cells: [
        a.name,
        `${ab.dominated} of ${ab.total}`,
        b.name,
        `${ba.dominated} of ${ba.total}`,
        verdict(a.name, b.name, ab, ba),
      ],
    }
  })
  return markup`<div class="card">${htmlTable([{ title: 'front' }, { title: 'dominates', kind: 'n' }, { title: 'of front' }, { title: 'which dominates', kind: 'n' }, { title: 'so', kind: 'wrap' }], rows)}</div>`
}

type Tally = { readonly dominated: number; readonly total: number }

export function verdict(a: string, b: string, ab: Tally, ba: Tally): string {
  if (ab.total === 0 || ba.total === 0) return 'one of the fronts is empty'
  if (ab.dominated === 0 && ba.dominated === 0) return 'neither dominates: they trade one cost for another, or are equal'
  if (ab.dominated === ab.total) return `${a} is better throughout`
  if (ba.dominated === ba.total) return `${b} is better throughout`
  const [left, right] = [ab.dominated / ab.total, ba.dominated / ba.total]
  return left === right ? 'balanced' : `${left > right ? a : b} is ahead on more of the range`
}
