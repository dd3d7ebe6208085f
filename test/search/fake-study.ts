import { totalViolation, violations } from '../../src/device/cost.ts'
import { countGraph, countOp } from '../../src/graph/count.ts'
import { elements, type Graph, outputOf } from '../../src/graph/graph.ts'
import { fakeResult } from '../../src/search/fake.ts'
import type { EvaluationResult } from '../../src/search/loop.ts'
import type { Candidate, SearchSetup } from '../../src/search/strategy.ts'
import type { TargetCost } from '../../src/search/trial.ts'
import { openSpace } from '../../src/space/genes.ts'
import { loadSpace } from '../../src/space/load.ts'
import type { SpaceDefinition } from '../../src/space/schema.ts'

/** Prices by rule of thumb: they must not move when the predictors of real boards are fitted anew. */
const boards = {
  small: { ramBytes: 16_000, flashBytes: 48_000, latencyMs: 60, macsPerMs: 20_000 },
  large: { ramBytes: 64_000, flashBytes: 200_000, latencyMs: 50, macsPerMs: 100_000 },
} as const
export type Board = keyof typeof boards

function sizes(graph: Graph) {
  let ramBytes = 0
  for (const [i, op] of graph.ops.entries()) {
    let live = elements(graph.shapes[outputOf(i)]!)
    for (const t of op.inputs) live += elements(graph.shapes[t]!)
    ramBytes = Math.max(ramBytes, live)
  }
  const { macs, params } = countGraph(graph)
  const halves = graph.ops.reduce((sum, _, i) => sum + countOp(graph, i).weights - countOp(graph, i).weightBytes, 0)
  return { macs, bytes: params - halves, ramBytes, layers: graph.ops.length }
}

function priceOn({ macs, bytes, ramBytes, layers }: ReturnType<typeof sizes>, board: Board): TargetCost {
  const { macsPerMs, ...budget } = boards[board]
  const latencyMs = macs / macsPerMs + 0.2 * layers
  const cost = {
    latencyMs,
    latencyLowMs: latencyMs,
    latencyHighMs: latencyMs,
    ramBytes,
    flashBytes: bytes + 100 * layers,
    energyUj: null,
    calibrated: false,
  }
  return { ...cost, violation: totalViolation(violations(cost, budget)) }
}

export type FakeStudy = {
  space?: SpaceDefinition
  boards?: readonly Board[]
  seed?: string | number
  lag?: number
  shrink?: number
}

/** A study on 28x28 grey images with ten classes, in memory. */
export function fakeStudy(options: FakeStudy = {}): SearchSetup {
  const { space = loadSpace('mcunet'), boards: names = ['small', 'large'], seed = 42, lag = 8 } = options
  return {
    space: openSpace(space, { input: [28, 28, 1], outputs: 10, task: 'classification' }),
    targets: names.map((id) => {
      const { macsPerMs: _, ...budget } = boards[id]
      return { id, budget, reference: [0.9, budget.latencyMs, budget.ramBytes, budget.flashBytes] }
    }),
    objectives: ['error', 'latency', 'ram', 'flash'],
    metric: { kind: 'accuracy' },
    seed,
    recipeHash: 'fake',
    lag,
    effort: ({ graph, unpruned }, rung) => {
      const examples = 1000 * 2 ** rung
      return { examples, work: examples * (countGraph(graph).macs + countGraph(unpruned).macs) }
    },
    price: (graph) => {
      const size = sizes(graph)
      return Object.fromEntries(names.map((id) => [id, priceOn(size, id)]))
    },
  }
}

export const evaluateFake = async (candidate: Candidate): Promise<EvaluationResult> => fakeResult(candidate, { kind: 'accuracy' })
