/**
 * What inherited weights are worth: children of trained networks, one or two mutations away, trained for as many examples from scratch and from their
 * mother's weights.
 *
 *   npx tsx bench/inherit.ts ../shared/datasets/fashion-mnist [pairs=6] [mother=6000] [examples=2000,4000]
 */
import { openDataset } from '../src/data/open.ts'
import { countGraph } from '../src/graph/count.ts'
import { computeInt8With } from '../src/quant/kernels.ts'
import { planStudy } from '../src/run/record/plan.ts'
import { openStudySpace } from '../src/run/record/prepare.ts'
import { layersAfter } from '../src/search/relative.ts'
import { decode } from '../src/space/decode.ts'
import { mutate, randomGenome } from '../src/space/genome.ts'
import type { TrainContext } from '../src/train/context.ts'
import type { Relative } from '../src/train/inherit.ts'
import { finishNetwork, type Network, startNetwork } from '../src/train/network.ts'
import { chooseKernels } from '../src/train/wasm/choose.ts'
import { wasmEngine } from '../src/train/wasm/engine.ts'
import { rng } from '../src/util/rng.ts'

const [spec = 'builtin:keywords', pairs = '6', mother = '6000', lengths = '2000,4000'] = process.argv.slice(2)
const dataset = await openDataset(spec, { seed: '1', cacheDir: 'results/.cache' })
const space = openStudySpace('auto', dataset)
const { recipe } = planStudy({ dataset, typicalMacs: 5e5, workers: 1, trials: 1 }).trial
const kernels = chooseKernels('auto', false).kind
const engine = wasmEngine({ fastMath: false, kernels })
computeInt8With(kernels)
const split = 'searchValidation'
const context = (examples: number): TrainContext => ({
  ...({ dataset, engine, metric: { kind: 'accuracy' }, clock: () => performance.now() } as const),
  recipe: { ...recipe, warmExamples: 0.4 * examples, tuneExamples: 0.6 * examples, scoreExamples: { float: 500, int8: 3000 } },
})

function train(network: Network, examples: number, relative?: Relative) {
  const before = process.cpuUsage()
  const start = relative ? { ...relative, steps: [], relative } : startNetwork(context(examples), network, split)
  const { weights, int8 } = finishNetwork(context(examples), network, start, split)
  const { user, system } = process.cpuUsage(before)
  return { weights, int8, seconds: (user + system) / 1e6 }
}

const sums = new Map<string, { int8: number; seconds: number; count: number }>()
for (let i = 0, done = 0; done < Number(pairs); i++) {
  const random = rng('inherit', i)
  const genome = randomGenome(space, random)
  const first = decode(space, genome)
  if (countGraph(first.unpruned).macs > 1e6 || countGraph(first.graph).macs < 5e4) continue
  let other = mutate(space, genome, random)
  if (random.next() < 0.5) other = mutate(space, other, random)
  const { graph, unpruned, roles } = decode(space, other)
  if (countGraph(graph).macs === countGraph(first.graph).macs || countGraph(unpruned).macs > 1.5e6) continue
  done++
  const { weights, int8 } = train({ graph: first.graph, unpruned: first.unpruned, seed: `m${i}` }, Number(mother))
  const relative = { graph: first.graph, weights, layers: layersAfter({ graph, roles }, first) }
  const line = [`pair ${i}, mother ${(100 * int8).toFixed(1)}:`]
  for (const examples of lengths.split(',').map(Number)) {
    const network = { graph, unpruned, seed: `c${i}` }
    const ways = {
      scratch: () => train(network, examples),
      inherited: () => train({ ...network, unpruned: graph }, examples, relative),
    }
    for (const [way, make] of Object.entries(ways)) {
      const made = make()
      const sum = sums.get(`${examples} ${way}`) ?? { int8: 0, seconds: 0, count: 0 }
      sums.set(`${examples} ${way}`, { int8: sum.int8 + made.int8, seconds: sum.seconds + made.seconds, count: sum.count + 1 })
      line.push(`${examples} ${way} ${(100 * made.int8).toFixed(1)}`)
    }
  }
  console.log(line.join(' | '))
}
for (const [way, { int8, seconds, count }] of sums)
  console.log(`${way.padEnd(16)} ${((100 * int8) / count).toFixed(2)} %, ${(seconds / count).toFixed(2)} CPU s`)
