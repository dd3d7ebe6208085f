import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { coordinate, markup } from '../../src/report/markup.ts'
import { heatmap } from '../../src/report/svg/heatmap.ts'
import { dots, legendMarker, seriesCount } from '../../src/report/svg/marks.ts'
import { memoryMap } from '../../src/report/svg/memory-map.ts'
import { domainOf, kindFor, niceStep, scale, tickText } from '../../src/report/svg/scale.ts'
import { attainable, evenly, scatter } from '../../src/report/svg/scatter.ts'
import { readMarkup } from '../helpers/markup.ts'

const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 })
const positive = fc.double({ noNaN: true, noDefaultInfinity: true, min: 1e-6, max: 1e9 })

describe.each(['linear', 'log'] as const)('a %s scale', (kind) => {
  test('maps its domain onto the pixels, in order, with a few ticks inside', () => {
    fc.assert(
      fc.property(fc.array(positive, { minLength: 1, maxLength: 20 }), (values) => {
        const domain = domainOf(values, kind)
        const s = scale(kind, domain, [40, 400])
        expect(s.at(s.domain[0])).toBeCloseTo(40, 3)
        expect(s.at(s.domain[1])).toBeCloseTo(400, 3)
        for (const v of values) expect(s.at(v)).toBeGreaterThanOrEqual(40 - 1e-3)
        for (const v of values) expect(s.at(v)).toBeLessThanOrEqual(400 + 1e-3)
        expect(s.ticks.length).toBeGreaterThanOrEqual(2)
        expect(s.ticks.length).toBeLessThanOrEqual(12)
        for (const [i, t] of s.ticks.entries()) {
          expect(s.at(t)).toBeGreaterThan(39)
          expect(s.at(t)).toBeLessThan(401)
          if (i > 0) expect(t).toBeGreaterThan(s.ticks[i - 1]!)
        }
      }),
    )
  })
})

test('an axis never shows what its quantity cannot be', () => {
  const share = fc.double({ noNaN: true, min: 0, max: 100 })
  fc.assert(
    fc.property(fc.array(fc.oneof(share, fc.constantFrom(100 - 1e-9, 100 - 1e-13, 100, 0)), { maxLength: 20 }), (values) => {
      const { domain, ticks } = scale('linear', domainOf(values, 'linear', { most: 100 }), [0, 400])
      for (const shown of [...domain, ...ticks]) expect(shown >= 0 && shown <= 100).toBe(true)
    }),
  )
  expect(domainOf([0], 'linear')[0]).toBe(0)
  expect(domainOf([-2, 2], 'linear')[0]).toBeLessThan(-2)
})

test('ticks are round numbers', () => {
  expect(scale('linear', [0, 1], [0, 1]).ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1])
  expect(scale('linear', [61.2, 94.8], [0, 1]).ticks).toEqual([70, 80, 90])
  expect(scale('log', [1, 1000], [0, 1]).ticks).toEqual([1, 10, 100, 1000])
  expect(scale('log', [4, 90], [0, 1]).ticks).toEqual([5, 10, 20, 50])
  expect([0.3, 1, 1.1, 3, 7].map(niceStep)).toEqual([0.5, 1, 2, 5, 10])
  expect([0.25, 20, 9999, 12_000, 3_100_000].map(tickText)).toEqual(['0.25', '20', '9999', '12k', '3.1M'])
})

test('log axes are for values that span a factor of eight', () => {
  expect([kindFor([1, 7.9]), kindFor([1, 8]), kindFor([0, 100]), kindFor([])]).toEqual(['linear', 'log', 'linear', 'linear'])
})

describe('the step line', () => {
  const points = fc.array(fc.record({ x: fc.nat(50), y: fc.nat(50) }), { maxLength: 30 })
  test('holds exactly the points that no other beats in both dimensions', () => {
    fc.assert(
      fc.property(points, fc.constantFrom('up' as const, 'down' as const), (all, better) => {
        const good = (p: { y: number }) => (better === 'up' ? p.y : -p.y)
        const beaten = (p: (typeof all)[number]) =>
          all.some((q) => q.x <= p.x && good(q) >= good(p) && (q.x < p.x || good(q) > good(p)))
        const expected = new Set(all.filter((p) => !beaten(p)).map((p) => `${p.x},${p.y}`))
        const stairs = attainable(all, better)
        expect(new Set(stairs.map((p) => `${p.x},${p.y}`))).toEqual(expected)
        expect(stairs).toHaveLength(expected.size)
      }),
    )
  })
})

test('thinning keeps the ends', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 2, maxLength: 200 }), fc.integer({ min: 2, max: 50 }), (items, n) => {
      const kept = evenly(items, n)
      expect(kept.length).toBe(Math.min(n, items.length))
      expect([kept[0], kept.at(-1)]).toEqual([items[0], items.at(-1)])
    }),
  )
})

