/**
 * Training speed on one thread: our engine with WebAssembly's kernels and with native ones, plain and fused, PyTorch where
 * `python3 -c 'import torch'` works (PYTHON names another interpreter) and tfjs-node where it was set up. Rounds are interleaved and times are the
 * processor's, so that a busy machine slows all of them alike.
 *
 *   npm run bench:training -- [nets=A,B,C] [batches=32,8] [rounds=7]
 *
 * A step is forward, backward and SGD with Nesterov momentum; GFLOP/s = 6 x MACs x batch / time. "of torch" and its neighbours are medians over
 * rounds of their time / the row's time in the same round ("kept": PyTorch whose heap is kept between steps). On one thread and below a batch of 16
 * PyTorch 1.13 computes 1x1 convolutions without oneDNN, some 17 times slower an example: ratios at batch 8 say little.
 *
 * Then each kernel of ours: its share of the peak of 128-bit multiply-adds measured in registers by this very machine, alone and with the batch norm
 * and activation that it recomputes on the way, and the ceiling that its work would meet first: arithmetic, loads from the first-level cache, or
 * memory. Native kernels are measured against the same peak, of vectors half as wide as theirs. The last line: plain native kernels over plain
 * WebAssembly and over PyTorch with its heap kept, geometric means over the nets at the first batch size.
 */
import { countGraph } from '../src/graph/count.ts'
import type { Graph } from '../src/graph/graph.ts'
import { loadNative } from '../src/util/native.ts'
import { median } from './median.ts'
import { benchNets } from './nets.ts'
import { type Ceilings, ceilingMeter } from './training/ceilings.ts'
import { type Contender, ours, tfjsNode, torch } from './training/contenders.ts'
import { kernelShares } from './training/kernel-shares.ts'

const [names = 'A,B,C', batches = '32,8', rounds = '7'] = process.argv.slice(2)
const nets = Object.entries(benchNets()).filter(([name]) => names.split(',').includes(name))

/** Native kernels where they are built. */
const builds = (['wasm', 'native'] as const)
  .filter((kernels) => kernels === 'wasm' || loadNative('float'))
  .flatMap((kernels) => [false, true].map((fastMath) => ({ kernels, fastMath })))
/** Of each net: how many times faster plain native kernels are. */
const ratios: { readonly wasm: number | undefined; readonly torch: number | undefined }[] = []

const meters = [await ceilingMeter(false), await ceilingMeter(true)]
for (const [name, graph] of nets)
  for (const batch of batches.split(',').map(Number)) {
    await compare(name, graph, batch)
    for (const measure of meters) measure()
  }
for (const [i, measure] of meters.entries()) {
  const relaxed = i === 1
  const ceilings = measure()
  const { registerGflops, loadedGflops, streamGbytes } = ceilings
  const [peak, loaded, stream] = [registerGflops, loadedGflops, streamGbytes].map((v) => v.toFixed(1))
  console.log(
    `\n${relaxed ? 'relaxed' : 'plain'} SIMD here: ${peak} GFLOP/s in registers, ${loaded} with a load each, memory ${stream} GB/s`,
  )
  for (const [name, graph] of nets)
    for (const build of builds)
      if (build.fastMath === relaxed) printKernels(name, graph, Number(batches.split(',')[0]), build, ceilings)
}
console.log(
  `\ngeomean native/wasm ${geomean(ratios.map((r) => r.wasm))}, native/torch-kept ${geomean(ratios.map((r) => r.torch))}`,
)

/** "1.84"; "-" where one is missing. */
function geomean(values: readonly (number | undefined)[]): string {
  const known = values.filter((v) => v !== undefined)
  return known.length === 0 || known.length < values.length
    ? '-'
    : Math.exp(known.reduce((sum, v) => sum + Math.log(v), 0) / known.length).toFixed(2)
}

async function compare(name: string, graph: Graph, batch: number): Promise<void> {
  const { macs, params } = countGraph(graph)
  console.log(`\n${name}: ${(macs / 1e6).toFixed(2)} MMACs, ${params} parameters, batch ${batch}`)
  const own = builds.map((build) => ours(graph, batch, build))
  const contenders: Contender[] = [...own, ...(await torch(graph, batch)), ...(await tfjsNode(graph, batch))]
  const times = contenders.map((): number[] => [])
  for (const c of contenders) await c.steps(3)
  for (let round = 0; round < Number(rounds); round++)
    for (const [i, c] of contenders.entries()) times[i]!.push((await c.steps(3)) / 3)
  const others = ['torch', 'torch, heap kept', 'tfjs-node'].map((other) => times[contenders.findIndex((c) => c.name === other)])
  row('engine', ['median ms', 'best ms', 'images/s', 'GFLOP/s', 'of torch', 'of kept', 'of tfjs'])
  contenders.forEach((contender, i) => {
    const ms = median(times[i]!)
    const cells = others.map((other) => (other ? median(other.map((t, r) => t / times[i]![r]!)).toFixed(2) : '-'))
    const speed = [((1e3 * batch) / ms).toFixed(0), ((6 * macs * batch) / ms / 1e6).toFixed(1)]
    row(contender.name, [ms.toFixed(2), Math.min(...times[i]!).toFixed(2), ...speed, ...cells])
  })
  for (const c of contenders) c.close()
  const at = (wanted: string) => times[contenders.findIndex((c) => c.name === wanted)]
  const over = (other: number[] | undefined) => at('native') && other && median(other.map((t, r) => t / at('native')![r]!))
  if (batch === Number(batches.split(',')[0])) ratios.push({ wasm: over(at('wasm')), torch: over(at('torch, heap kept')) })
}

function printKernels(name: string, graph: Graph, batch: number, build: (typeof builds)[number], ceilings: Ceilings): void {
  const shares = kernelShares(graph, batch, build, ceilings, 3 * Number(rounds))
  const whole = shares.reduce((sum, { ms }) => sum + ms, 0)
  console.log('')
  row(`${name}, ${build.kernels}`, ['ms a step', 'of step', 'GFLOP/s', 'of peak', 'with norm', 'limit'])
  for (const { name: kernel, ms, gflops, ofPeak, ofPeakWithNorm, limit } of shares) {
    const numbers = [gflops.toFixed(1), percent(ofPeak), percent(ofPeakWithNorm)]
    row(kernel, [ms.toFixed(2), percent(ms / whole), ...numbers, limit])
  }
}

function row(name: string, cells: readonly string[]): void {
  console.log(name.padEnd(20) + cells.map((cell, k) => (k < 5 ? cell.padStart(11) : `   ${cell}`)).join(''))
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`
}
