import type { Graph } from '../../graph/graph.ts'
import { quantise } from '../../quant/quantise.ts'
import { type Shrink, shrinkModel } from '../../quant/shrink.ts'
import { codedBytes, weightBytes } from '../../quant/size.ts'
import { layersOf } from '../../report/layers.ts'
import type { NetworkView } from '../../report/view.ts'
import type { SearchSetup } from '../../search/strategy.ts'
import type { Trial } from '../../search/trial.ts'
import { decode } from '../../space/decode.ts'
import type { TargetOnView } from '../record/header.ts'
import type { PolishLine, TestLine } from '../record/notes.ts'
import type { StudyStore } from '../record/study-store.ts'
import { filesOf } from './files.ts'
import { learningCurve } from './learning-curve.ts'

/** A network layer by layer, priced on the first of `targets`, with its memory map, its making and what verification showed. */
export function networkView(
  store: StudyStore,
  setup: SearchSetup,
  trial: Trial,
  targets: readonly TargetOnView[],
  test: TestLine | undefined,
): NetworkView {
  const { graph } = decode(setup.space, trial.genome)
  const polish = store.polishes().find((p) => p.trial === trial.n)
  const checks = store.verifies().find((v) => v.trial === trial.n)?.checks ?? []
  return {
    trial: trial.n,
    targets: targets.map((t) => t.target.id),
    ...layersOf(graph, targets[0]!.target),
    steps: [...trial.steps, ...(polish?.steps ?? [])],
    weightBytes: { ...weightBytes(graph), ...compressed(store, graph, polish?.weights ?? trial.weights) },
    ...(test?.confusion ? { confusion: { classes: store.header.data.classes, counts: test.confusion, split: 'test' } } : {}),
    verification: checks.map((c) => ({ status: c.status, text: `${c.name}: ${c.status} (${c.detail})` })),
    curve: learningCurve(trial, roundsOf(store, trial.n)),
    files: filesOf(store.folder, trial.n),
  }
}

/** Every round of polish of a trial, in order. */
function roundsOf(store: StudyStore, n: number): readonly PolishLine[] {
  const polishOf = (round?: number) => store.polishes(round).find((p) => p.trial === n)
  const last = polishOf()
  if (last === undefined || (last.round ?? 0) === 0) return last ? [last] : []
  return Array.from({ length: last.round }, (_, i) => polishOf(i + 1))
    .flatMap((p) => p ?? [])
    .concat(last)
}

/** Sizes of the kernels in a compressed image; null where the weights were not kept. */
function compressed(store: StudyStore, graph: Graph, address: string | null) {
  if (address === null || !store.hasWeights(address)) return { coded: null, clustered: null, sparse: null }
  // the integers of kernels do not depend on the ranges of activations
  const unit = graph.shapes.map(() => ({ min: -1, max: 1 }))
  const model = quantise(graph, store.getWeights(address), unit)
  const bytes = (how: Shrink) => codedBytes(shrinkModel(model, how))
  return {
    coded: codedBytes(model),
    clustered: bytes({ clusters: 16, sparsity: 0 }),
    sparse: bytes({ clusters: undefined, sparsity: 0.5 }),
  }
}
