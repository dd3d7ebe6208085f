import { runtimesOn } from '../../device/load.ts'
import { price } from '../../device/predict.ts'
import type { Target } from '../../device/schema.ts'
import { compareRuntimes, type RuntimePrice } from '../../report/runtimes.ts'
import { decode } from '../../space/decode.ts'
import type { TargetOnView } from '../record/header.ts'
import { setupOf } from '../record/setup.ts'
import type { StudyStore } from '../record/study-store.ts'

/** What a trial's network costs on a board with the runtime that it was priced for, with TFLite-Micro and with our C: each that runs there. */
export function runtimePrices(store: StudyStore, { target, spec }: TargetOnView, n: number): readonly RuntimePrice[] {
  const { graph } = decode(setupOf(store.header).space, store.trials()[n]!.genome)
  // the study's own coefficients for its own runtime, and the best kernels of TFLite-Micro that the core has
  const others = runtimesOn(target.device).filter(({ runtime }) => runtime.id !== target.runtime.id)
  const isTflm = ({ runtime }: Target) => runtime.id.startsWith('tflm-')
  const tflm = isTflm(target) ? [] : others.filter(isTflm)
  const own = others.filter(({ runtime }) => runtime.id === 'tinyfront-c')
  const quick = tflm.find(({ runtime }) => runtime.id !== 'tflm-reference') ?? tflm[0]
  const all = [target, ...(quick ? [quick] : []), ...own]
  return compareRuntimes(
    all.map((t) => ({ runtime: t.runtime.id, title: t.runtime.name, cost: price(graph, t) })),
    spec.budget,
  )
}
