/**
 * Do two workers train twice as much as one? Each trains a candidate of its own for a while; one and two workers take turns, so that a busy machine
 * slows both alike. Prints images per second and the median over rounds of two / one.
 *
 *   npx tsx bench/workers.ts [nets=A,B,C] [seconds=2] [rounds=7]
 */
import { once } from 'node:events'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { elements, type Graph, inputShape, outputShape } from '../src/graph/graph.ts'
import { wasmEngine } from '../src/train/wasm/engine.ts'
import { rng } from '../src/util/rng.ts'
import { median } from './median.ts'
import { benchNets } from './nets.ts'

type Ask = { readonly net: 'A' | 'B' | 'C'; readonly seconds: number }
const batchSize = 32

if (isMainThread) await compare()
else parentPort!.on('message', ({ net, seconds }: Ask) => parentPort!.postMessage(imagesPerSecond(benchNets()[net], seconds)))

async function compare(): Promise<void> {
  const [nets = 'A,B,C', seconds = '2', rounds = '7'] = process.argv.slice(2)
  // A thread has no TypeScript of its own: it registers tsx, then loads this file.
  const begin = `import('tsx/esm/api').then(({ register }) => (register(), import('${import.meta.url}')))`
  const workers = [0, 1].map(() => new Worker(begin, { eval: true }))
  console.log('net   one worker   two workers   two / one')
  for (const net of nets.split(',') as Ask['net'][]) {
    const speed = async (count: number) => {
      const answers = workers.slice(0, count).map(async (w) => {
        w.postMessage({ net, seconds: Number(seconds) } satisfies Ask)
        return ((await once(w, 'message')) as [number])[0]
      })
      return (await Promise.all(answers)).reduce((a, b) => a + b)
    }
    await speed(2)
    const pairs: (readonly [one: number, two: number])[] = []
    for (let r = 0; r < Number(rounds); r++) pairs.push([await speed(1), await speed(2)])
    const [one, two, ratio] = [pairs.map((p) => p[0]), pairs.map((p) => p[1]), pairs.map(([a, b]) => b / a)].map(median)
    console.log(
      `${net}   ${one!.toFixed(0).padStart(6)} img/s  ${two!.toFixed(0).padStart(6)} img/s   ${ratio!.toFixed(2).padStart(6)}`,
    )
  }
  for (const w of workers) await w.terminate()
}

function imagesPerSecond(graph: Graph, seconds: number): number {
  const random = rng('bench')
  const classes = elements(outputShape(graph))
  const inputs = Float32Array.from({ length: batchSize * elements(inputShape(graph)) }, () => random.normal())
  const targets = new Float32Array(batchSize * classes)
  for (let n = 0; n < batchSize; n++) targets[n * classes + random.int(classes)] = 1
  const loss = { kind: 'crossEntropy', labelSmoothing: 0 } as const
  const optimizer = { kind: 'sgd', momentum: 0.9, weightDecay: 0 } as const
  const trainer = wasmEngine().create(graph, { batchSize, loss, optimizer, seed: 'bench' })
  const start = performance.now()
  let images = 0
  while (performance.now() - start < 1000 * seconds) {
    trainer.step({ count: batchSize, inputs, targets }, { learningRate: 0.01 })
    images += batchSize
  }
  const elapsed = performance.now() - start
  trainer.dispose()
  return (1000 * images) / elapsed
}
