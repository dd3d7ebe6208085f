import { formatScore } from '../../report/format.ts'
import { markup } from '../../report/markup.ts'
import { verdictOf } from './best-fit.ts'
import { type Bounds, bounded, type Columns } from './columns.ts'
import { fill, find, make } from './dom.ts'
import { freeStep, rangeOf, type Slider, sliderSteps, stepOf, valueAt } from './ranges.ts'
import { boundsOf, type Part, type Session } from './session.ts'
import { costWords } from './words.ts'

/** What the sliders let through, as the other parts show it. */
export type Fit = { readonly fits: Uint8Array; readonly count: number; readonly front: readonly number[] }

/** A slider for each cost, from the cheapest to the dearest trial in equal ratios, and one for the least score. Moving one tells at once what fits. */
export function sliders(
  session: Session,
  { columns, fit, moved }: { columns: () => Columns; fit: () => Fit; moved: () => void },
): Part {
  const node = make('div', 'sliders')
  const rows = new Map<Slider, { readonly input: HTMLInputElement; readonly output: HTMLElement; readonly row: HTMLElement }>()
  const head = make('div', 'head', markup`<h3>What fits</h3><button class="quiet" disabled>reset</button>`)
  const reset = find<HTMLButtonElement>(head, 'button')
  const verdict = make('div', 'verdict')
  verdict.setAttribute('aria-live', 'polite')
  node.append(head)
  for (const name of [...bounded, 'least'] as const) {
    const row = make(
      'label',
      'slider',
      markup`<span></span><output></output><input type="range" min="0" max="${String(sliderSteps)}" step="1">`,
    )
    const input = find<HTMLInputElement>(row, 'input')
    input.value = String(freeStep(name))
    input.addEventListener('input', () => set(name, Number(input.value)))
    rows.set(name, { input, output: find(row, 'output'), row })
    node.append(row)
  }
  node.append(verdict)
  reset.addEventListener('click', () => {
    session.bounds[session.board] = {}
    moved()
  })

  const better = () => session.model.facts?.metric.better ?? 'up'
  function set(name: Slider, step: number): void {
    const { [name]: _, ...others } = boundsOf(session)
    const free = step === freeStep(name)
    session.bounds[session.board] = free ? others : { ...others, [name]: valueAt(rangeOf(columns(), name), step, name, better()) }
    moved()
  }

  function update(): void {
    const { facts } = session.model
    if (!facts) return
    const bounds: Bounds = boundsOf(session)
    for (const [name, { input, output, row }] of rows) {
      const range = rangeOf(columns(), name)
      row.hidden = !(range[1] > range[0])
      const value = bounds[name]
      const word =
        name === 'least'
          ? `${facts.metric.name} ${better() === 'down' ? 'at most' : 'at least'}`
          : `${costWords[name].name} at most`
      find(row, 'span').textContent = word
      input.setAttribute('aria-label', word)
      const at = value === undefined ? freeStep(name) : stepOf(range, value, name, better())
      if (document.activeElement !== input || value === undefined) input.value = String(at)
      const text =
        value === undefined ? 'any' : name === 'least' ? formatScore(facts.metric, value) : costWords[name].format(value)
      output.textContent = text
      input.setAttribute('aria-valuetext', text)
      row.classList.toggle('set', value !== undefined)
    }
    reset.disabled = Object.keys(bounds).length === 0
    fill(verdict, verdictOf(session, columns(), fit()))
  }

  return { node, update }
}
