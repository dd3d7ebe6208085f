/**
 * How many networks a second one core decodes and prices, what its parts take, and what a further board adds: `npx tsx bench/predict.ts [target]`.
 * The design asks for 20,000 and near-free further boards. (tsx slows closures down: the compiled product is about a fifth faster.)
 */

import { latencyMs } from '../src/device/latency.ts'
import { listTargets, loadTarget } from '../src/device/load.ts'
import { ramBytes } from '../src/device/memory.ts'
import { flashBytes, price } from '../src/device/predict.ts'
import type { Graph } from '../src/graph/graph.ts'
import { decode } from '../src/space/decode.ts'
import { openSpace } from '../src/space/genes.ts'
import { randomGenome } from '../src/space/genome.ts'
import { listSpaces, loadSpace } from '../src/space/load.ts'
import { rng } from '../src/util/rng.ts'

const target = loadTarget(process.argv[2] ?? 'stm32f746')
const boards = [target, ...listTargets().filter((t) => t.id !== target.id)]
const contexts = {
  'ds-cnn': { input: [49, 10, 1], outputs: 12 },
  conv1d: { input: [128, 1, 6], outputs: 6 },
  mlp: { input: [64, 1, 1], outputs: 10 },
} as const

console.log(`target ${target.id}, one core; energy is a product and free`)
for (const name of listSpaces()) {
  const context = contexts[name as keyof typeof contexts] ?? { input: [96, 96, 3], outputs: 10 }
  const space = openSpace(loadSpace(name), { ...context, task: 'classification' })
  const genomes = Array.from({ length: 2000 }, (_, i) => randomGenome(space, rng('bench', name, i)))
  const graphs = genomes.map((g) => decode(space, g).graph)
  const operators = graphs.reduce((sum, g) => sum + g.ops.length, 0) / graphs.length
  const whole = microseconds(graphs, (_, i) => price(decode(space, genomes[i]!).graph, target))
  const everywhere = microseconds(graphs, (g) => boards.map((board) => price(g, board)))
  const parts: Record<string, (graph: Graph, i: number) => unknown> = {
    decode: (_, i) => decode(space, genomes[i]!),
    price: (g) => price(g, target),
    latency: (g) => latencyMs(g, target),
    ram: (g) => ramBytes(g, target),
    flash: (g) => flashBytes(g, target),
  }
  const times = Object.entries(parts).map(([part, run]) => [part, microseconds(graphs, run)] as const)
  const further = (everywhere - times.find(([part]) => part === 'price')![1]) / (boards.length - 1)
  console.log(
    `${name} (${operators.toFixed(0)} operators): ${Math.round(1e6 / whole)} networks a second, ${whole.toFixed(1)} us each;`,
    `${times.map(([part, us]) => `${part} ${us.toFixed(1)}`).join(', ')}; each of ${boards.length - 1} further boards ${further.toFixed(1)} us`,
  )
}

/** Per network, by processor time, so that other work on the machine does not count; best of five passes, after one to warm up. */
function microseconds(graphs: readonly Graph[], run: (graph: Graph, i: number) => unknown): number {
  let best = Number.POSITIVE_INFINITY
  for (let pass = 0; pass < 6; pass++) {
    const start = process.cpuUsage()
    graphs.forEach(run)
    const { user, system } = process.cpuUsage(start)
    if (pass > 0) best = Math.min(best, (user + system) / graphs.length)
  }
  return best
}
