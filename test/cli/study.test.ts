import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type SearchOptions, search } from '../../src/index.ts'
import { cli } from '../helpers/cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'tinyfront-cli-study-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const results = ['--results', folder]
const json = async (...args: string[]) => {
  const { code, out, err } = await cli(...args, ...results, '--json')
  expect([code, err]).toEqual([0, ''])
  return JSON.parse(out)
}

beforeAll(async () => {
  const options: SearchOptions = {
    data: 'builtin:gestures?count=240',
    targets: ['stm32l4r5', 'rp2040'],
    engine: 'fake',
    results: folder,
  }
  for await (const _ of search({ ...options, study: 'one', trials: 24, seed: '3' }));
})

describe('front', () => {
  it('--json: the shadow price of every resource beside the documented keys', async () => {
    const { targets } = await json('front', 'one')
    for (const { front, shadowPrices, runtimes } of targets) {
      expect(runtimes.map((r: { target: string }) => r.target.split(':')[1])).toContain('tinyfront-c')
      expect(runtimes.filter((r: { recommended?: string }) => r.recommended)).toHaveLength(1)
      // the board's own runtime comes first, with the front's very price
      expect(front).toContainEqual(
        expect.objectContaining({
          cost: expect.objectContaining({ latencyMs: runtimes[0].latencyMs, ramBytes: runtimes[0].ramBytes }),
        }),
      )
      expect(Object.keys(shadowPrices)).toEqual(expect.arrayContaining(['ram', 'flash', 'latency']))
      const scores = new Map(front.map((m: { trial: number; accuracy: { int8: number } }) => [m.trial, m.accuracy.int8]))
      for (const steps of Object.values(shadowPrices) as { from: number; to: number; gain: number }[][])
        for (const s of steps) expect((scores.get(s.to) as number) - (scores.get(s.from) as number)).toBeCloseTo(s.gain, 12)
    }
    // energy only where it was measured
    expect(targets.map((t: { shadowPrices: object }) => 'energy' in t.shadowPrices)).toEqual([true, false])
  })

  it('says what more would buy from the recommended network on', async () => {
    const { out } = await cli('front', 'one', ...results)
    expect(out).toMatch(
      /beyond #\d+ on stm32l4r5\n( {2}\+[\d.]+ (B|kB|us|ms|uJ|mJ) (RAM|flash|latency|energy) buys \+[\d.]+ points \(#\d+\).*\n)+/,
    )
  })
})

describe('show', () => {
  it('the smallest board, and battery life where a duty is given', async () => {
    const duty = ['--battery-mwh', '675', '--per-hour', '60', '--sleep-mw', '0.02']
    const document = await json('show', 'one', ...duty)
    expect(document.smallestBoard).toMatch(/^[a-z0-9-]+$/)
    const { energyUj, latencyMs } = document.costs.stm32l4r5
    const milliwatts = (60 * energyUj) / 3.6e6 + 0.02 * (1 - (60 * latencyMs) / 3.6e6)
    expect(document.batteryDays.stm32l4r5).toBeCloseTo(675 / milliwatts / 24, 6)
    expect(document.batteryDays.rp2040).toBeNull()
    expect(document).not.toHaveProperty('cheapestBoard')
    const prices = ['--price', 'stm32h743=9,stm32f446=3']
    expect((await json('show', 'one', ...prices)).cheapestBoard).toEqual({ target: 'stm32f446', price: 3 })
    const { out } = await cli('show', 'one', ...duty, ...prices, ...results)
    expect(out).toMatch(/cheapest board +stm32f446 \(3\)/)
    expect(out).toMatch(/smallest board +[a-z0-9-]+ \(/)
    expect(out).toMatch(/battery, stm32l4r5 +[\d.]+ (days|years)/)
    expect(out).toMatch(/battery, rp2040 +not known/)
  })

  it('without a duty, no battery; half a duty is refused', async () => {
    expect(await json('show', 'one')).not.toHaveProperty('batteryDays')
    expect((await cli('show', 'one', '--per-hour', '60', ...results)).err).toMatch(/^error battery life needs --battery-mwh/)
  })
})
