import { someOf } from '../../data/view/choose.ts'
import { featuresOf } from '../../data/view/features.ts'
import { principalComponents } from '../../data/view/principal.ts'
import { neighbourMap } from '../../data/view/tsne.ts'
import { countOf } from '../../task/labels.ts'
import { formatPercent } from '../../util/units.ts'
import { type Content, markup } from '../markup.ts'
import { legendMarker, marker, seriesCount } from '../svg/marks.ts'
import { extent } from '../svg/scale.ts'
import type { Sheet } from './page.ts'

/** Examples on the map: the time that it takes grows with their square. */
const mostPoints = 800
const axes = 30
const [width, mostHeight, margin] = [900, 620, 14]

/** Examples in two dimensions, so that those which resemble each other lie together: a point among those of another class deserves a look. */
export function exampleMap(sheet: Sheet, drawn: readonly number[]): Content {
  const { dataset, groups, groupOf, labelOf, sourceOf } = sheet
  const all = Array.from({ length: countOf(dataset.labels) }, (_, i) => i)
  if (all.length < 10) return false
  const known = new Set(drawn)
  const others = someOf(
    all.filter((i) => !known.has(i)),
    Math.max(0, mostPoints - known.size),
  )
  const points = [...someOf(drawn, mostPoints), ...others].sort((a, b) => a - b)
  const components = principalComponents(featuresOf(dataset, points), axes)
  const { height, at } = placeOn(neighbourMap(components, points.length))
  const kept = components.shares.reduce((a, b) => a + b, 0)
  const marks = points.map((i, k) => marker(groupOf[i]!, ...at(k), `${labelOf(i)}\n${sourceOf(i)}`, 4.2, `${groupOf[i]}:${i}`))
  return markup`<div class="card"><div class="groups" role="group" aria-label="classes on the map">${groups.slice(0, 60).map(({ name }, k) => markup`<button type="button" aria-pressed="false" data-group="${String(k)}">${legendMarker(k)}${name}</button>`)}</div>
<svg class="plot" id="points" viewBox="0 0 ${width} ${height}" role="img" aria-label="Map of ${String(points.length)} examples by likeness">${marks}</svg>
<p class="note">${points.length < all.length && `${points.length} of ${all.length} examples, always the same ones. `}What looks alike lies together: t-SNE of the first ${String(components.axes)} principal components (${formatPercent(Math.min(1, kept), 0)} of the variance) of ${whatIsCompared(dataset)}; distances between far points say little.${groups.length > seriesCount && ` ${seriesCount} colours and shapes repeat: choose a class above to see it alone.`} Point at a mark to see its example.</p></div>`
}

function whatIsCompared({ kind, shape: [h, w] }: Sheet['dataset']): string {
  if (kind === 'audio') return 'spectrograms'
  if (h > 1 && w === 1) return "each channel's level and spectrum"
  return h * w > 1 ? 'thumbnails' : 'columns'
}

/** Coordinates brought to the picture, in their own aspect: as wide as it is, and no higher than needed. */
function placeOn(map: Float64Array): { readonly height: number; readonly at: (k: number) => [number, number] } {
  const xs = extent([...map].filter((_, k) => k % 2 === 0))
  const ys = extent([...map].filter((_, k) => k % 2 === 1))
  const [wide, high] = [xs[1] - xs[0] || 1, ys[1] - ys[0] || 1]
  const scale = Math.min((width - 2 * margin) / wide, (mostHeight - 2 * margin) / high)
  const height = Math.round(Math.max(300, high * scale + 2 * margin))
  const [middleX, middleY] = [(xs[0] + xs[1]) / 2, (ys[0] + ys[1]) / 2]
  return {
    height,
    at: (k) => [width / 2 + (map[2 * k]! - middleX) * scale, height / 2 - (map[2 * k + 1]! - middleY) * scale],
  }
}
