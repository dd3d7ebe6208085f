import { htmlTable } from '../../report/html-table.ts'
import { type Content, type Markup, markup } from '../../report/markup.ts'
import { heatmap, heatmapLimit } from '../../report/svg/heatmap.ts'
import { dots, seriesClass, seriesCount } from '../../report/svg/marks.ts'
import { plot } from '../../report/svg/plot.ts'
import { domainOf } from '../../report/svg/scale.ts'
import { formatPercent } from '../../util/units.ts'
import type { ExamplePicture, PredictionsPage, RocCurve, TrialPage } from '../wire.ts'
import { get, Refused } from './api.ts'
import { dataAt, fill, find, make, reachable } from './dom.ts'
import { pictureOf } from './gallery.ts'

/** What the network gets wrong: the confusion matrix, from which the examples are opened, ROC curves; for numbers, truth against prediction. */
export function predictionsPart(study: string, n: number, page: TrialPage, signal: AbortSignal): HTMLElement {
  const node = make('div', 'asks')
  if (page.without !== null) {
    fill(node, markup`<h3>Predictions</h3><p class="note">None: ${page.without}.</p>`)
    return node
  }
  const isTested = page.member.accuracy.test !== null
  fill(
    node,
    markup`<h3>Predictions</h3><p class="row"><button class="primary">Run the int8 network on ${isTested ? 'test' : 'search-validation'}</button><span class="said" role="status"></span></p>`,
  )
  const said = find(node, '.said')
  async function run(): Promise<void> {
    said.textContent = 'running …'
    try {
      const told = await get<PredictionsPage>(`/api/studies/${study}/trials/${n}/predictions`, signal)
      show(node, study, told, signal)
    } catch (error) {
      if (signal.aborted) return
      said.textContent = error instanceof Refused ? `${error.message}: ${error.remedy}` : String(error)
    }
  }
  find(node, 'button').addEventListener('click', run)
  // its file is there and its test was looked at already: nothing is lost by showing it
  if (isTested) void run()
  return node
}

function show(node: HTMLElement, study: string, told: PredictionsPage, signal: AbortSignal): void {
  if (told.points) {
    fill(
      node,
      markup`<h3>Predictions <small>of the int8 network on ${told.split}, ${String(told.examples)} examples</small></h3>${cloud(told.points)}`,
    )
    return
  }
  const { classes, confusion } = told
  fill(
    node,
    markup`<h3>Predictions <small>of the int8 network on ${told.split}, ${String(told.examples)} examples</small></h3>
<div class="grid two"><div>${confusion && classes.length <= heatmapLimit && markup`<figure class="matrix"><h4>Confusion matrix</h4>${heatmap(classes, confusion, `Confusion matrix on ${told.split}`)}<figcaption class="note">Choose an orange cell to see the examples behind it.</figcaption></figure>`}</div>
<div>${confusion && frequent(classes, confusion)}${rocPart(told.roc)}</div></div><div class="mistakes" aria-live="polite"></div>`,
  )
  reachable(node)
  // a picture of buttons is a group of them
  node.querySelector('.matrix svg')?.setAttribute('role', 'group')
  for (const cell of node.querySelectorAll<SVGElement>('.matrix [data-cell]')) {
    const [truth, guess] = cell.dataset.cell!.split(',')
    if (truth === guess) continue
    cell.setAttribute('tabindex', '0')
    cell.setAttribute('role', 'button')
    cell.setAttribute('aria-label', cell.querySelector('title')?.textContent ?? '')
  }
  const open = (event: Event) => {
    const cell = dataAt(event, 'cell')
    if (cell === undefined) return
    const [truth, guess] = cell.split(',').map(Number)
    if (truth === guess) return
    event.preventDefault()
    for (const other of node.querySelectorAll('[data-cell]'))
      other.classList.toggle('chosen', other.getAttribute('data-cell') === cell)
    void gallery(find(node, '.mistakes'), study, told, truth!, guess!, signal)
  }
  node.addEventListener('click', open)
  node.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' || event.key === ' ') open(event)
  })
}

