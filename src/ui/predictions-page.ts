import type { Dataset } from '../data/dataset.ts'
import { exampleSize } from '../data/decoded.ts'
import type { SplitPredictions } from '../run/after/predictions.ts'
import { taskOf } from '../task/lookup.ts'
import { argMax } from '../task/predictions.ts'
import { roc } from '../task/roc.ts'
import type { ExamplePicture, Mistake, PredictionsPage, RocCurve } from './wire.ts'

/** Of each cell of the confusion matrix so many examples are told, the surest mistakes first. */
const mistakesTold = 24
/** Points of a curve or a cloud that are told: more cannot be seen. */
const pointsTold = 600
const curveTold = 120

export function predictionsPage(dataset: Dataset, { split, indices, labels, predictions }: SplitPredictions): PredictionsPage {
  const { classes } = dataset
  const confusion = taskOf(dataset.task).confusion(predictions, labels)
  const isClassed = confusion !== null
  return {
    split: split === 'searchValidation' ? 'search-validation' : split,
    examples: predictions.count,
    classes,
    confusion,
    mistakes: isClassed ? mistakesOf() : [],
    roc: isClassed ? curves() : [],
    points: isClassed ? null : cloud(),
  }

  function mistakesOf(): Mistake[] {
    const all: Mistake[] = []
    for (let i = 0; i < predictions.count; i++) {
      const [truth, guess] = [labels.values[i]!, argMax(predictions, i)]
      if (truth !== guess)
        all.push({ example: indices[i]!, truth, guess, confidence: predictions.scores[i * predictions.outputs + guess]! })
    }
    all.sort((a, b) => b.confidence - a.confidence || a.example - b.example)
    const seen = new Map<string, number>()
    return all.filter(({ truth, guess }) => {
      const key = `${truth}/${guess}`
      const before = seen.get(key) ?? 0
      seen.set(key, before + 1)
      return before < mistakesTold
    })
  }

  /** Each class against all others. */
  function curves(): RocCurve[] {
    return classes.flatMap((name, c) => {
      const scores = Float32Array.from({ length: predictions.count }, (_, i) => predictions.scores[i * predictions.outputs + c]!)
      const curve = roc(scores, (i) => labels.values[i] === c)
      return curve ? [{ name, area: curve.area, points: thinned(curve.points, curveTold) }] : []
    })
  }

  function cloud() {
    const all = Array.from({ length: predictions.count * predictions.outputs }, (_, k) => ({
      example: indices[Math.floor(k / predictions.outputs)]!,
      truth: labels.values[k]!,
      guess: predictions.scores[k]!,
    }))
    return thinned(all, pointsTold)
  }
}

/** At most `n`, evenly, the first and the last among them. */
const thinned = <T>(items: readonly T[], n: number): T[] =>
  items.length <= n ? [...items] : Array.from({ length: n }, (_, i) => items[Math.round((i * (items.length - 1)) / (n - 1))]!)

/** Values of an example that are told. */
const valuesTold = 40_000

/** One example as it lies in the data set; large ones are thinned, pictures in both directions. */
export function examplePicture({ kind, shape, samples }: Dataset, example: number): ExamplePicture {
  const [h, w, c] = shape
  const size = exampleSize(shape)
  const excess = Math.max(1, size / valuesTold)
  const stepX = w > 1 ? Math.ceil(Math.sqrt(excess)) : 1
  const stepY = w > 1 ? stepX : Math.ceil(excess)
  const [rows, columns] = [Math.ceil(h / stepY), Math.ceil(w / stepX)]
  const values: number[] = []
  for (let y = 0; y < h; y += stepY)
    for (let x = 0; x < w; x += stepX)
      for (let k = 0; k < c; k++) values.push(Math.round(samples[example * size + (y * w + x) * c + k]! * 1000) / 1000)
  return { example, kind, shape: [rows, columns, c], values }
}
