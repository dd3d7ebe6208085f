/**
 * What does int8 lose against float, before and after its remedies? Random networks of the space that suits the data, trained as in a trial without a
 * teacher; both scored on the whole of selection-validation.
 *
 *   npx tsx bench/int8-loss.ts ../shared/datasets/fashion-mnist [networks=8] [examples=20000] [train=all] [tolerance=1] [first=0]
 */
import { openDataset } from '../src/data/open.ts'
import { countGraph } from '../src/graph/count.ts'
import { planStudy } from '../src/run/record/plan.ts'
import { openStudySpace } from '../src/run/record/prepare.ts'
import { decode } from '../src/space/decode.ts'
import { randomGenome } from '../src/space/genome.ts'
import type { TrainContext } from '../src/train/context.ts'
import { finishNetwork, startNetwork } from '../src/train/network.ts'
import { wasmEngine } from '../src/train/wasm/engine.ts'
import { rng } from '../src/util/rng.ts'

const [spec = 'builtin:keywords', ...numbers] = process.argv.slice(2)
const [networks = 8, examples = 20000, train = 1e9, int8Tolerance = 1, first = 0] = numbers.map(Number)
const { report, ...opened } = await openDataset(spec, { seed: '1', cacheDir: 'results/.cache' })
const dataset = { ...opened, splits: { ...opened.splits, train: opened.splits.train.subarray(0, train) } }
const space = openStudySpace('auto', dataset)
const { recipe } = planStudy({ dataset, typicalMacs: 5e5, workers: 1, trials: 1, recipe: { int8Tolerance } }).trial
const stages = { warmExamples: 0.4 * examples, tuneExamples: 0.6 * examples, scoreExamples: { float: 0, int8: 0 } }
const context: TrainContext = {
  dataset,
  engine: wasmEngine(),
  metric: { kind: 'accuracy' },
  recipe: { ...recipe, ...stages },
  clock: () => performance.now(),
}
const split = 'selectionValidation'
const points = (x: number) => (100 * x).toFixed(2)

const losses: { before: number; after: number }[] = []
for (let i = first; losses.length < networks; i++) {
  const net = decode(space, randomGenome(space, rng('int8-loss', i)))
  const { macs } = countGraph(net.unpruned)
  if (macs < 5e4 || macs > 1.5e6) continue
  const candidate = { ...net, seed: `${i}` }
  const done = finishNetwork(context, candidate, startNetwork(context, candidate, split), split)
  const quantised = done.steps.find((s) => s.step === 'int8')!.score!
  losses.push({ before: done.float32 - quantised, after: done.float32 - done.int8 })
  const tried = done.steps.slice(done.steps.findIndex((s) => s.step === 'int8'))
  console.log(
    `network ${i}, ${(macs / 1e6).toFixed(2)} MMAC: float ${points(done.float32)}, ${tried.map((s) => `${s.step} ${points(s.score!)}`).join(', ')}`,
  )
}
for (const when of ['before', 'after'] as const) {
  const sorted = losses.map((l) => l[when]).sort((a, b) => a - b)
  console.log(
    `lost ${when} remedies: median ${points(sorted[Math.floor(sorted.length / 2)]!)}, worst ${points(sorted.at(-1)!)} points`,
  )
}