async function gallery(
  node: HTMLElement,
  study: string,
  told: PredictionsPage,
  truth: number,
  guess: number,
  signal: AbortSignal,
): Promise<void> {
  const mistakes = told.mistakes.filter((m) => m.truth === truth && m.guess === guess)
  const [is, was] = [told.classes[truth]!, told.classes[guess]!]
  const all = told.confusion?.[truth]?.[guess] ?? mistakes.length
  fill(
    node,
    markup`<h4>${is} taken for ${was}: ${String(all)}${all > mistakes.length && `, the surest ${mistakes.length} of them`}</h4><div class="gallery"></div>`,
  )
  const pictures = await get<ExamplePicture[]>(
    `/api/studies/${study}/examples?of=${mistakes.map((m) => m.example).join(',')}`,
    signal,
  )
  const shelf = find(node, '.gallery')
  for (const picture of pictures) {
    const mistake = mistakes.find((m) => m.example === picture.example)!
    const figure = make('figure')
    figure.append(pictureOf(picture, `example ${picture.example}: ${is} taken for ${was}`))
    figure.append(
      make(
        'figcaption',
        '',
        markup`<b>${was}</b> ${formatPercent(mistake.confidence, 0)} sure<small>example ${String(picture.example)}</small>`,
      ),
    )
    shelf.append(figure)
  }
}

/** The same cells as a list, for keyboards, readers and many classes. */
function frequent(classes: readonly string[], counts: readonly (readonly number[])[]): Content {
  const wrong = counts
    .flatMap((row, truth) => row.map((count, guess) => ({ truth, guess, count, of: row.reduce((a, b) => a + b, 0) })))
    .filter((c) => c.truth !== c.guess && c.count > 0)
    .sort((a, b) => b.count - a.count || a.truth - b.truth || a.guess - b.guess)
    .slice(0, 8)
  if (wrong.length === 0) return markup`<h4>Most frequent confusions</h4><p class="note">None: every example is right.</p>`
  return markup`<h4>Most frequent confusions</h4>${htmlTable(
    [{ title: 'truth' }, { title: 'taken for' }, { title: 'times', kind: 'n' }, { title: 'examples' }],
    wrong.map((c) => ({
      cells: [
        classes[c.truth],
        classes[c.guess],
        `${c.count} of ${c.of} (${formatPercent(c.count / c.of)})`,
        markup`<button class="quiet" data-cell="${`${c.truth},${c.guess}`}">show</button>`,
      ],
    })),
  )}`
}

/** The classes that are told apart worst come first; more than there are colours cannot be told apart in a picture. */
function rocPart(curves: readonly RocCurve[]): Content {
  if (curves.length === 0) return null
  const worst = [...curves].sort((a, b) => a.area - b.area).slice(0, seriesCount)
  const share = (v: number) => `${Math.round(v * 100)} %`
  const picture = plot(
    {
      title: 'ROC of each class against all others',
      width: 480,
      height: 320,
      x: { label: 'false positives', kind: 'linear', domain: [0, 1.04], format: share },
      y: { label: 'true positives', kind: 'linear', domain: [0, 1.02], format: share },
    },
    (x, y) => [
      markup`<path class="chance" d="M${x.at(0)} ${y.at(0)}L${x.at(1)} ${y.at(1)}"/>`,
      worst.map((c, i) => markup`<path class="step ${seriesClass(i)}" d="${pathOf(c, x.at, y.at)}"/>`),
    ],
  )
  return markup`<figure><h4>ROC, each class against the others</h4>${picture}<ul class="legend">${worst.map((c, i) => markup`<li><i class="swatch ${seriesClass(i)}"></i>${c.name} <b>${c.area.toFixed(3)}</b></li>`)}${curves.length > worst.length && markup`<li>the ${String(worst.length)} of ${String(curves.length)} with the smallest area</li>`}</ul></figure>`
}

const pathOf = ({ points }: RocCurve, x: (v: number) => number, y: (v: number) => number): string =>
  points.map(([fp, tp], i) => `${i === 0 ? 'M' : 'L'}${x(fp).toFixed(1)} ${y(tp).toFixed(1)}`).join('')

function cloud(points: NonNullable<PredictionsPage['points']>): Markup {
  const domain = domainOf(
    points.flatMap((p) => [p.truth, p.guess]),
    'linear',
  )
  return markup`<figure class="cloud">${plot(
    {
      title: 'Prediction against truth',
      width: 520,
      height: 420,
      x: { label: 'truth', kind: 'linear', domain },
      y: { label: 'prediction', kind: 'linear', domain },
    },
    (x, y) => [
      markup`<path class="chance" d="M${x.at(domain[0])} ${y.at(domain[0])}L${x.at(domain[1])} ${y.at(domain[1])}"/>`,
      dots(
        points.map((p) => [x.at(p.truth), y.at(p.guess)]),
        `crowd ${seriesClass(0)}`,
        1,
      ),
    ],
  )}<figcaption class="note">On the line the prediction is the truth.</figcaption></figure>`
}
