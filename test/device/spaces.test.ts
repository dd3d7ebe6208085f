import { describe, expect, it } from 'vitest'
import { listDevices, runtimesOn } from '../../src/device/load.ts'
import { powerOf } from '../../src/device/power.ts'
import { predict, price } from '../../src/device/predict.ts'
import { addTerms, INVOKE, termNames } from '../../src/device/terms.ts'
import { buildGraph } from '../../src/graph/build.ts'
import { type Graph, type Op, outputOf, type Shape } from '../../src/graph/graph.ts'
import { decode } from '../../src/space/decode.ts'
import { openSpace, type SpaceContext } from '../../src/space/genes.ts'
import { randomGenome } from '../../src/space/genome.ts'
import { listSpaces, loadSpace } from '../../src/space/load.ts'
import { rng } from '../../src/util/rng.ts'

/** Every listed board with every runtime that runs on it. */
const targets = listDevices().flatMap((device) => runtimesOn(device))

/** Inputs that occur, and the smallest and flattest that a space must take. */
const inputs: readonly (readonly [Shape, NonNullable<SpaceContext['kind']>])[] = [
  [[96, 96, 3], 'image'],
  [[28, 28, 1], 'image'],
  [[8, 8, 1], 'image'],
  [[49, 10, 1], 'audio'],
  [[128, 1, 6], 'series'],
  [[1, 1, 20], 'series'],
]

/** Random networks of a space, each with its number. */
const networks = (name: string, each: number): Graph[] =>
  inputs.flatMap(([input, kind]) => {
    const space = openSpace(loadSpace(name), { input, outputs: 7, task: 'classification', kind })
    return Array.from({ length: each }, (_, i) => decode(space, randomGenome(space, rng('spaces', name, input.join(), i))).graph)
  })

describe.each(listSpaces())('%s on every board and runtime', (name) => {
  const graphs = networks(name, 12)

  it('every genome has a price: finite, positive, whole bytes, the point inside its interval, energy in step with latency', () => {
    expect(targets.length).toBeGreaterThan(200)
    for (const graph of graphs)
      for (const target of targets) {
        const { latencyMs, latencyLowMs, latencyHighMs, ramBytes, flashBytes, energyUj } = price(graph, target)
        const power = powerOf(target)
        const sane: boolean =
          latencyLowMs > 0 &&
          latencyLowMs < latencyMs &&
          latencyMs < latencyHighMs &&
          Number.isFinite(latencyHighMs) &&
          Number.isSafeInteger(ramBytes) &&
          ramBytes > 0 &&
          Number.isSafeInteger(flashBytes) &&
          flashBytes > 0 &&
          energyUj === (power === null ? null : power.mw * latencyMs)
        if (!sane) expect.fail(`${target.id}: ${JSON.stringify(price(graph, target))}`)
      }
  })

  it('no operator has a negative share', () => {
    for (const target of targets)
      for (const { latencyMs, macs, weightBytes, scratchBytes } of predict(graphs[0]!, target).perOp)
        expect(Math.min(latencyMs, macs, weightBytes, scratchBytes), target.id).toBeGreaterThanOrEqual(0)
  })

  it('another layer never makes it faster or smaller in flash, a second dense or softmax at the end included', () => {
    for (const graph of graphs)
      for (const op of further(graph)) {
        const longer = buildGraph(graph.shapes[0]!, [...graph.ops, op])
        const before = targets.map((target) => price(graph, target))
        const cheaper = targets.filter((target, t) => {
          const after = price(longer, target)
          return after.latencyMs <= before[t]!.latencyMs || after.flashBytes < before[t]!.flashBytes
        })
        expect(cheaper.map(({ id }) => id)).toEqual([])
      }
  })

  it('twice the clock is half the time, in milliseconds = cycles / (MHz x 1000)', () => {
    const graph = graphs[0]!
    const terms = new Float64Array(termNames.length)
    terms[INVOKE] = 1
    for (let i = 0; i < graph.ops.length; i++) addTerms(graph, i, terms)
    // an accelerator has a clock of its own (accelerators.test.ts)
    for (const target of targets.filter((t) => t.runtime.accelerator === undefined)) {
      const { clockMhz } = target.device
      const cycles = termNames.reduce((sum, term, t) => sum + terms[t]! * (target.latency.terms[term] ?? 0), 0)
      const now = price(graph, target)
      const fast = price(graph, { ...target, device: { ...target.device, clockMhz: 2 * clockMhz } })
      expect(now.latencyMs / (cycles / (clockMhz * 1000))).toBeCloseTo(1, 12)
      expect(fast.latencyMs / now.latencyMs).toBeCloseTo(0.5, 12)
      expect([fast.ramBytes, fast.flashBytes]).toEqual([now.ramBytes, now.flashBytes])
    }
  })

  it('is the same to the last bit whichever network and board were priced before', () => {
    const some = targets.filter((_, t) => t % 5 === 0)
    const alone = graphs.map((graph) => some.map((target) => price(structuredClone(graph), target)))
    for (let k = 0; k < 400; k++) {
      const random = rng('order', name, k)
      const g = random.int(graphs.length)
      const t = random.int(some.length)
      expect(price(graphs[g]!, some[t]!)).toEqual(alone[g]![t])
    }
  })
})

const further = (graph: Graph): Op[] => {
  const last = outputOf(graph.ops.length - 1)
  return [
    { kind: 'dense', inputs: [last], units: 3, activation: 'none' },
    { kind: 'softmax', inputs: [last] },
    { kind: 'add', inputs: [last, last], activation: 'none' },
  ]
}
