import { formatScore, formatTest } from '../../report/format.ts'
import { markup } from '../../report/markup.ts'
import { bounded, type Columns } from './columns.ts'
import { dataAt, fill, find, make, themeColour } from './dom.ts'
import { type Dot, type Frame, frameOf, frontHeight, legendOf, marksOf } from './front-drawing.ts'
import { testScores } from './model.ts'
import type { Part, Session } from './session.ts'
import type { Fit } from './sliders.ts'
import { costWords } from './words.ts'

/** A pointer this near to a dot means it, in pixels. */
const reach = 16

/**
 * The front of the chosen board against one cost. Trials are dots on a canvas, so that ten thousand of them follow a slider; axes, the front and the
 * networks that were tested are an SVG above it, as in the report.
 */
export function frontPlot(
  session: Session,
  { columns, fit, moved }: { columns: () => Columns; fit: () => Fit; moved: () => void },
): Part {
  const node = make(
    'figure',
    'front',
    markup`<div class="head"><h3>Front</h3><div class="choice" role="group" aria-label="cost that is drawn"></div></div>
<div class="picture"><div class="axes"></div><canvas aria-hidden="true"></canvas><div class="over"></div></div>
<figcaption><ul class="legend"></ul></figcaption><div class="tip" hidden></div>`,
  )
  const picture = find(node, '.picture')
  const over = find(node, '.over')
  const canvas = find<HTMLCanvasElement>(node, 'canvas')
  const choice = find(node, '.choice')
  const tip = find(node, '.tip')
  let width = 0
  new ResizeObserver(([entry]) => {
    width = Math.max(280, Math.round(entry!.contentRect.width))
    update()
  }).observe(picture)

  choice.addEventListener('click', (event) => {
    const axis = bounded.find((name) => name === dataAt(event, 'axis'))
    if (axis === undefined) return
    session.axis = axis
    moved()
  })
  picture.addEventListener('pointermove', (event) => {
    const dot = nearest(frame, picture, event)
    tip.hidden = !dot
    picture.classList.toggle('at', dot !== undefined)
    if (!dot) return
    tip.textContent = tipOf(session, dot)
    tip.style.left = `${Math.max(0, Math.min(width - tip.offsetWidth, dot.x + 14))}px`
    tip.style.top = `${picture.offsetTop + dot.y + 14}px`
  })
  picture.addEventListener('pointerleave', () => {
    tip.hidden = true
  })
  picture.addEventListener('click', (event) => {
    const dot = nearest(frame, picture, event)
    if (dot) location.hash = `#/${session.study}/trial/${dot.n}?board=${session.model.facts!.boards[session.board]!.target}`
  })

  let frame: Frame | undefined
  let frameOfWhat: readonly unknown[] = []
  function update(): void {
    const { facts, tests } = session.model
    if (!facts || width === 0) return
    const what = [columns(), session.axis, session.board, width, tests.size]
    if (!frame || what.some((x, i) => x !== frameOfWhat[i])) {
      frameOfWhat = what
      frame = frameOf(session, columns(), width)
      fill(find(node, '.axes'), frame.axes)
      fill(find(node, '.legend'), legendOf(session, frame))
    }
    fill(over, marksOf(session, columns(), frame, fit()))
    paint(canvas, frame, fit().fits)
    const known = bounded.filter((name) => columns().range[name][0] <= columns().range[name][1])
    fill(
      choice,
      known.map(
        (name) =>
          markup`<button data-axis="${name}" aria-pressed="${String(name === session.axis)}">${costWords[name].name}</button>`,
      ),
    )
  }
  return { node, update }
}

/** The dot that a pointer means. */
function nearest(frame: Frame | undefined, picture: HTMLElement, event: MouseEvent): Dot | undefined {
  const box = picture.getBoundingClientRect()
  const [px, py] = [event.clientX - box.left, event.clientY - box.top]
  let best: Dot | undefined
  let least = reach * reach
  for (const dot of frame?.dots ?? []) {
    const distance = (dot.x - px) * (dot.x - px) + (dot.y - py) * (dot.y - py)
    if (distance <= least) [best, least] = [dot, distance]
  }
  return best
}

function tipOf({ model, board }: Session, { n, tested }: Dot): string {
  const trial = model.trials[n]!
  const metric = model.facts!.metric
  const costs = bounded.flatMap((name, i) => {
    const value = trial.costs[board]![[0, 3, 4, 5][i]!]
    return value === null || value === undefined ? [] : [`${costWords[name].name} ${costWords[name].format(value)}`]
  })
  const score = tested
    ? `${formatTest(metric, testScores(tested))} on test`
    : `${formatScore(metric, trial.score)} on ${metric.split}`
  return `#${n}  ${score}\n${costs.join(' · ')}\n${trial.text}`
}

/** All trials that the board can hold: those that fit over those that do not. Pixels are written, for ten thousand calls to a pen take a frame. */
function paint(canvas: HTMLCanvasElement, { trials, places, width, series }: Frame, fitting: Uint8Array): void {
  const ratio = window.devicePixelRatio || 1
  const [w, h] = [Math.round(width * ratio), Math.round(frontHeight * ratio)]
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w
    canvas.height = h
    canvas.style.width = `${width}px`
    canvas.style.height = `${frontHeight}px`
  }
  const pen = canvas.getContext('2d')!
  const picture = pen.createImageData(w, h)
  const pixels = new Uint32Array(picture.data.buffer)
  const side = Math.round((trials.length > 2000 ? 2.5 : 4) * ratio)
  for (const fits of [0, 1]) {
    const colour = pixelOf(themeColour(fits ? `--c${series % 8}` : '--faint'), 0.55)
    for (let k = 0; k < trials.length; k++) {
      if (fitting[trials[k]!] !== fits) continue
      const left = Math.round(places[2 * k]! * ratio - side / 2)
      const top = Math.round(places[2 * k + 1]! * ratio - side / 2)
      if (left < 0 || left + side > w || top < 0 || top + side > h) continue
      for (let y = top; y < top + side; y++) pixels.fill(colour, y * w + left, y * w + left + side)
    }
  }
  pen.putImageData(picture, 0, 0)
}

/** "#0b63b5" as a pixel in memory, red first. */
function pixelOf(colour: string, alpha: number): number {
  const rgb = Number.parseInt(colour.slice(1), 16)
  return ((Math.round(255 * alpha) << 24) | ((rgb & 255) << 16) | (rgb & 0xff00) | (rgb >> 16)) >>> 0
}
