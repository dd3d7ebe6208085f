import { predict } from '../device/index.ts'
import { memoryMap } from '../graph/arena.ts'
import { isWindowed, outputOf } from '../graph/graph.ts'
import { liveBytes } from '../graph/liveness.ts'
import { clusteredBytes, weightBytes } from '../quant/index.ts'
import type { NetworkView } from '../report/index.ts'
import type { StudySetup } from '../search/strategy.ts'
import type { Trial } from '../search/trial.ts'
import { decode } from '../space/index.ts'
import type { TargetOnView } from './header.ts'
import type { TestLine } from './lines.ts'
import type { StudyStore } from './study-store.ts'

/** A network layer by layer, priced on the first of `targets`, with its memory map, its making and what verification showed. */
export function networkView(
  store: StudyStore,
  setup: StudySetup,
  trial: Trial,
  targets: readonly TargetOnView[],
  test: TestLine | undefined,
): NetworkView {
  const { graph } = decode(setup.space, trial.genome)
  const target = targets[0]!.target
  const cost = predict(graph, target)
  const { ram } = target.runtime
  const map = memoryMap(graph, ram.rule === 'tflm' ? ram.kernels : null)
  const live = liveBytes(graph)
  const totalMs = cost.perOp.reduce((sum, op) => sum + op.latencyMs, 0)
  const polish = store.polishes().find((p) => p.trial === trial.n)
  const checks = store.verifies().find((v) => v.trial === trial.n)?.checks ?? []
  return {
    trial: trial.n,
    targets: targets.map((t) => t.target.id),
    layers: graph.ops.map((op, i) => ({
      index: i,
      kind: op.kind,
      output: graph.shapes[outputOf(i)]!,
      kernel: isWindowed(op) ? op.kernel : null,
      stride: isWindowed(op) ? op.stride : null,
      macs: cost.perOp[i]!.macs,
      weightBytes: cost.perOp[i]!.weightBytes,
      latencyShare: totalMs > 0 ? cost.perOp[i]!.latencyMs / totalMs : null,
      ramLiveBytes: live[i + 1]! + cost.perOp[i]!.scratchBytes,
      isPeak: i === map.peak.op,
    })),
    ramMap: map.placements.map((p) => ({
      tensor: p.tensor ?? -1,
      label:
        p.tensor === null
          ? `scratch of ${graph.ops[p.op!]!.kind} ${p.op}`
          : p.tensor === 0
            ? 'input'
            : `${graph.ops[p.tensor - 1]!.kind} ${p.tensor - 1}`,
      offset: p.offset,
      sizeBytes: p.size,
      // the planner's clock starts with the input at 0; operator i runs at i + 1
      first: Math.max(0, p.first - 1),
      last: Math.max(0, p.last - 1),
    })),
    arenaBytes: cost.ramBytes,
    steps: [...trial.steps, ...(polish?.steps ?? [])],
    weightBytes: { ...weightBytes(graph), clustered: clustered(store, polish?.weights ?? trial.weights) },
    ...(test?.confusion ? { confusion: { classes: store.header.data.classes, counts: test.confusion, split: 'test' } } : {}),
    verification: checks.map((c) => `${c.name}: ${c.status} (${c.detail})`),
  }
}

const clustered = (store: StudyStore, address: string | null): number | null =>
  address !== null && store.hasWeights(address) ? clusteredBytes(store.getWeights(address)) : null
