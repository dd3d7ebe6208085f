import { performance } from 'node:perf_hooks'
import { type Dataset, splitNames } from '../../data/dataset.ts'
import { readTflite } from '../../export/tflite-read.ts'
import type { Suspect, SuspectsOf } from '../../report/examples/suspects.ts'
import { outputsOf, taskOf } from '../../task/lookup.ts'
import { predictInt8 } from '../../train/evaluate.ts'
import { wasmEngine } from '../../train/wasm/engine.ts'
import { usageError } from '../../util/errors.ts'
import { ownTeacherOf } from '../phases/own-teacher.ts'
import { setupOf } from '../record/setup.ts'
import type { StudyStore } from '../record/study-store.ts'

/** Suspects on a page. */
const mostListed = 60

/**
 * Examples whose labels the networks of a study doubt, worst first. Its polished networks are asked about every example, and its teacher about those it was asked in the study;
 * what they say is averaged. Of classes the doubt is by how much they prefer another one, of numbers how far off the label is.
 */
export function suspectsOf(store: StudyStore, dataset: Dataset): SuspectsOf {
  const { config, plan, data } = store.header
  const study = store.study.name
  if (data.fingerprint !== dataset.fingerprint)
    throw usageError(
      `study ${study} was made of other data (fingerprint ${data.fingerprint}, and here ${dataset.fingerprint})`,
      'name the data of the study, or leave the path out',
    )
  const polished = store.polishes()
  if (polished.length === 0)
    throw usageError(
      `study ${study} has no polished network to ask${config.engine === 'fake' ? ': --engine fake trains nothing' : ''}`,
      `go on with tinyfront resume ${study}, or leave --study out`,
    )
  const everyone = Int32Array.from({ length: dataset.labels.values.length / dataset.labels.width }, (_, i) => i)
  const context = {
    dataset,
    engine: wasmEngine(),
    metric: config.metric,
    recipe: plan.polish.recipe,
    clock: () => performance.now(),
  }
  const outputs = outputsOf(dataset)
  const sums = new Float64Array(everyone.length * outputs)
  const voices = new Int32Array(everyone.length)
  const hear = (example: number, answer: ArrayLike<number>, at: number) => {
    voices[example]!++
    for (let k = 0; k < outputs; k++) sums[example * outputs + k]! += answer[at + k]!
  }
  for (const { trial } of polished) {
    const { model } = readTflite(store.readModel(trial), store.modelPath(trial))
    const { scores } = predictInt8(context, model, everyone)
    for (const i of everyone) hear(i, scores, i * outputs)
  }
  const teacher = taskOf(dataset.task).classOf && hearTeacher(store, dataset, hear)
  const asked = `${polished.length === 1 ? 'The network' : `${polished.length} networks`}${teacher ? ' and the teacher' : ''}`
  const doubts = everyoneWithSplit(dataset, everyone).flatMap((i) => {
    const said = Array.from({ length: outputs }, (_, k) => sums[i * outputs + k]! / voices[i]!)
    return doubt(dataset, i, said) ?? []
  })
  const listed = doubts.sort((a, b) => b.by - a.by || a.example - b.example)
  return { study, asked, listed: listed.slice(0, mostListed), total: listed.length }
}

/** The teacher's softmax for train and search-validation, where the study trained one of its own and keeps its answers. */
function hearTeacher(
  store: StudyStore,
  dataset: Dataset,
  hear: (example: number, answer: ArrayLike<number>, at: number) => void,
): boolean {
  if (store.header.config.teacher !== 'auto') return false
  const { cached } = ownTeacherOf({ store, dataset, setup: setupOf(store.header) })
  if (!cached) return false
  const outputs = outputsOf(dataset)
  const { train, searchValidation } = dataset.splits
  const shown = [...train, ...searchValidation]
  shown.forEach((example, row) => {
    const logits = cached.logits.subarray(row * outputs, (row + 1) * outputs)
    const top = logits.reduce((a, b) => Math.max(a, b))
    const parts = Array.from(logits, (x) => Math.exp(x - top))
    const total = parts.reduce((a, b) => a + b, 0)
    hear(
      example,
      parts.map((x) => x / total),
      0,
    )
  })
  return true
}

/** Examples that a list leaves out of all splits are nobody's concern. */
function everyoneWithSplit({ splits }: Dataset, everyone: Int32Array): number[] {
  const used = new Set(splitNames.flatMap((s) => [...splits[s]]))
  return [...everyone].filter((i) => used.has(i))
}

function doubt(
  { labels, classes, task }: Dataset,
  example: number,
  said: readonly number[],
): (Suspect & { by: number }) | undefined {
  const { classOf } = taskOf(task)
  if (classOf) {
    const label = classOf(labels, example)
    const best = said.indexOf(Math.max(...said))
    if (best === label) return undefined
    const likely = { said: said[best]!, label: said[label]! }
    return { example, says: classes[best]!, likely, by: likely.said - likely.label }
  }
  const off = said.map((x, k) => Math.abs(x - labels.values[example * labels.width + k]!))
  return { example, says: said.map((x) => String(Number(x.toPrecision(4)))).join(', '), likely: null, by: Math.max(...off) }
}
