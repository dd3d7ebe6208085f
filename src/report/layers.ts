import { predict } from '../device/predict.ts'
import type { Target } from '../device/schema.ts'
import { memoryMap } from '../graph/arena.ts'
import { type Graph, outputOf } from '../graph/graph.ts'
import { liveBytes } from '../graph/liveness.ts'
import { isWindowed } from '../graph/traits.ts'
import type { LayerView, RamBlock } from './view.ts'

export type Layers = { readonly layers: readonly LayerView[]; readonly ramMap: readonly RamBlock[]; readonly arenaBytes: number }

/** Any network layer by layer on a target: where time goes, where RAM peaks, what lies where in the arena. */
export function layersOf(graph: Graph, target: Target, cost = predict(graph, target)): Layers {
  const { ram } = target.runtime
  const map = memoryMap(graph, ram.rule === 'tflm' ? ram.kernels : null)
  const live = liveBytes(graph)
  const totalMs = cost.perOp.reduce((sum, op) => sum + op.latencyMs, 0)
  const layers = graph.ops.map((op, i): LayerView => {
    const { macs, weightBytes, latencyMs, scratchBytes } = cost.perOp[i]!
    return {
      index: i,
      kind: op.kind,
      output: graph.shapes[outputOf(i)]!,
      kernel: isWindowed(op) ? op.kernel : null,
      stride: isWindowed(op) ? op.stride : null,
      macs,
      weightBytes,
      latencyShare: totalMs > 0 ? latencyMs / totalMs : null,
      ramLiveBytes: live[i + 1]! + scratchBytes,
      isPeak: i === map.peak.op,
    }
  })
  const nameOf = (tensor: number | null, op: number | null): string =>
    tensor === null
      ? `scratch of ${graph.ops[op!]!.kind} ${op}`
      : tensor === 0
        ? 'input'
        : `${graph.ops[tensor - 1]!.kind} ${tensor - 1}`
  const ramMap = map.placements.map(
    (p): RamBlock => ({
      tensor: p.tensor ?? -1,
      label: nameOf(p.tensor, p.op),
      offset: p.offset,
      sizeBytes: p.size,
      // the planner's clock starts with the input at 0; operator i runs at i + 1
      first: Math.max(0, p.first - 1),
      last: Math.max(0, p.last - 1),
    }),
  )
  return { layers, ramMap, arenaBytes: cost.ramBytes }
}
