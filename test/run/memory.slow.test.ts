import { tmpdir } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { median } from '../../bench/median.ts'
import { openDataset } from '../../src/data/index.ts'
import { threadExecutor } from '../../src/run/executor.ts'
import { planStudy } from '../../src/run/plan.ts'
import { decode, graphKey, loadSpace, openSpace, randomGenome } from '../../src/space/index.ts'
import { wasmEngine } from '../../src/train/wasm/index.ts'
import { rng } from '../../src/util/rng.ts'

const { report, ...dataset } = await openDataset('builtin:shapes?count=120', { seed: '1', cacheDir: tmpdir() })
const executor = threadExecutor({ dataset, metric: { kind: 'accuracy' }, engine: 'wasm', fastMath: false, memoryBytes: 0 }, 1)
afterAll(() => executor.close())

/** So many different small networks of the space with every operator, the one that takes most memory first. */
function candidates(count: number) {
  const whole = loadSpace('mobilenetv3')
  const definition = { ...whole, width: [0.25], resolution: [0.5], stages: whole.stages.slice(0, 4) }
  const space = openSpace(definition, {
    input: dataset.shape,
    outputs: dataset.classes.length,
    task: 'classification',
    kind: 'image',
  })
  const found = new Map<string, ReturnType<typeof decode>>()
  for (let n = 0; found.size < count; n++) {
    const decoded = decode(space, randomGenome(space, rng('memory', n)))
    found.set(graphKey(decoded.graph, ''), decoded)
  }
  const engine = wasmEngine()
  const bytes = ({ unpruned }: ReturnType<typeof decode>) => engine.memoryBytes(unpruned, 32)
  const all = [...found.values()]
  const largest = all.reduce((a, b) => (bytes(b) > bytes(a) ? b : a))
  return [largest, ...all.filter((c) => c !== largest)]
}

test('a worker trains, prunes, quantises and scores 500 different candidates in a row, and memory stays flat', async () => {
  const { recipe: planned } = planStudy({ dataset, typicalMacs: 1e6, workers: 1, trials: 4 }).trial
  const recipe = { ...planned, batchSize: 32, warmExamples: 32, tuneExamples: 32, scoreExamples: { float: 16, int8: 16 } }
  const split = 'searchValidation'
  const resident: number[] = []
  const all = candidates(500)
  expect(new Set(all.map(({ graph }) => graphKey(graph, ''))).size).toBe(500)
  for (const [n, { graph, unpruned }] of all.entries()) {
    const candidate = { graph, unpruned, seed: `${n}` }
    const start = await executor.run({ version: 1, kind: 'start', candidate, recipe, split }, n)
    if (!start.ok) throw new Error(start.reason)
    const done = await executor.run({ version: 1, kind: 'finish', candidate, recipe, split, start: start.output }, n)
    if (!done.ok) throw new Error(done.reason)
    if (n % 50 === 49) {
      await pause(20)
      resident.push(process.memoryUsage.rss() / 1e6)
    }
  }
  // Single readings move by 30 MB with the garbage collector's mood; medians of halves do not. A trainer of these
  // networks takes 0.5 to 7 MB: one in twenty that is forgotten shows.
  const [early, late] = [median(resident.slice(0, 5)), median(resident.slice(5))]
  expect(late - early, `MB: ${resident.map(Math.round).join(' ')}`).toBeLessThan(20)
})
