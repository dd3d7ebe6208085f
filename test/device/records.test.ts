import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { haveData, readCsv } from '../../bench/fit/data.ts'
import { packageRoot } from '../../src/util/package-root.ts'

/** Everything of the project that is text and could hold a table of measurements. */
const places = ['assembly', 'bench', 'devices', 'docs', 'search-spaces', 'src', 'test', 'README.md', 'CHANGELOG.md']
const files = (path: string): string[] =>
  statSync(path).isDirectory() ? readdirSync(path).flatMap((name) => files(join(path, name))) : [path]

/** Some sources of ../shared/data state no licence: their records are fitted to, and must not be in the project. */
describe.skipIf(!haveData)('published measurements', () => {
  it('stay where they are: no figure of a source without a licence is in any file', () => {
    const figures = new Map<string, string>()
    const unlicensed = /MicroNas|SamsiGg|pico-tflmicro/
    for (const row of readCsv('latency/layer_measurements.csv'))
      if (unlicensed.test(row.source!)) for (const value of [row.cycles, row.time_us]) if (value) figures.set(value, row.source!)
    for (const row of readCsv('latency/measurements.csv'))
      if (unlicensed.test(row.source!) && row.latency_ms) figures.set(row.latency_ms, row.source!)
    // shorter numbers occur everywhere
    const long = new Set([...figures.keys()].filter((value) => value.replace(/\D/g, '').length >= 7))
    expect(long.size).toBeGreaterThan(2000)
    const found = places.flatMap((place) =>
      files(join(packageRoot, place)).flatMap((file) =>
        (readFileSync(file, 'latin1').match(/\d[\d.]{5,}\d/g) ?? []).filter((n) => long.has(n)).map((n) => `${file}: ${n}`),
      ),
    )
    expect(found).toEqual([])
  })

  it('what npm ships holds no tables, and the fit stays outside', () => {
    const { files: shipped } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { files: string[] }
    expect(shipped).not.toContain('bench')
    const tables = ['devices', 'docs', 'search-spaces']
      .flatMap((place) => files(join(packageRoot, place)))
      .filter((f) => /csv|tflite$/.test(f))
    expect(tables).toEqual([])
  })
})
