import { countOp } from '../graph/count.ts'
import type { Graph, OpKind } from '../graph/graph.ts'
import { scratchOf } from '../graph/scratch.ts'
import { tfliteBytes } from '../graph/tflite-size.ts'
import { hasBatchNorm, int4Layers } from '../graph/traits.ts'
import { refusedOps } from './accelerator/mapping.ts'
import type { Region } from './accelerator/schema.ts'
import type { Budget, Cost, OpCost } from './cost.ts'
import { latencyMs, opLatenciesMs } from './latency.ts'
import { codeBytes, ramBytes } from './memory.ts'
import { ofLast } from './of-last.ts'
import { powerOf } from './power.ts'
import type { Target } from './schema.ts'

export type Prediction = Cost & { readonly perOp: readonly OpCost[] }

/**
 * Price of a network on a target, without its weights. What depends on the network alone is kept until another network is priced: price all boards of
 * a network in turn.
 * `ramBytes`: what the runtime must be given (for TFLite-Micro the smallest arena that AllocateTensors accepts, exact).
 * `flashBytes`: the model (exact file for TFLite-Micro, weights, biases and tables for code generators) plus the runtime's code for these operators.
 * `latencyMs` with a 90 % interval; `energyUj` = active power (`powerOf`) x latency, with the interval of both, null where no power was measured.
 */
export function price(graph: Graph, target: Target): Cost {
  const { ms, low, high } = latencyMs(graph, target)
  const power = powerOf(target)
  const unsupportedLayers = target.runtime.int4 ? 0 : int4LayersOf(graph)
  const refused = target.runtime.accelerator === undefined ? 0 : refusedOps(graph, target.runtime.accelerator)
  return {
    latencyMs: ms,
    latencyLowMs: low,
    latencyHighMs: high,
    ramBytes: ramBytes(graph, target),
    flashBytes: flashBytes(graph, target),
    energyUj: power === null ? null : power.mw * ms,
    ...(power === null ? {} : { energyLowUj: power.lowMw * low, energyHighUj: power.highMw * high }),
    calibrated: target.latency.calibrated,
    ...(unsupportedLayers > 0 ? { unsupportedLayers } : {}),
    ...(refused > 0 ? { refusedOps: refused } : {}),
  }
}

/** `price` with one row per operator. */
export function predict(graph: Graph, target: Target): Prediction {
  const latencies = opLatenciesMs(graph, target)
  const { ram } = target.runtime
  const perOp = graph.ops.map((_, i): OpCost => {
    const { macs, weightBytes, biases } = countOp(graph, i)
    const scratch = ram.rule === 'tflm' ? scratchOf(graph, i, ram.kernels) : []
    return {
      latencyMs: latencies[i]!,
      macs,
      weightBytes: weightBytes + 4 * biases,
      scratchBytes: scratch.reduce((sum, bytes) => sum + bytes, 0),
    }
  })
  return { ...price(graph, target), perOp }
}

/** Flash of model and code. */
export function flashBytes(graph: Graph, target: Target): number {
  return modelBytes(graph, target) + codeBytes(graph, target)
}

/** Flash of the model alone: the file where the runtime keeps it, else weights, biases and tables as its code generator writes them. */
export function modelBytes(graph: Graph, target: Target): number {
  if (target.runtime.modelFile === 'tflite') return fileBytesOf(graph)
  const { bytes, channels } = constantsOf(graph)
  return bytes + target.runtime.channelBytes * channels
}

const int4LayersOf = ofLast(int4Layers)
const fileBytesOf = ofLast((graph) => tfliteBytes(graph))

/** Bytes of the tables that generated code looks values up in: a hard swish has one for each input. */
const tableBytes: Readonly<Record<OpKind, number>> = {
  conv2d: 0,
  depthwise: 0,
  dense: 0,
  add: 0,
  mul: 0,
  averagePool: 0,
  maxPool: 0,
  mean: 0,
  softmax: 0,
  reshape: 0,
  pad: 0,
  concat: 0,
  quantize: 0,
  hardSwish: 256,
}

/** Weights, biases and tables, and the output channels of convolutions. */
const constantsOf = ofLast((graph) => {
  let bytes = 0
  let channels = 0
  for (let i = 0; i < graph.ops.length; i++) {
    const { pairedBytes, biases } = countOp(graph, i)
    bytes += pairedBytes + 4 * biases + tableBytes[graph.ops[i]!.kind]
    if (hasBatchNorm(graph.ops[i]!)) channels += biases
  }
  return { bytes, channels }
})

type Reserve = { readonly reserveRam?: number | undefined; readonly reserveFlash?: number | undefined }

/** What a network may cost on a target: its memory less what firmware and stack take, at least 0. Latency and energy are unbounded. */
export function defaultBudget(target: Target, reserve: Reserve = {}): Budget {
  const { device, runtime } = target
  const own = (holds: Region['holds']) => runtime.accelerator?.regions?.find((r) => r.holds === holds)?.bytes
  const flashBytes = Math.max(0, device.flashBytes - (reserve.reserveFlash ?? device.reserveFlashBytes))
  const ramBytes = Math.max(0, device.ramBytes - (reserve.reserveRam ?? device.reserveRamBytes))
  return {
    // firmware that leaves no RAM at all leaves no room for a driver either
    ramBytes: ramBytes === 0 ? 0 : (own('activations') ?? ramBytes),
    // weights that are copied into memory of their own lie in flash as well
    flashBytes: Math.min(flashBytes, own('weights') ?? flashBytes),
  }
}
