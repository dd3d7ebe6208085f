/**
 * Training speed on one thread: our engine, plain and relaxed SIMD, and PyTorch where `python3 -c 'import torch'` works
 * (channels_last, which is its fastest layout here; PYTHON names another interpreter). Rounds are interleaved, so that a busy machine slows all of them alike.
 *
 *   npx tsx bench/training.ts [nets=A,B,C] [batches=32,8] [rounds=7]
 *
 * A step is forward, backward and SGD with Nesterov momentum; GFLOP/s = 6 x MACs x batch / time. "of torch" is the median over rounds of
 * torch's time / ours in the same round.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { countGraph } from '../src/graph/count.ts'
import { elements, type Graph, inputShape, outputShape } from '../src/graph/graph.ts'
import { wasmEngine } from '../src/train/wasm/index.ts'
import { rng } from '../src/util/rng.ts'
import { benchNets } from './nets.ts'

const [names = 'A,B,C', batches = '32,8', rounds = '7'] = process.argv.slice(2)
const python = process.env.PYTHON ?? 'python3'

type Contender = { readonly name: string; steps(n: number): Promise<number>; close(): void }

for (const [name, graph] of Object.entries(benchNets()).filter(([name]) => names.split(',').includes(name)))
  for (const batch of batches.split(',').map(Number)) await compare(name, graph, batch)

async function compare(name: string, graph: Graph, batch: number): Promise<void> {
  const { macs, params } = countGraph(graph)
  console.log(`\n${name}: ${(macs / 1e6).toFixed(2)} MMACs, ${params} parameters, batch ${batch}`)
  const contenders = [ours(graph, batch, false), ours(graph, batch, true), ...(await torch(graph, batch))]
  const times = contenders.map((): number[] => [])
  for (const c of contenders) await c.steps(3)
  for (let round = 0; round < Number(rounds); round++)
    for (const [i, c] of contenders.entries()) times[i]!.push((await c.steps(3)) / 3)
  const torchTimes = times[contenders.findIndex((c) => c.name === 'torch')]
  console.log('engine            median ms   best ms   images/s   GFLOP/s   of torch')
  contenders.forEach(({ name }, i) => {
    const ms = median(times[i]!)
    const ratio = torchTimes ? median(torchTimes.map((t, r) => t / times[i]![r]!)).toFixed(2) : '-'
    const cells = [
      ms.toFixed(2),
      Math.min(...times[i]!).toFixed(2),
      ((1e3 * batch) / ms).toFixed(0),
      ((6 * macs * batch) / ms / 1e6).toFixed(1),
      ratio,
    ]
    console.log(name.padEnd(16) + cells.map((cell, k) => cell.padStart([11, 10, 11, 10, 11][k]!)).join(''))
  })
  for (const c of contenders) c.close()
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!
}

function ours(graph: Graph, count: number, fastMath: boolean): Contender {
  const random = rng('bench')
  const classes = elements(outputShape(graph))
  const inputs = Float32Array.from({ length: count * elements(inputShape(graph)) }, () => random.normal())
  const targets = new Float32Array(count * classes)
  for (let n = 0; n < count; n++) targets[n * classes + random.int(classes)] = 1
  const trainer = wasmEngine({ fastMath }).create(graph, {
    batchSize: count,
    loss: { kind: 'crossEntropy', labelSmoothing: 0 },
    optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 0 },
    seed: 'bench',
  })
  return {
    name: fastMath ? 'wasm relaxed' : 'wasm',
    async steps(n) {
      const start = performance.now()
      for (let i = 0; i < n; i++) trainer.step({ count, inputs, targets }, { learningRate: 0.01 })
      return performance.now() - start
    },
    close: trainer.dispose,
  }
}

/** A Python process that trains the same graph, one answer (milliseconds) a line; none where torch is not installed. */
async function torch(graph: Graph, batch: number): Promise<Contender[]> {
  if (spawnSync(python, ['-c', 'import torch']).status !== 0) {
    console.log('(no PyTorch: pip install torch, or apt-get install python3-torch, to compare)')
    return []
  }
  const script = fileURLToPath(new URL('torch_training.py', import.meta.url))
  const child: ChildProcess = spawn(python, [script], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
  })
  const lines = createInterface({ input: child.stdout! })
  const ask = async (line: string): Promise<string> => {
    child.stdin!.write(`${line}\n`)
    const [answer] = (await once(lines, 'line')) as [string]
    return answer
  }
  await ask(JSON.stringify({ ...graph, batch }))
  return [{ name: 'torch', steps: async (n) => Number(await ask(String(n))), close: () => child.stdin!.end() }]
}