test('whatever the points, a scatter is well-formed and finite', () => {
  const point = fc.record({
    x: finite,
    y: finite,
    xLow: fc.option(finite),
    xHigh: fc.option(finite),
    tip: fc.string().map((text) => () => text),
  })
  fc.assert(
    fc.property(
      fc.array(point, { maxLength: 100 }),
      fc.array(fc.record({ x: finite, y: finite }), { maxLength: 30 }),
      (points, faint) => {
        const { svg, hidden } = scatter([{ series: 3, points }], faint, { title: 't', xLabel: 'x', yLabel: 'y', better: 'up' })
        readMarkup(svg.markup)
        expect(svg.markup.replaceAll(/<title>[\s\S]*?<\/title>/g, '')).not.toMatch(/NaN|Infinity/)
        expect(hidden).toBeLessThanOrEqual(faint.length)
      },
    ),
  )
})

test('as many dots as there are pixels, not points', () => {
  const crowd = Array.from({ length: 100_000 }, (_, i) => [i % 300, (i * 7) % 200] as const)
  expect(dots(crowd, 'faint').markup.length).toBeLessThan(200_000)
})

test('every series has a shape of its own', () => {
  const shapes = Array.from({ length: seriesCount }, (_, i) => /d="([^"]+)"/.exec(legendMarker(i).markup)![1])
  expect(new Set(shapes).size).toBe(seriesCount)
})

test('a heat map shows every count that is not zero, and says what it means', () => {
  const svg = heatmap(
    ['<a>', 'b'],
    [
      [8, 2],
      [0, 5],
    ],
    'confusion',
  ).markup
  expect(readMarkup(svg).filter((t) => t.name === 'rect' && /hit|miss/.test(t.attributes.class ?? ''))).toHaveLength(3)
  expect(svg).toContain('&lt;a&gt; taken for b: 2 of 10 (20.0 %)')
})

test('the memory map draws blocks where they lie and lets none overlap that were apart', () => {
  const block = (tensor: number, offset: number, sizeBytes: number, first: number, last: number) => ({
    tensor,
    label: `t${tensor}`,
    offset,
    sizeBytes,
    first,
    last,
  })
  const svg = memoryMap([block(0, 0, 1000, 0, 1), block(1, 1000, 3000, 1, 2), block(2, 0, 500, 2, 2)], [], 4000, 'arena').markup
  const rects = readMarkup(svg)
    .filter((t) => t.attributes.class?.startsWith('block'))
    .map((t) => ({
      x: Number(t.attributes.x),
      y: Number(t.attributes.y),
      w: Number(t.attributes.width),
      h: Number(t.attributes.height),
    }))
  expect(rects).toHaveLength(3)
  const [a, b, c] = rects
  expect(b!.h / a!.h).toBeCloseTo(3, 0)
  expect(b!.y + b!.h).toBeLessThanOrEqual(a!.y)
  expect(a!.x + a!.w).toBeLessThanOrEqual(c!.x)
})

describe('markup', () => {
  test('escapes strings, joins lists, drops nothing else', () => {
    expect(markup`<p title="${'"\'<>&'}">${['a', 1.239, null, false, markup`<b>${'<'}</b>`]}</p>`.markup).toBe(
      '<p title="&quot;&#39;&lt;&gt;&amp;">a1.24<b>&lt;</b></p>',
    )
  })
  test('a number that is not finite is a bug', () => {
    expect(() => markup`${Number.NaN}`).toThrow('finite')
    expect(() => coordinate(Number.POSITIVE_INFINITY)).toThrow('finite')
  })
})

test('labels of recommended networks never cover each other', () => {
  const mark = fc.record({ x: fc.integer({ min: 1, max: 6 }), y: fc.integer({ min: 90, max: 93 }), n: fc.nat(999) })
  fc.assert(
    fc.property(fc.array(mark, { minLength: 2, maxLength: 4 }), (marks) => {
      const series = marks.map(({ x, y, n }, i) => ({ series: i, points: [{ x, y, tip: () => '', starred: `#${n}` }] }))
      const options = { title: 't', xLabel: 'x', yLabel: 'y', better: 'up' } as const
      const { svg } = scatter(series, [], options)
      const labels = [...svg.markup.matchAll(/<text class="star" x="([^"]+)" y="([^"]+)">([^<]+)</g)].map(([, x, y, text]) => ({
        left: Number(x),
        right: Number(x) + 7 * text!.length,
        bottom: Number(y),
      }))
      expect(labels).toHaveLength(marks.length)
      for (const [i, a] of labels.entries())
        for (const b of labels.slice(0, i))
          expect(a.left < b.right && b.left < a.right && Math.abs(a.bottom - b.bottom) < 11).toBe(false)
    }),
  )
})
