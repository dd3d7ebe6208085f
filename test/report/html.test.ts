import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { renderCompare } from '../../src/report/compare-html.ts'
import { renderReport } from '../../src/report/html.ts'
import type { StudyView } from '../../src/report/view.ts'
import { picturesOf, readMarkup } from '../helpers/markup.ts'
import { madeUpComparison, madeUpStudy } from '../helpers/study-view.ts'

const study = madeUpStudy()
const empty: StudyView = {
  ...study,
  trials: { trained: 0, infeasible: 0, failed: 0 },
  history: [],
  chosen: [],
  timing: [],
  next: [],
  workers: { count: 0, idleShare: null, wallSeconds: null },
  targets: study.targets.map((t) => ({ ...t, front: [], dominated: [], hypervolume: null, hypervolumeOverTrials: [] })),
}
const unmeasured: StudyView = {
  ...study,
  targets: study.targets.map((t) => ({
    ...t,
    front: t.front.map((m) => ({
      ...m,
      accuracy: { float32: null, int8: null, test: null, testLow: null, testHigh: null },
      cost: { ...m.cost, latencyLowMs: null, latencyHighMs: null, energyUj: null },
    })),
  })),
}
const oneTrial = madeUpStudy({ trials: 1, boards: 1, classes: ['only'] })
const regression: StudyView = { ...study, metric: { name: 'MAE', split: 'search-validation', better: 'down' } }

const pages: Record<string, string> = {
  'a study': renderReport(study),
  'one board': renderReport(madeUpStudy({ boards: 1 })),
  'no trial at all': renderReport(empty),
  'no target': renderReport({ ...empty, targets: [] }),
  'nothing measured': renderReport(unmeasured),
  'one trial': renderReport(oneTrial),
  'an error metric': renderReport(regression),
  'many classes': renderReport(madeUpStudy({ classes: Array.from({ length: 60 }, (_, i) => `class ${i}`) })),
  'a comparison': renderCompare(madeUpComparison()),
  'a comparison of nothing': renderCompare({ ...madeUpComparison(), entries: [] }),
  'a comparison of empty fronts': renderCompare(madeUpComparison(empty)),
}

test('only what was found equal is ticked', () => {
  const chosen = study.chosen.map((net) => ({
    ...net,
    verification: (['equal', 'different', 'not verified'] as const).map((status) => ({ status, text: `proof ${status}` })),
  }))
  const html = renderReport({ ...study, chosen })
  const classes = [...html.matchAll(/<li class="([a-z]+)">proof ([a-z ]+)</g)].map(([, name, status]) => [status, name])
  expect(Object.fromEntries(classes)).toEqual({ equal: 'equal', different: 'different', 'not verified': 'open' })
  const style = html.slice(html.indexOf('<style>'), html.indexOf('</style>'))
  const ticked = [...style.matchAll(/([^{}]+)\{content:"✓"/g)].map(([, selector]) => selector)
  expect(ticked).toEqual(['ul.proof .equal::before'])
})

describe.each(Object.entries(pages))('%s', (_, html) => {
  test('is well-formed, and so is every picture by itself', () => {
    readMarkup(html)
    for (const svg of picturesOf(html)) expect(readMarkup(svg)[0]!.name).toBe('svg')
  })

  test('every coordinate is a finite number', () => {
    expect(html.replace(/<script>[\s\S]*<\/script>/, '').match(/NaN|Infinity|undefined|\[object|>null/g)).toBeNull()
    for (const tag of picturesOf(html).flatMap(readMarkup))
      for (const key of ['x', 'y', 'cx', 'cy', 'r', 'width', 'height'])
        if (tag.attributes[key] !== undefined) expect(tag.attributes[key]).toMatch(/^-?\d+(\.\d+)?$/)
    for (const tag of picturesOf(html).flatMap(readMarkup))
      if (tag.attributes.d) expect(tag.attributes.d).toMatch(/^[MLHVhaZ\d\s.-]+$/)
  })

  test('asks the network for nothing and lets nothing in', () => {
    const tags = readMarkup(html)
    expect(html).not.toMatch(/https?:|url\(|@import/)
    expect(tags.filter((t) => 'src' in t.attributes || t.name === 'link' || t.name === 'iframe' || t.name === 'img')).toEqual([])
    // links lead to places of the page or to files below its folder
    const elsewhere = /^(#|[\w-][\w.-]*(\/[\w-][\w.-]*)*$)/
    expect(tags.filter((t) => t.attributes.href !== undefined && !elsewhere.test(t.attributes.href))).toEqual([])
    const policy = tags.find((t) => t.attributes['http-equiv'] === 'Content-Security-Policy')!.attributes.content!
    expect(policy).toMatch(/^default-src &#39;none&#39;;/)
    const script = /<script>([\s\S]*?)<\/script>/.exec(html)![1]!
    expect(policy).toContain(`sha256-${createHash('sha256').update(script).digest('base64')}`)
  })
})

/** The view with every string replaced, wherever the run floor may put a name that came from a user. */
function rename(value: unknown, to: (old: string) => string, key = ''): unknown {
  const fixed = new Set(['path', 'state', 'step', 'target', 'targets', 'better', 'objectives'])
  if (typeof value === 'string') return fixed.has(key) ? value : to(value)
  if (Array.isArray(value)) return value.map((v) => rename(v, to, key))
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, rename(v, to, k)]))
  return value
}
const renamed = (text: string) => rename(small, () => text) as StudyView
const small = madeUpStudy({ trials: 16, boards: 2 })
const skeleton = (html: string) => readMarkup(html).map((t) => `${t.name} ${Object.keys(t.attributes).join(' ')}`)

describe('names come from users', () => {
  test.each([
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '</title></style></svg><script>alert(1)</script>',
    '&lt;script&gt; & <b>',
    '\u001b[31m\u202etxt\u0000\ud800',
    '`;alert(1)//',
  ])('%j stays text', (evil) => {
    const page = renderReport(renamed(evil))
    expect(skeleton(page)).toEqual(skeleton(renderReport(renamed('a'.repeat(evil.length)))))
    expect(page.match(/<script/g)).toHaveLength(1)
    const compared = renderCompare(madeUpComparison(renamed(evil)))
    expect(skeleton(compared)).toEqual(skeleton(renderCompare(madeUpComparison(renamed('a'.repeat(evil.length))))))
  })

  test('whatever the text, the structure is that of harmless text of its length', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }), (text) => {
        expect(skeleton(renderReport(renamed(text)))).toEqual(skeleton(renderReport(renamed('a'.repeat(text.length)))))
      }),
      { numRuns: 15 },
    )
  })

  test('an escaped name reads as it was', () => {
    expect(renderReport({ ...small, study: 'R&D <kws>' })).toContain('<h1>R&amp;D &lt;kws&gt;</h1>')
  })
})

