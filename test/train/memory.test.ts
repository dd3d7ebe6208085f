import { expect, test } from 'vitest'
import { planStudy } from '../../src/run/record/plan.ts'
import type { Engine } from '../../src/train/engine.ts'
import { trainingBytes } from '../../src/train/memory.ts'
import { finishNetwork, type Network, startNetwork } from '../../src/train/network.ts'
import { wasmEngine } from '../../src/train/wasm/engine.ts'
import { createTrainer } from '../../src/train/wasm/trainer.ts'
import { createWorkspace } from '../../src/train/wasm/workspace.ts'
import { network, noise } from './noise.ts'

const dataset = noise()
const { recipe: planned } = planStudy({ dataset, typicalMacs: 1e4, workers: 1, trials: 1 }).trial
const short = { ...planned, batchSize: 8, warmExamples: 16, tuneExamples: 16, scoreExamples: { float: 8, int8: 8 } }

/** The wasm engine in a memory of its own, and the most bytes that its trainers ever held at the same time. */
function watchedEngine() {
  const workspace = createWorkspace(false)
  let held = 0
  let peak = 0
  const watched = {
    ...workspace,
    take(bytes: number) {
      held += bytes
      peak = Math.max(peak, held)
      return workspace.take(bytes)
    },
    give(address: number, bytes: number) {
      held -= bytes
      workspace.give(address, bytes)
    },
  }
  const engine: Engine = { ...wasmEngine(), create: (graph, options) => createTrainer(watched, graph, options) }
  return { engine, peak: () => peak, held: () => held }
}

/** Below zero every remedy of int8 is tried, whatever was lost. */
const tolerances = [null, -1]
const dropouts = [0, 0.3]
const pairs = [
  [24, 24],
  [24, 4],
  [3, 3],
] as const
const cases = tolerances.flatMap((int8Tolerance) =>
  dropouts.flatMap((dropout) => pairs.map(([from, to]) => ({ int8Tolerance, dropout, from, to }))),
)

test.each(cases)('trainingBytes covers a whole training, and not much more: %j', ({ int8Tolerance, dropout, from, to }) => {
  const candidate: Network = { graph: network(to), unpruned: network(from), seed: '1' }
  const recipe = { ...short, int8Tolerance, dropout, pruneRounds: 2 }
  const { engine, peak, held } = watchedEngine()
  const context = { dataset, engine, metric: { kind: 'accuracy' }, recipe, clock: () => 0 } as const
  const { steps } = finishNetwork(context, candidate, startNetwork(context, candidate, 'searchValidation'), 'searchValidation')
  expect(steps.some((s) => s.step === 'qat')).toBe(int8Tolerance !== null)
  expect(held()).toBe(0)
  const planned = trainingBytes(engine, candidate, recipe)
  expect(planned).toBeGreaterThanOrEqual(peak())
  expect(planned).toBeLessThanOrEqual(1.5 * peak())
})
