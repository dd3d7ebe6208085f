/**
 * Which channels should pruning keep? The same half-trained networks, cut by each importance and trained on alike; prints the scores on
 * selection-validation right after pruning and at the end.
 *
 *   npx tsx bench/importance.ts ../shared/datasets/fashion-mnist [train=6000] [examples=12000] [networks=2] [seeds=3] [first=0]
 */
import { openDataset } from '../src/data/open.ts'
import { countGraph } from '../src/graph/count.ts'
import { importances } from '../src/quant/importance.ts'
import { planStudy } from '../src/run/record/plan.ts'
import { openStudySpace } from '../src/run/record/prepare.ts'
import { type Decoded, decode } from '../src/space/decode.ts'
import { randomGenome } from '../src/space/genome.ts'
import { finishNetwork, startNetwork } from '../src/train/network.ts'
import { wasmEngine } from '../src/train/wasm/engine.ts'
import { rng } from '../src/util/rng.ts'

const [spec = 'builtin:keywords', ...numbers] = process.argv.slice(2)
const [train = 6000, examples = 12000, networks = 2, seeds = 3, first = 0] = numbers.map(Number)
const { report, ...opened } = await openDataset(spec, { seed: '1', cacheDir: 'results/.cache' })
const dataset = { ...opened, splits: { ...opened.splits, train: opened.splits.train.subarray(0, train) } }
const space = openStudySpace('auto', dataset)
const { recipe } = planStudy({ dataset, typicalMacs: 5e5, workers: 1, trials: 1 }).trial
const stages = { warmExamples: 0.4 * examples, tuneExamples: 0.6 * examples, scoreExamples: { float: 0, int8: 0 } }
const split = 'selectionValidation'

/** Networks that lose a third of their parameters or more. */
const nets: Decoded[] = []
for (let i = first; nets.length < networks; i++) {
  const net = decode(space, randomGenome(space, rng('importance', i)))
  const [before, after] = [countGraph(net.unpruned), countGraph(net.graph)]
  if (before.macs > 1e5 && before.macs < 1e6 && after.params < 0.67 * before.params) nets.push(net)
}
const scores: Record<string, { cut: number[]; end: number[] }> = {}
for (const [n, net] of nets.entries())
  for (let seed = 0; seed < seeds; seed++) {
    const candidate = { graph: net.graph, unpruned: net.unpruned, seed: `${seed}/${n}` }
    const context = { dataset, engine: wasmEngine(), metric: { kind: 'accuracy' }, clock: () => performance.now() } as const
    const start = startNetwork({ ...context, recipe: { ...recipe, ...stages } }, candidate, split)
    for (const importance of importances) {
      const done = finishNetwork({ ...context, recipe: { ...recipe, ...stages, importance } }, candidate, start, split)
      const row = (scores[importance] ??= { cut: [], end: [] })
      row.cut.push(done.steps.find((s) => s.step === 'pruned')!.score!)
      row.end.push(done.float32)
    }
    const last = (importance: string) => (100 * scores[importance]!.end.at(-1)!).toFixed(2)
    const { params } = countGraph(net.graph)
    const kept = (100 * params) / countGraph(net.unpruned).params
    console.log(`network ${n} (${kept.toFixed(0)} % kept), seed ${seed}: ${importances.map((i) => `${i} ${last(i)}`).join(', ')}`)
  }
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
for (const importance of importances) {
  const { cut, end } = scores[importance]!
  const gain = end.map((v, i) => v - scores.gamma!.end[i]!)
  const deviation = Math.sqrt(mean(gain.map((g) => (g - mean(gain)) ** 2)) / Math.max(1, gain.length - 1))
  console.log(
    `${importance.padEnd(6)} ${(100 * mean(cut)).toFixed(2)} % after pruning, ${(100 * mean(end)).toFixed(2)} % at the end, ` +
      `${(100 * mean(gain)).toFixed(2)} ± ${(100 * deviation).toFixed(2)} points against gamma`,
  )
}
