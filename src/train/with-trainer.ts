import { makeBatcher } from '../data/batches.ts'
import { type Graph, inputShape } from '../graph/graph.ts'
import type { TrainContext } from './context.ts'
import type { Trainer, TrainerOptions } from './engine.ts'

/** A trainer of the context's recipe for the length of one use; its memory is free afterwards, whatever happens. */
export function withTrainer<T>(
  { engine, recipe, fakeInt8 }: TrainContext & Pick<TrainerOptions, 'fakeInt8'>,
  graph: Graph,
  seed: string,
  use: (trainer: Trainer) => T,
): T {
  const { batchSize, loss, optimizer, dropout = 0 } = recipe
  const trainer = engine.create(graph, { batchSize, loss, optimizer, seed, dropout, ...(fakeInt8 ? { fakeInt8 } : {}) })
  try {
    return use(trainer)
  } finally {
    trainer.dispose()
  }
}

/** Examples per chunk: bounds the memory of a walk, never its result. */
const chunk = 64

/** Walks over examples as a network of this graph sees them, plain and in order, a chunk at a time; `inputs` is valid during the call only. */
export function eachChunk(
  { dataset }: TrainContext,
  graph: Graph,
  indices: Int32Array,
  visit: (inputs: Float32Array, count: number, from: number) => void,
): void {
  const batcher = makeBatcher(dataset, indices, inputShape(graph), { seed: '', augment: 0 })
  const inputs = new Float32Array(chunk * batcher.exampleLength)
  for (let from = 0; from < indices.length; from += chunk) {
    const count = Math.min(chunk, indices.length - from)
    batcher.gather(from, count, inputs)
    visit(inputs.subarray(0, count * batcher.exampleLength), count, from)
  }
}
