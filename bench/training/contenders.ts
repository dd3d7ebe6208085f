import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { elements, type Graph, inputShape, outputShape } from '../../src/graph/graph.ts'
import type { Batch, Engine, Trainer, TrainerOptions } from '../../src/train/engine.ts'
import { wasmEngine } from '../../src/train/wasm/engine.ts'
import type { KernelKind } from '../../src/util/native.ts'
import { packageRoot } from '../../src/util/package-root.ts'
import { rng } from '../../src/util/rng.ts'

/** Something that takes training steps: `steps(n)` answers the milliseconds that n of them took. */
export type Contender = { readonly name: string; steps(n: number): Promise<number>; close(): void }

export const benchOptions = (batchSize: number): TrainerOptions => ({
  batchSize,
  loss: { kind: 'crossEntropy', labelSmoothing: 0 },
  optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 0 },
  seed: 'bench',
})

export function benchBatch(graph: Graph, count: number): Batch {
  const random = rng('bench')
  const classes = elements(outputShape(graph))
  const targets = new Float32Array(count * classes)
  for (let n = 0; n < count; n++) targets[n * classes + random.int(classes)] = 1
  return { count, inputs: Float32Array.from({ length: count * elements(inputShape(graph)) }, () => random.normal()), targets }
}

/** Milliseconds of processor time of n steps: a neighbour that takes the processor away does not count, page faults do. */
export function timeSteps(trainer: Trainer, batch: Batch, n: number): number {
  const start = process.cpuUsage()
  for (let i = 0; i < n; i++) trainer.step(batch, { learningRate: 0.01 })
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1e3
}

export function ours(graph: Graph, count: number, build: { fastMath: boolean; kernels: KernelKind }): Contender {
  return here(nameOf(build), wasmEngine(build), graph, count)
}

/** "wasm", "wasm relaxed", "native", "native fused" */
const nameOf = ({ fastMath, kernels }: { fastMath: boolean; kernels: KernelKind }): string =>
  `${kernels}${fastMath ? { wasm: ' relaxed', native: ' fused' }[kernels] : ''}`

function here(name: string, engine: Engine, graph: Graph, count: number): Contender {
  const trainer = engine.create(graph, benchOptions(count))
  const batch = benchBatch(graph, count)
  return { name, steps: async (n) => timeSteps(trainer, batch, n), close: trainer.dispose }
}

/** What glibc understands: memory that was freed stays with the process. */
const keptHeap = { MALLOC_TRIM_THRESHOLD_: '100000000000', MALLOC_MMAP_THRESHOLD_: '100000000000' }

/**
 * PyTorch in a Python process, channels_last (its fastest layout here), one thread; none where it is not installed. Once as it comes and once with
 * its heap kept: after a step PyTorch frees all activations, glibc gives them back to the system, and the next step pays for thousands of page
 * faults. How many is a matter of what lies at the end of the heap, so "as it comes" is a process of its own for every measurement. With its heap
 * kept, PyTorch is at its best.
 */
export async function torch(graph: Graph, batch: number): Promise<Contender[]> {
  const python = process.env.PYTHON ?? 'python3'
  if (spawnSync(python, ['-c', 'import torch']).status !== 0) {
    console.log('(no PyTorch: pip install torch, or apt-get install python3-torch, to compare)')
    return []
  }
  const script = fileURLToPath(new URL('../torch_training.py', import.meta.url))
  const threads = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' }
  const start = (name: string, env: Record<string, string>) => elsewhere(name, python, [script], env, { ...graph, batch })
  const anew: Contender = {
    name: 'torch',
    async steps(n) {
      const fresh = await start('torch', threads)
      await fresh.steps(3)
      const milliseconds = await fresh.steps(n)
      fresh.close()
      return milliseconds
    },
    close() {},
  }
  return [anew, await start('torch, heap kept', { ...threads, ...keptHeap })]
}

/** `--engine tensorflow` in a process of its own, one thread; none where native TensorFlow was not set up. */
export async function tfjsNode(graph: Graph, batch: number): Promise<Contender[]> {
  const built = ['.tensorflow/node_modules/@tensorflow/tfjs-node', '@tensorflow/tfjs-node'].map((f) =>
    join(packageRoot, 'node_modules', f, 'lib/napi-v8/tfjs_binding.node'),
  )
  if (!built.some(existsSync)) {
    console.log('(no tfjs-node: npm run setup:tensorflow, to compare)')
    return []
  }
  const script = fileURLToPath(new URL('tfjs-node.ts', import.meta.url))
  const threads = { TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '1' }
  return [await elsewhere('tfjs-node', process.execPath, ['--import', 'tsx', script], threads, { graph, batch })]
}

/** A process that reads what to train as one line of JSON, then numbers of steps, and answers each with milliseconds. */
async function elsewhere(
  name: string,
  program: string,
  args: string[],
  env: Record<string, string>,
  what: object,
): Promise<Contender> {
  const child: ChildProcess = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } })
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  const ask = async (line: string): Promise<string> => {
    child.stdin!.write(`${line}\n`)
    const answer = await lines.next()
    if (answer.done) throw new Error(`${name} ended without an answer`)
    return answer.value
  }
  await ask(JSON.stringify(what))
  return { name, steps: async (n) => Number(await ask(String(n))), close: () => child.stdin!.end() }
}
