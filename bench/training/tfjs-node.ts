/** Trains one network with native TensorFlow for bench/training.ts. First line of stdin: graph and batch as JSON; then numbers of steps. */
import { createInterface } from 'node:readline'
import type { Graph } from '../../src/graph/graph.ts'
import { tensorflowEngine } from '../../src/train/tensorflow/load.ts'
import { benchBatch, benchOptions, timeSteps } from './contenders.ts'

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const { graph, batch } = JSON.parse((await lines.next()).value) as { graph: Graph; batch: number }
const trainer = (await tensorflowEngine()).create(graph, benchOptions(batch))
const examples = benchBatch(graph, batch)
console.log('ready')
for await (const line of { [Symbol.asyncIterator]: () => lines }) console.log(timeSteps(trainer, examples, Number(line)))
