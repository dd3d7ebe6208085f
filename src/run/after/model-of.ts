import { existsSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import type { ExportMeta } from '../../export/meta.ts'
import { readTflite } from '../../export/tflite-read.ts'
import type { QuantizedModel } from '../../quant/model.ts'
import { decode } from '../../space/decode.ts'
import { postTrainingQuantise } from '../../train/post-training.ts'
import { wasmEngine } from '../../train/wasm/engine.ts'
import { withTrainer } from '../../train/with-trainer.ts'
import { usageError } from '../../util/errors.ts'
import { openData } from '../record/prepare.ts'
import { setupOf } from '../record/setup.ts'
import type { StudyStore } from '../record/study-store.ts'

/**
 * The int8 network of a trial: the file that polish wrote, read again; for a trial that was not polished, quantised from its kept weights once more
 * (that needs the data, for calibration).
 */
export async function modelOf(store: StudyStore, n: number, resultsDir: string): Promise<QuantizedModel> {
  if (existsSync(store.modelPath(n))) return readTflite(store.readModel(n), store.modelPath(n)).model
  const trial = store.trials()[n]!
  if (store.header.config.engine === 'fake')
    throw usageError(
      `${store.study.name} was searched with --engine fake: nothing was trained, so no network has weights`,
      'search with --engine wasm, the default',
    )
  if (!trial.weights)
    throw usageError(
      `trial ${n} of ${store.study.name} has no weights (${trial.state})`,
      'choose a trained one: tinyfront front lists them',
    )
  const { config, plan } = store.header
  const dataset = await openData(config, resultsDir)
  const { graph } = decode(setupOf(store.header).space, trial.genome)
  const engine = wasmEngine({ fastMath: config.fastMath })
  const context = { dataset, engine, metric: config.metric, recipe: plan.trial.recipe, clock: () => performance.now() }
  const polished = store.polishes().find((p) => p.trial === n)
  const weights = store.getWeights(polished?.weights ?? trial.weights)
  return withTrainer(context, graph, '', (trainer) => {
    trainer.load(weights)
    return postTrainingQuantise(context, graph, trainer, weights)
  })
}

/** What firmware must know beside the network. */
export const metaOf = (store: StudyStore, n: number): ExportMeta => ({
  name: `${store.study.name}-${n}`,
  labels: store.header.data.classes,
  normalisation: store.header.data.normalisation,
  frontEnd: store.header.data.frontEnd,
})
