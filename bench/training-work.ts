/**
 * How long a training step takes, from a network's MACs and the elements of its activations: least squares of relative errors over random networks of
 * the bundled spaces, processor time. Prints nanoseconds a MAC and an element, and the error beside that of MACs alone.
 *
 *   npx tsx bench/training-work.ts [networks a space = 12]
 */
import { countGraph } from '../src/graph/count.ts'
import { elements, type Graph, inputShape } from '../src/graph/graph.ts'
import { decode } from '../src/space/decode.ts'
import { openSpace } from '../src/space/genes.ts'
import { randomGenome } from '../src/space/genome.ts'
import { loadSpace } from '../src/space/load.ts'
import { chooseKernels } from '../src/train/wasm/choose.ts'
import { wasmEngine } from '../src/train/wasm/engine.ts'
import { rng } from '../src/util/rng.ts'

const networks = Number(process.argv[2] ?? 12)
const batch = 32
const outputs = 8
const inputs = { mcunet: [28, 28, 1], 'ds-cnn': [49, 40, 1], conv1d: [128, 1, 6] } as const
const spaces = Object.entries(inputs).map(([name, input]) =>
  openSpace(loadSpace(name), {
    input,
    outputs,
    task: 'classification',
    kind: name === 'conv1d' ? 'series' : name === 'ds-cnn' ? 'audio' : 'image',
  }),
)
const graphs = spaces
  .flatMap((space) => Array.from({ length: networks }, (_, n) => decode(space, randomGenome(space, rng('work', n))).graph))
  .filter((graph) => countGraph(graph).macs < 5e6)

/** Nanoseconds of processor time an example; the least of five readings. */
function measure(graph: Graph, kernels: 'native' | 'wasm'): number {
  const trainer = wasmEngine({ kernels }).create(graph, {
    batchSize: batch,
    loss: { kind: 'crossEntropy', labelSmoothing: 0 },
    optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 0 },
    seed: 'work',
  })
  const images = new Float32Array(batch * elements(inputShape(graph))).fill(0.1)
  const targets = new Float32Array(batch * outputs).fill(1 / outputs)
  const steps = (n: number) => {
    for (let i = 0; i < n; i++) trainer.step({ count: batch, inputs: images, targets }, { learningRate: 1e-4 })
  }
  steps(3)
  let least = Number.POSITIVE_INFINITY
  for (let reading = 0; reading < 5; reading++) {
    const before = process.cpuUsage()
    steps(6)
    const { user, system } = process.cpuUsage(before)
    least = Math.min(least, ((user + system) * 1000) / (6 * batch))
  }
  trainer.dispose()
  return least
}

/** Weights that minimise the sum of squares of (predicted / measured - 1). */
function fit(rows: readonly (readonly [x: number, y: number, ns: number])[]): [number, number] {
  let [xx, xy, yy, xz, yz] = [0, 0, 0, 0, 0]
  for (const [x, y, ns] of rows) {
    xx += (x * x) / ns ** 2
    xy += (x * y) / ns ** 2
    yy += (y * y) / ns ** 2
    xz += x / ns
    yz += y / ns
  }
  const det = xx * yy - xy * xy
  return [(xz * yy - xy * yz) / det, (xx * yz - xy * xz) / det]
}

const percent = (errors: number[], share: number) =>
  `${(100 * errors.sort((a, b) => a - b)[Math.floor(share * (errors.length - 1))]!).toFixed(0)} %`

for (const kernels of chooseKernels('auto', false).kind === 'native' ? (['native', 'wasm'] as const) : (['wasm'] as const)) {
  const rows = graphs.map((graph) => {
    const activations = graph.shapes.slice(1).reduce((sum, shape) => sum + elements(shape), 0)
    return [countGraph(graph).macs, activations, measure(graph, kernels)] as const
  })
  const [perMac, perElement] = fit(rows)
  const alone = rows.reduce((sum, [x, , ns]) => sum + x / ns, 0) / rows.reduce((sum, [x, , ns]) => sum + (x * x) / ns ** 2, 0)
  const errors = (of: (x: number, y: number) => number) => rows.map(([x, y, ns]) => Math.abs(of(x, y) / ns - 1))
  const both = errors((x, y) => perMac * x + perElement * y)
  const macs = errors((x) => alone * x)
  console.log(
    `${kernels}: ${perMac.toFixed(3)} ns a MAC, ${perElement.toFixed(2)} ns an element (${(perElement / perMac).toFixed(1)} MACs); ` +
      `${rows.length} networks, error median ${percent(both, 0.5)}, 90 % ${percent(both, 0.9)}; by MACs alone ${percent(macs, 0.5)}, ${percent(macs, 0.9)}`,
  )
}