describe('a big study', () => {
  const view = madeUpStudy({ trials: 5000, boards: 6 })
  test('of 5,000 trials and 6 boards takes less than a second of CPU, and at most 2 MB', () => {
    let best = Number.POSITIVE_INFINITY
    let size = 0
    for (let i = 0; i < 3; i++) {
      const start = process.cpuUsage()
      size = renderReport(view).length
      const spent = process.cpuUsage(start)
      best = Math.min(best, (spent.user + spent.system) / 1000)
    }
    expect(best).toBeLessThan(1000)
    expect(size).toBeLessThan(2e6)
  })

  test('loses neither the recommended networks nor the ends of a front', () => {
    const html = renderReport(view)
    for (const target of view.targets) {
      const rows = [...target.front].sort((a, b) => b.accuracy.int8! - a.accuracy.int8!)
      for (const m of [rows[0]!, rows.at(-1)!]) expect(html).toContain(`<code>${m.genome}</code>`)
    }
    expect(html.match(/<tr class="pick"/g)).toHaveLength(6)
  })
})

test('the page is a function of the view', () => {
  expect(renderReport(madeUpStudy())).toBe(renderReport(JSON.parse(JSON.stringify(madeUpStudy()))))
})

test.each(['../../etc/passwd', '/etc/passwd', 'javascript:alert(1)', '//evil.example/x', 'a/../../b', 'file:x', ''])(
  'a path such as %j is no link',
  (path) => {
    const page = (files: StudyView['chosen'][number]['files']) =>
      renderReport({ ...study, chosen: study.chosen.map((n) => ({ ...n, files })) })
    expect(page([{ name: 'it', path, bytes: 1 }])).toBe(page([]))
  },
)

test('every member of a front is a row that sorts and filters by what it costs, and its marks name it', () => {
  const tags = readMarkup(renderReport(study))
  const rows = tags.filter((t) => t.name === 'tr' && t.attributes['data-id'] !== undefined)
  const marks = new Set(tags.filter((t) => t.name === 'path').map((t) => t.attributes['data-id']))
  for (const [board, target] of study.targets.entries())
    for (const m of target.front) {
      const row = rows.find((r) => r.attributes['data-id'] === `${board}:${m.trial}`)!
      expect(Number(row.attributes['data-latency'])).toBe(m.cost.latencyMs)
      expect(Number(row.attributes['data-ram'])).toBe(m.cost.ramBytes)
      expect(marks.has(row.attributes['data-id'])).toBe(true)
    }
})

test('a recommendation made elsewhere is kept', () => {
  const target = study.targets[0]!
  const last = target.front.at(-1)!
  const marked = { ...target, front: target.front.map((m) => (m === last ? { ...m, recommended: 'because we said so' } : m)) }
  const html = renderReport({ ...study, targets: [marked] })
  expect(html).toContain('because we said so')
  expect(html.match(/<tr class="pick"/g)).toHaveLength(1)
})
