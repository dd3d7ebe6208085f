import { makeBatcher } from '../../data/batches.ts'
import { exampleSize } from '../../data/decoded.ts'
import { BadFile } from '../../data/read/limits.ts'
import { openTree } from '../../data/read/tree.ts'
import { exampleReader, type RawExample } from '../../data/seen-as.ts'
import { elements, inputShape, outputShape } from '../../graph/graph.ts'
import { createEvaluator } from '../../quant/evaluator.ts'
import { quantiseInput } from '../../quant/input.ts'
import type { QuantizedModel } from '../../quant/model.ts'
import { taskOf } from '../../task/lookup.ts'
import { usageError } from '../../util/errors.ts'
import type { StudyData } from '../record/header.ts'
import type { StudyStore } from '../record/study-store.ts'
import { modelOf } from './model-of.ts'
import { pickTrial } from './pick-trial.ts'

/** What an int8 network says of one example: its output bytes, which the board will have as well, and what they mean. */
export type Prediction = {
  readonly source: string
  /** The class with the largest score; null where there are no classes. */
  readonly class: string | null
  /** The score of that class; null where there are no classes. */
  readonly score: number | null
  /** By how much it leads the next class; null where there are no classes. */
  readonly margin: number | null
  /** The outputs, dequantised: scores of the classes, or the numbers that were asked for. */
  readonly values: readonly number[]
  /** The outputs as the board computes them. */
  readonly integers: readonly number[]
}

export type Predicted = {
  readonly trial: number
  readonly predictions: readonly Prediction[]
  /** Files of a folder that could not be read. */
  readonly unreadable: readonly { readonly file: string; readonly reason: string }[]
}

/** Examples to predict: files, folders and archives, or values as the data set would hold them (H, W, C order, before normalisation). */
export type Asked = { readonly files: readonly string[] } | { readonly inputs: readonly ArrayLike<number>[] }

/** Runs the int8 network of a trial (without one, the recommended) over examples that the study never saw. */
export async function predictTrial(
  store: StudyStore,
  trial: string | undefined,
  asked: Asked,
  resultsDir: string,
): Promise<Predicted> {
  const n = pickTrial(store, trial)
  const { data } = store.header
  const model = await modelOf(store, n, resultsDir)
  if ('inputs' in asked) return { trial: n, predictions: predictAll(model, data, asked.inputs.map(given(data))), unreadable: [] }
  const { examples, unreadable } = await readAll(data, asked.files)
  return { trial: n, predictions: predictAll(model, data, examples), unreadable }
}

const given =
  ({ shape }: StudyData) =>
  (values: ArrayLike<number>, i: number): RawExample => {
    if (values.length !== exampleSize(shape))
      throw usageError(`input ${i} has ${values.length} values`, `the network sees ${shape.join(' x ')} of them`)
    return { source: `input ${i}`, values: Float32Array.from(values) }
  }

async function readAll(data: StudyData, paths: readonly string[]) {
  const reader = exampleReader(data)
  const examples: RawExample[] = []
  const unreadable: { file: string; reason: string }[] = []
  for (const path of paths) {
    const { root, files } = openTree(path)
    const single = files.length === 1 && root.endsWith(files[0]!.path)
    const wanted = single ? files : files.filter((file) => reader.files.test(file.path))
    if (wanted.length === 0)
      throw usageError(`${path}: no file of the kind that this study saw`, `name ${data.kind} files (${reader.files.source})`)
    for (const file of wanted)
      try {
        const found = await reader.read(file)
        examples.push(
          ...found.map(({ source, values }) => ({
            source: single ? source.replace(file.path, path) : `${path.replace(/\/$/, '')}/${source}`,
            values,
          })),
        )
      } catch (cause) {
        if (!(cause instanceof BadFile || (cause as NodeJS.ErrnoException).syscall)) throw cause
        if (single) throw usageError(`${path}: ${(cause as Error).message}`, 'check the file', cause)
        unreadable.push({ file: file.path, reason: (cause as Error).message })
      }
  }
  return { examples, unreadable }
}

/** The road of the data set's own examples: brought to the network's input, normalised, quantised, run in TFLite-Micro's rounding. */
export function predictAll(model: QuantizedModel, data: StudyData, examples: readonly RawExample[]): Prediction[] {
  const dataset = datasetOf(data, examples)
  const shape = inputShape(model.graph)
  const inputs = new Float32Array(examples.length * elements(shape))
  const all = Int32Array.from(examples.keys())
  makeBatcher(dataset, all, shape, { seed: '', augment: 0 }).gather(0, examples.length, inputs)
  const evaluator = createEvaluator(model, 'tflm')
  const outputs = elements(outputShape(model.graph))
  try {
    const integers = evaluator.run(quantiseInput(inputs, model.tensors[0]!), examples.length)
    return examples.map(({ source }, i) => said(model, data, source, integers.subarray(i * outputs, (i + 1) * outputs)))
  } finally {
    evaluator.dispose()
  }
}

function datasetOf(data: StudyData, examples: readonly RawExample[]) {
  const size = exampleSize(data.shape)
  const bytes = examples.every(({ values }) => values instanceof Uint8Array)
  const samples = bytes ? new Uint8Array(examples.length * size) : new Float32Array(examples.length * size)
  examples.forEach(({ values }, i) => {
    samples.set(values, i * size)
  })
  const width = data.labelWidth ?? 1
  const none = new Int32Array(0)
  return {
    ...data,
    samples,
    labels: { values: new Float32Array(examples.length * width), width },
    splits: { train: none, calibration: none, searchValidation: none, selectionValidation: none, test: none },
  }
}

function said(model: QuantizedModel, { task, classes }: StudyData, source: string, bytes: Int8Array): Prediction {
  const { scale, zeroPoint } = model.tensors.at(-1)!
  const integers = [...bytes]
  const values = integers.map((q) => (q - zeroPoint) * scale)
  if (!taskOf(task).classOf) return { source, class: null, score: null, margin: null, values, integers }
  // ties go to the lower class, as TFLite's examples do
  const [best, next] = values.map((score, k) => ({ score, k })).sort((a, b) => b.score - a.score || a.k - b.k)
  return {
    source,
    class: classes[best!.k] ?? String(best!.k),
    score: best!.score,
    margin: best!.score - (next?.score ?? 0),
    values,
    integers,
  }
}
