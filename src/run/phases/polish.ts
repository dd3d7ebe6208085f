import type { Trial } from '../../search/trial.ts'
import { decode } from '../../space/decode.ts'
import { taskOf } from '../../task/lookup.ts'
import { errorOf } from '../../task/metric.ts'
import { prunes } from '../../train/network.ts'
import type { Recipe } from '../../train/recipe.ts'
import { trainingWork } from '../../train/work.ts'
import { bytesOf, eitherOf } from '../jobs/blobs.ts'
import { inOrder } from '../jobs/in-order.ts'
import type { PolishLine } from '../record/notes.ts'
import { jobBase, type StudyContext } from './context.ts'
import { ensembleLogits } from './ensemble.ts'
import { polishRecipes } from './polish-length.ts'
import { prunedAgain } from './polish-pruning.ts'
import { asInput, type ReadyTeacher } from './teacher.ts'

export type PolishInput = StudyContext & {
  readonly teacher: ReadyTeacher | undefined
  /** Seconds left for polish; undefined = no bound, one round. */
  readonly secondsLeft: () => number | undefined
}

/** Restarts end here even where time is left: what they earn shrinks from round to round. */
const mostRounds = 10

/**
 * Trains the listed trials longer. Round 0 trains each as the plan says, on from the trial's weights or, with `--prune-rounds`, from an unpruned network
 * that is pruned again. With `--time`, rounds of the same length follow as warm restarts while what is left holds them, taught by the best polished
 * networks together, and what scored better on selection-validation is kept. The search is over, so its validation examples are trained on as well.
 * Lines come in the same order whatever the number of workers: the list's first, then the longest training first.
 */
export async function* polishAll(input: PolishInput, list: readonly number[]): AsyncGenerator<PolishLine> {
  const { store, setup, executor } = input
  const trials = store.trials()
  const members = list.map((n) => trials.find((t) => t.n === n)!)
  const recipes = polishRecipes(store.header.plan, setup.space, trials, members)
  const rounds = store.header.plan.polishTime ? mostRounds : 1
  for (let round = 0; round < rounds; round++) {
    const before = new Map(store.polishes().map((p) => [p.trial, p]))
    const due = members.filter((t) => (round === 0 ? !before.has(t.n) : before.get(t.n)?.round === round - 1))
    if (due.length === 0) continue
    const teacher = round === 0 ? input.teacher : await teacherOfRound(input, list, round)
    const mayBegin = (t: Trial) => {
      const left = input.secondsLeft()
      return left === undefined || left > (round === 0 ? 0 : secondsOf(before.get(t.n)!))
    }
    const train = (t: Trial) => polishOne({ ...input, teacher }, t, recipes.get(t.n)!, round, before.get(t.n))
    // The most accurate network is sure of its turn; then the longest training, so that the workers end together.
    const work = (t: Trial) => trainingWork(decode(setup.space, t.genome).graph) * recipes.get(t.n)!.tuneExamples
    const rank = (t: Trial) => (t.n === list[0] ? Number.NEGATIVE_INFINITY : -work(t))
    yield* inOrder(due, executor.workers, train, { rank, mayBegin })
  }
}

/** After round 0 the polished networks teach each other; a teacher that the person gave goes on teaching. */
async function teacherOfRound(input: PolishInput, list: readonly number[], round: number) {
  const { store, setup, teacher, secondsLeft } = input
  const left = secondsLeft()
  if (teacher?.score === null || taskOf(setup.space.context.task).distillation === null || (left !== undefined && left <= 0))
    return teacher
  const earlier = store.polishes(round).filter((p) => list.includes(p.trial))
  const logits = await ensembleLogits(input, earlier)
  return logits ? { logits, score: null } : teacher
}

/** How long a polish took: training and scoring. */
const secondsOf = ({ steps }: PolishLine): number => steps.reduce((sum, s) => sum + s.milliseconds, 0) / 1000

async function polishOne(input: PolishInput, trial: Trial, recipe: Recipe, round: number, last: PolishLine | undefined) {
  const { store, setup, executor, teacher } = input
  const { graph, unpruned } = decode(setup.space, trial.genome)
  const { pruneRounds } = store.header.config
  const again = round === 0 && pruneRounds > 0 && prunes({ graph, unpruned })
  const net = { graph, unpruned, seed: `${setup.seed}/polish/${trial.n}${round > 0 ? `/${round}` : ''}` }
  const taught = asInput(teacher !== undefined && teaches(teacher, trial) ? teacher : undefined)
  const common = {
    ...jobBase(input),
    network: again ? net : { ...net, unpruned: net.graph },
    recipe: again ? prunedAgain(recipe, { graph, unpruned }, pruneRounds) : recipe,
    split: 'selectionValidation',
    alsoFit: 'searchValidation',
    ...taught.names,
  } as const
  const first = again ? await executor.run<'start'>({ ...common, kind: 'start' }, trial.n, taught.blobs) : undefined
  if (first?.ok === false) return undefined
  const start = first?.output ?? { weights: last?.weights ?? trial.weights!, steps: [] }
  const inputs = eitherOf(taught.blobs, first?.blobs ?? { get: store.weightsFile })
  const done = await executor.run<'finish'>({ ...common, kind: 'finish', start }, trial.n, inputs)
  if (!done.ok) return undefined
  const { int8, float32, steps, weights, tflite } = done.output
  if (last && errorOf(setup.metric, last.int8) < errorOf(setup.metric, int8)) return { ...last, round }
  await store.putWeights(bytesOf(done.blobs, weights))
  return { trial: trial.n, round, int8, float32, steps, weights, tflite }
}

/**
 * The teacher goes on teaching where the person gave it, or where it is clearly better than the trial: one that the study can afford is soon passed
 * by a network in long training, and then holds it back (half a point on Fashion-MNIST after three epochs).
 */
const clearly = 0.02
const teaches = ({ score }: ReadyTeacher, trial: Trial): boolean => score === null || score > trial.score! + clearly
