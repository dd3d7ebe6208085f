/**
 * What making a varied batch costs beside training on it: microseconds an example, and the share of a step of the median network of the data's space.
 *
 *   npx tsx bench/augmentation.ts [data=builtin:shapes,builtin:keywords,builtin:gestures] [rounds=15]
 */
import { makeBatcher } from '../src/data/batches.ts'
import { openDataset } from '../src/data/open.ts'
import { countGraph } from '../src/graph/count.ts'
import { openStudySpace } from '../src/run/record/prepare.ts'
import { decode } from '../src/space/decode.ts'
import { randomGenome } from '../src/space/genome.ts'
import { labelsAt } from '../src/task/labels.ts'
import { outputsOf, taskOf } from '../src/task/lookup.ts'
import { wasmEngine } from '../src/train/wasm/engine.ts'
import { rng } from '../src/util/rng.ts'
import { median } from './median.ts'

const [specs = 'builtin:shapes,builtin:keywords,builtin:gestures', rounds = '15'] = process.argv.slice(2)
const batchSize = 64

console.log('data                 network      step, us/example   plain batch   varied batch   variation / step')
for (const spec of specs.split(',')) {
  const dataset = await openDataset(spec, { seed: '1', cacheDir: 'results/.cache' })
  const space = openStudySpace('auto', dataset)
  const graphs = Array.from({ length: 21 }, (_, i) => decode(space, randomGenome(space, rng('augmentation', i))).graph)
  const byMacs = graphs.map((graph) => ({ graph, macs: countGraph(graph).macs })).sort((a, b) => a.macs - b.macs)
  const { graph, macs } = byMacs[byMacs.length >> 1]!
  const shape = graph.shapes[0]!
  const batchers = [0, 1].map((augment) => makeBatcher(dataset, dataset.splits.train, shape, { seed: 'bench', augment }))
  const outputs = outputsOf(dataset)
  const inputs = new Float32Array(batchSize * batchers[0]!.exampleLength)
  const targets = new Float32Array(batchSize * outputs)
  const loss = taskOf(dataset.task).loss(labelsAt(dataset.labels, dataset.splits.train), dataset.classes.length)
  const optimizer = { kind: 'sgd', momentum: 0.9, weightDecay: 0 } as const
  const trainer = wasmEngine().create(graph, { batchSize, loss, optimizer, seed: 'bench' })
  const work = [
    () => trainer.step({ count: batchSize, inputs, targets }, { learningRate: 0.01 }),
    ...batchers.map((b) => (round: number) => b.batch(0, round, batchSize, inputs, targets)),
  ]
  const times = work.map((): number[] => [])
  for (let round = -3; round < Number(rounds); round++)
    for (const [i, run] of work.entries()) {
      const start = performance.now()
      run(Math.max(0, round))
      if (round >= 0) times[i]!.push(((performance.now() - start) * 1000) / batchSize)
    }
  trainer.dispose()
  const [step, plain, varied] = times.map(median) as [number, number, number]
  const cells = [`${(macs / 1e6).toFixed(2)} MMACs`, step, plain, varied, `${((100 * (varied - plain)) / step).toFixed(1)} %`]
  const widths = [12, 19, 14, 15, 19]
  console.log(spec.padEnd(20) + cells.map((c, i) => (typeof c === 'number' ? c.toFixed(1) : c).padStart(widths[i]!)).join(''))
}
