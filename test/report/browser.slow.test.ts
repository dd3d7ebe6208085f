import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { assemble } from '../../src/data/assemble.ts'
import { generateBuiltin } from '../../src/data/builtin/builtins.ts'
import { inspect } from '../../src/data/inspect.ts'
import { renderExamples } from '../../src/report/examples/page.ts'
import { renderReport } from '../../src/report/html.ts'
import { hasBrowser, openBrowser } from '../helpers/browser.ts'
import { madeUpStudy } from '../helpers/study-view.ts'

// The pages as a person has them: from the disk, in Debian's Chromium, by pointer and by keys.

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'tinyfront-pages-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const study = madeUpStudy({ trials: 120, boards: 2 })
const [first] = study.targets
const pages = { report: join(folder, 'report.html'), data: join(folder, 'data.html') } as const
beforeAll(() => {
  writeFileSync(pages.report, renderReport(study))
  const decoded = generateBuiltin('builtin:shapes?count=200')
  const { dataset, notes } = assemble(decoded, '1')
  writeFileSync(pages.data, renderExamples({ dataset, decoded, report: inspect(dataset, decoded, notes) }))
})

async function open(page: keyof typeof pages, options: Parameters<typeof openBrowser>[0] & { at?: string } = {}) {
  const opened = await openBrowser(options)
  const asked: string[] = []
  opened.page.on('request', (request) => asked.push(request.url()))
  await opened.page.goto(`file://${pages[page]}${options.at ?? ''}`)
  return { ...opened, asked: () => asked.filter((url) => !url.startsWith('file:') && !url.startsWith('data:')) }
}
const dock = '#dock'
const unfold = async (details: Locator) => {
  if ((await details.getAttribute('open')) === null) await details.locator('summary').click()
}

describe.skipIf(!hasBrowser)('in a browser', () => {
  test.each([
    ['report', 'light', 1200],
    ['report', 'dark', 400],
    ['data', 'dark', 1200],
    ['data', 'light', 400],
  ] as const)(
    '%s, %s, %i pixels wide: no complaint, no request, nothing beside the page, and axe finds nothing serious',
    async (name, scheme, width) => {
      const { page, complaints, asked } = await open(name, { scheme, width })
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
      for (const front of await page.locator('details.front').all()) await unfold(front)
      await page.evaluate(axe)
      const found: string[] = await page.evaluate(
        "axe.run().then((r) => r.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) => v.id + ' ' + v.nodes[0].html))",
      )
      expect(found).toEqual([])
      expect([complaints, asked()]).toEqual([[], []])
    },
  )

  test('a mark, a row, the keys and the address all select a network', async () => {
    const { page } = await open('report')
    const rows = page.locator('tr[data-id^="0:"]')
    await unfold(page.locator('details.front').first())
    const ids = await rows.evaluateAll((all) => all.map((row) => row.getAttribute('data-id')!))
    expect(ids).toHaveLength(first!.front.length)
    await rows.nth(1).locator('td').nth(1).click()
    const chosen = () => page.locator('tr.on').getAttribute('data-id')
    expect(await chosen()).toBe(ids[1])
    expect(await page.locator(dock).innerText()).toContain(`#${ids[1]!.split(':')[1]}`)
    await page.keyboard.press('ArrowRight')
    expect(await chosen()).toBe(ids[2])
    await page.keyboard.press('Escape')
    expect(await page.locator('tr.on').count()).toBe(0)
    await page.locator(`.m[data-id="${ids[0]}"]`).last().click({ force: true })
    expect(await page.locator(dock).isVisible()).toBe(true)
    const { trial } = study.chosen[1]!
    await page.goto(`file://${pages.report}#network-${trial}`)
    expect(await page.locator('details.network:visible').getAttribute('id')).toBe(`network-${trial}`)
  })

  test('columns are sorted by what they hold, and bounds hide what does not fit', async () => {
    const { page } = await open('report')
    const table = page.locator('details.front').first()
    await unfold(table)
    const values = (key: string) =>
      table
        .locator('tbody tr:visible')
        .evaluateAll((all, name) => all.map((row) => Number(row.getAttribute(name))), `data-${key}`)
    for (const [key, order] of [
      ['latency', 1],
      ['score', -1],
    ] as const) {
      await table.locator(`th[data-by=${key}] button`).click()
      const sorted = (await values(key)).map((v) => v * order)
      expect(sorted).toEqual([...sorted].sort((a, b) => a - b))
      await table.locator(`th[data-by=${key}] button`).click()
      expect((await values(key)).map((v) => v * order)).toEqual([...sorted].reverse())
    }
    const latencies = first!.front.map((m) => m.cost.latencyMs).sort((a, b) => a - b)
    const bound = latencies[Math.floor(latencies.length / 2)]!
    await page.fill('input[data-by=latency]', String(bound))
    expect((await values('latency')).sort((a, b) => a - b)).toEqual(latencies.filter((ms) => ms <= bound))
    await page.locator('#filter button').click()
    expect(await values('latency')).toHaveLength(latencies.length)
  })

  test('costs are seen on a phone without scrolling', async () => {
    const { page } = await open('report', { width: 400 })
    const table = page.locator('details.front').first()
    await unfold(table)
    for (const key of ['test', 'latency', 'ram', 'flash']) {
      const box = (await table.locator(`th[data-by=${key}]`).boundingBox())!
      expect(box.x + box.width).toBeLessThanOrEqual(400)
    }
  })

  test('a class is seen alone on the map, and a mark shows its example', async () => {
    const { page } = await open('data')
    const faded = () => page.locator('#points .m.out').count()
    expect(await faded()).toBe(0)
    await page.locator('button[data-group="0"]').click()
    expect(await faded()).toBe(await page.locator('#points .m:not([data-id^="0:"])').count())
    await page.locator('#points .m[data-id^="0:"]').first().hover({ force: true })
    expect(await page.locator('#peek img').count()).toBe(1)
  })
})
