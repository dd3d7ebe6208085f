import { countOp } from '../graph/count.ts'
import type { Graph } from '../graph/graph.ts'
import { int4Layers, weightBitsOf } from '../graph/traits.ts'
import { engineCycles } from './accelerator/cycles.ts'
import { onCpu } from './accelerator/mapping.ts'
import type { Accelerator } from './accelerator/schema.ts'
import { ofLast } from './of-last.ts'
import type { Target } from './schema.ts'
import { engineClock } from './target.ts'
import { addTerms, INVOKE, inferredTerms, termNames } from './terms.ts'

/** Milliseconds of one inference: the point prediction and its 90 % interval, twice as wide for what was never timed on a board (layers in 4 bits among it). */
export function latencyMs(graph: Graph, target: Target): { ms: number; low: number; high: number } {
  if (target.runtime.accelerator !== undefined) return acceleratedMs(graph, target, target.runtime.accelerator)
  const terms = termsOf(graph)
  const weights = weightsOf(target)
  const int8Ms = dot(terms, weights)
  const narrow = hasInt4(graph) ? int4Ms(graph, target) : none
  const ms = int8Ms + narrow.more
  let inferred = narrow.inAll
  for (let k = 0; k < inferredTerms.length; k++) inferred += terms[inferredTerms[k]!]! * weights[inferredTerms[k]!]!
  const { low, high } = target.latency
  return { ms, low: (ms - inferred / 2) * low, high: (ms + inferred) * high }
}

/** Milliseconds by operator; they and the overhead of an invocation add up to `latencyMs`. */
export function opLatenciesMs(graph: Graph, target: Target): number[] {
  const { accelerator } = target.runtime
  const left = accelerator === undefined ? undefined : new Set(onCpu(graph, accelerator))
  const weights = weightsOf(target)
  const terms = new Float64Array(termNames.length)
  return graph.ops.map((_, i) => {
    if (accelerator !== undefined && !left!.has(i))
      return engineCycles(graph, i, accelerator.engine) / engineCyclesPerMs(target, accelerator)
    terms.fill(0)
    addTerms(graph, i, terms)
    const ms = dot(terms, weights)
    return ms + moreInt4Ms(graph, i, ms, target)
  })
}

/** What maps takes the engine's time, the rest the CPU's; both intervals are added up. */
function acceleratedMs(graph: Graph, target: Target, accelerator: Accelerator): { ms: number; low: number; high: number } {
  const { engine } = accelerator
  const left = onCpu(graph, accelerator)
  const terms = new Float64Array(termNames.length)
  terms[INVOKE] = 1
  let next = 0
  let cycles = 0
  for (let i = 0; i < graph.ops.length; i++) {
    if (left[next] === i) {
      next++
      addTerms(graph, i, terms)
    } else cycles += engineCycles(graph, i, engine)
  }
  const engineMs = cycles / engineCyclesPerMs(target, accelerator)
  const cpuMs = dot(terms, weightsOf(target))
  const { low, high } = target.latency
  return { ms: engineMs + cpuMs, low: engineMs * engine.low + cpuMs * low, high: engineMs * engine.high + cpuMs * high }
}

const engineCyclesPerMs = ({ device }: Target, { id }: Accelerator): number => engineClock(device, id)! * 1000
const none = { more: 0, inAll: 0 }
const hasInt4 = ofLast((graph) => int4Layers(graph) > 0)

/** Milliseconds of the layers with weights in 4 bits, and how many of these they would not take with 8. */
function int4Ms(graph: Graph, target: Target): { more: number; inAll: number } {
  const weights = weightsOf(target)
  const terms = new Float64Array(termNames.length)
  const sum = { more: 0, inAll: 0 }
  for (let i = 0; i < graph.ops.length; i++) {
    if (weightBitsOf(graph.ops[i]!) !== 4) continue
    terms.fill(0)
    addTerms(graph, i, terms)
    const ms = dot(terms, weights)
    const more = moreInt4Ms(graph, i, ms, target)
    sum.more += more
    sum.inAll += ms + more
  }
  return sum
}

/** What operator i takes more than `ms` because its weights have 4 bits. A runtime that cannot run it is priced as with 8. */
function moreInt4Ms(graph: Graph, i: number, ms: number, { runtime: { int4 }, device }: Target): number {
  if (!int4 || weightBitsOf(graph.ops[i]!) !== 4) return 0
  return (int4.latency - 1) * ms + (int4.cyclesPerWeight * countOp(graph, i).weights) / (device.clockMhz * 1000)
}

// reused between networks
const whole = new Float64Array(termNames.length)

/** Terms of the whole network, its invocation included. */
const termsOf = ofLast((graph) => {
  whole.fill(0)
  whole[INVOKE] = 1
  for (let i = 0; i < graph.ops.length; i++) addTerms(graph, i, whole)
  return whole
})

function dot(terms: Float64Array, weights: Float64Array): number {
  let sum = 0
  for (let t = 0; t < terms.length; t++) sum += terms[t]! * weights[t]!
  return sum
}

/** Milliseconds per term, computed once per target value. */
const cache = new WeakMap<Target, Float64Array>()

function weightsOf(target: Target): Float64Array {
  let weights = cache.get(target)
  if (!weights) {
    const cyclesPerMs = target.device.clockMhz * 1000
    weights = Float64Array.from(termNames, (name) => (target.latency.terms[name] ?? 0) / cyclesPerMs)
    cache.set(target, weights)
  }
  return weights
}
