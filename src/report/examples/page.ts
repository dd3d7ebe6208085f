import type { Dataset, SplitName } from '../../data/dataset.ts'
import type { Decoded } from '../../data/decoded.ts'
import type { InspectReport } from '../../data/inspect.ts'
import { type ExampleGroup, groupsOf, someOf, splitsOf } from '../../data/view/choose.ts'
import { countOf } from '../../task/labels.ts'
import { taskOf } from '../../task/lookup.ts'
import { formatBytes, formatCount } from '../../util/units.ts'
import { type Content, type Markup, markup } from '../markup.ts'
import { htmlPage } from '../page.ts'
import { drawer } from './draw.ts'
import { duplicates } from './duplicates.ts'
import { lengths } from './lengths.ts'
import { exampleMap } from './map.ts'
import { overview } from './overview.ts'
import { examplesScript, examplesTheme } from './script.ts'
import { type SuspectsOf, suspects } from './suspects.ts'

/** A data set to look at; `suspects` after a study. */
export type ExamplesInput = {
  readonly dataset: Dataset
  readonly decoded: Decoded
  readonly report: InspectReport
  readonly suspects?: SuspectsOf
}

/** What the sections share: how an example is called, drawn, and framed. */
export type Sheet = ExamplesInput & {
  readonly groups: readonly ExampleGroup[]
  /** Place in `groups` of each example. */
  readonly groupOf: Int32Array
  readonly splitOf: readonly (SplitName | undefined)[]
  readonly labelOf: (example: number) => string
  readonly sourceOf: (example: number) => string
  /** `note` replaces the name of the file below the drawing. */
  readonly frame: (example: number, options?: { readonly note?: Content; readonly id?: true }) => Markup
}

/** Drawings of the contact sheet: enough to see a class, few enough for a page that opens at once. */
const [mostDrawn, mostEach, leastEach, mostGroups] = [480, 36, 4, 60]

/** A data set as one HTML file that needs nothing else: what it holds, how it looks, what repeats, what lies beside what, what may be mislabelled. */
export function renderExamples(input: ExamplesInput): string {
  const sheet = sheetOf(input)
  const { dataset, report } = input
  const shown = sheet.groups.slice(0, mostGroups)
  const each = Math.max(leastEach, Math.min(mostEach, Math.floor(mostDrawn / Math.max(1, shown.length))))
  const drawn = shown.map((g) => someOf(g.indices, each))
  const lede = markup`<p class="lede">What the data holds, as a network sees it</p>
<ul class="facts"><li><b>${formatCount(report.count)}</b> ${dataset.kind} examples</li><li><b>${taskOf(dataset.task).describe(dataset.classes.length)}</b></li><li>each <b>${dataset.shape.join(' × ')}</b></li><li><b>${formatBytes(report.bytes)}</b></li><li>fingerprint <b>${report.fingerprint}</b></li></ul>`
  return htmlPage({
    title: report.name.split(/[/\\]/).at(-1) ?? report.name,
    lede,
    sections: [
      { id: 'overview', name: 'Overview', body: overview(sheet) },
      { id: 'suspects', name: 'Suspected mislabels', body: input.suspects !== undefined && suspects(sheet, input.suspects) },
      { id: 'examples', name: 'Examples', body: contactSheets(sheet, shown, drawn) },
      { id: 'map', name: 'Map', body: exampleMap(sheet, drawn.flat()) },
      { id: 'duplicates', name: 'Duplicates', body: duplicates(sheet) },
      { id: 'lengths', name: 'Lengths', body: lengths(sheet) },
    ],
    more: { script: examplesScript, theme: examplesTheme, pictures: true },
    footer: 'tinyfront data view · the same examples are drawn every time; nothing on this page leaves it',
  })
}

function sheetOf(input: ExamplesInput): Sheet {
  const { dataset, decoded } = input
  const { labels, classes, task } = dataset
  const groups = groupsOf(dataset)
  const groupOf = new Int32Array(countOf(labels)).fill(-1)
  groups.forEach(({ indices }, k) => {
    for (const i of indices) groupOf[i] = k
  })
  const { classOf } = taskOf(task)
  const labelOf = (i: number): string =>
    classOf
      ? (classes[classOf(labels, i)] ?? '')
      : Array.from({ length: labels.width }, (_, k) => String(Number(labels.values[i * labels.width + k]!.toPrecision(4)))).join(
          ', ',
        )
  const sourceOf = (i: number): string => decoded.sources?.[i] ?? `example ${i}`
  const draw = drawer(dataset)
  return {
    ...input,
    groups,
    groupOf,
    splitOf: splitsOf(dataset),
    labelOf,
    sourceOf,
    frame: (i, { note, id } = {}) => {
      const source = sourceOf(i)
      return markup`<figure class="ex"${id && markup` id="ex-${String(i)}"`} title="${source}">${draw(i, `${labelOf(i)}: ${source}`)}<figcaption>${note ?? shortName(source)}</figcaption></figure>`
    },
  }
}

/** "walk/s01.csv row 64" -> "row 64, s01.csv": what tells examples apart comes first, where there is room for little. */
function shortName(source: string): string {
  const name = source.split('/').at(-1)!
  const [, file, row] = /^(.*) (row \d+)$/.exec(name) ?? []
  return row === undefined ? name : `${row}, ${file}`
}

function contactSheets({ groups, frame }: Sheet, shown: readonly ExampleGroup[], drawn: readonly (readonly number[])[]): Content {
  return [
    shown.map(({ name, indices }, k) => {
      const some = drawn[k]!
      const of =
        some.length < indices.length
          ? `${some.length} of ${formatCount(indices.length)}, drawn at random once`
          : `all ${indices.length}`
      return markup`<div class="card long"><h3>${name} <span class="tag">${of}</span></h3><div class="sheet">${some.map((i) => frame(i, { id: true }))}</div></div>`
    }),
    groups.length > shown.length &&
      markup`<p class="note">${String(groups.length - shown.length)} more classes are not drawn; their counts stand above.</p>`,
  ]
}
