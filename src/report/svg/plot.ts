import { type Content, type Markup, markup } from '../markup.ts'
import { type Scale, type ScaleKind, scale, tickText } from './scale.ts'

export type Axis = {
  readonly label: string
  readonly kind: ScaleKind
  readonly domain: readonly [number, number]
  /** Text of a tick; `tickText` unless told. */
  readonly format?: (value: number) => string
  readonly ticks?: number
}
export type PlotOptions = {
  /** What the picture shows, for who cannot see it. */
  readonly title: string
  readonly description?: string
  readonly x: Axis
  readonly y: Axis
  readonly width?: number
  readonly height?: number
}
export type Area = { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number }

/** Axes, grid and labels; `draw` fills in the marks with the scales it is given. The y label stands above the axis, where it can be read. */
export function plot(options: PlotOptions, draw: (x: Scale, y: Scale, area: Area) => Content): Markup {
  const { width = 400, height = 290 } = options
  const area: Area = { left: 44, right: width - 10, top: 26, bottom: height - 38 }
  const x = scale(options.x.kind, options.x.domain, [area.left, area.right], options.x.ticks ?? 5)
  const y = scale(options.y.kind, options.y.domain, [area.bottom, area.top], options.y.ticks ?? 5)
  const xText = options.x.format ?? tickText
  const yText = options.y.format ?? tickText
  return markup`<svg class="plot" viewBox="0 0 ${width} ${height}" role="img" aria-label="${options.title}">
${options.description && markup`<desc>${options.description}</desc>`}
<g class="rules">${y.ticks.map((t) => markup`<path d="M${area.left} ${y.at(t)}H${area.right}"/>`)}${x.ticks.map((t) => markup`<path d="M${x.at(t)} ${area.top}V${area.bottom}"/>`)}</g>
<g class="ticks">${x.ticks.map((t) => markup`<text x="${x.at(t)}" y="${area.bottom + 15}" text-anchor="middle">${xText(t)}</text>`)}${y.ticks.map((t) => markup`<text x="${area.left - 6}" y="${y.at(t) + 4}" text-anchor="end">${yText(t)}</text>`)}</g>
<path class="axis" d="M${area.left} ${area.bottom}H${area.right}"/>
<text class="label" x="${(area.left + area.right) / 2}" y="${height - 5}" text-anchor="middle">${options.x.label}</text>
<text class="label" x="4" y="13">${options.y.label}</text>
${draw(x, y, area)}
</svg>`
}

/** A vertical bound with its name, left of the line if there is no room to the right of it. */
export function bound(at: number, text: string, area: Area): Markup {
  const leftOf = at > (area.left + area.right) / 2
  return markup`<g class="bound"><path d="M${at} ${area.top}V${area.bottom}"/><text x="${at + (leftOf ? -5 : 5)}" y="${area.bottom - 6}" text-anchor="${leftOf ? 'end' : 'start'}">${text}</text></g>`
}
