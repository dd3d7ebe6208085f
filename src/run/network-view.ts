import { clusteredBytes, weightBytes } from '../quant/index.ts'
import { layersOf, type NetworkView } from '../report/index.ts'
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
  const polish = store.polishes().find((p) => p.trial === trial.n)
  const checks = store.verifies().find((v) => v.trial === trial.n)?.checks ?? []
  return {
    trial: trial.n,
    targets: targets.map((t) => t.target.id),
    ...layersOf(graph, targets[0]!.target),
    steps: [...trial.steps, ...(polish?.steps ?? [])],
    weightBytes: { ...weightBytes(graph), clustered: clustered(store, polish?.weights ?? trial.weights) },
    ...(test?.confusion ? { confusion: { classes: store.header.data.classes, counts: test.confusion, split: 'test' } } : {}),
    verification: checks.map((c) => `${c.name}: ${c.status} (${c.detail})`),
  }
}

const clustered = (store: StudyStore, address: string | null): number | null =>
  address !== null && store.hasWeights(address) ? clusteredBytes(store.getWeights(address)) : null
